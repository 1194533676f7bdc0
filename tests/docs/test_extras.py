"""docs/install.md lists the extras that users may install, and says what `all` leaves out."""

from __future__ import annotations

import re
from pathlib import Path

from tools import project

PAGE = Path(__file__).parents[2] / "docs" / "install.md"
OURS = {"bench", "bench-server", "docs", "examples", "lint", "test"}
"""Extras for those who work on the project."""


def rows() -> list[tuple[list[str], str]]:
    """Return the extras that each row of the page's table names, and what it says of them."""
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition("| extra |")[2].partition("\n\n")[0]
    cells = [line.strip("|").split("|", 1) for line in table.splitlines()[2:]]
    return [(re.findall(r"`([\w-]+)`", names), told) for names, told in cells]


def test_every_extra_is_on_the_page_and_no_other() -> None:
    extras = project.settings()["project"]["optional-dependencies"].keys()
    assert {name for names, _ in rows() for name in names} == extras - OURS


def test_the_page_says_what_the_extra_all_leaves_out() -> None:
    extras = project.settings()["project"]["optional-dependencies"]
    [brought] = extras["all"]
    inside = set(re.findall(r"[\w-]+", brought.partition("[")[2]))
    [told] = [told for names, told in rows() if names == ["all"]]
    left_out = set(re.findall(r"`([\w-]+)`", told))
    assert left_out == extras.keys() - OURS - inside - {"all"}
