"""docs/properties.md and the engine know the same properties, and agree on which do nothing."""

from __future__ import annotations

import re
from pathlib import Path

from aiomilvus.engine.properties import EFFECTIVE, EFFECTLESS

PAGE = Path(__file__).parents[2] / "docs" / "properties.md"


def rows() -> list[tuple[list[str], str]]:
    """Return each table row's properties, and what it says of their effect."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].startswith("`"):
            found.append((re.findall(r"`([^`]+)`", cells[0]), cells[2]))
    return found


def test_every_property_is_on_the_page_and_no_other() -> None:
    listed = {name for names, _ in rows() for name in names}
    assert listed == EFFECTIVE | EFFECTLESS


def test_the_page_says_of_each_property_whether_it_does_anything() -> None:
    stored = {name for names, effect in rows() if effect.startswith("stored") for name in names}
    assert stored == EFFECTLESS
    assert not EFFECTIVE & EFFECTLESS
