"""docs/architecture.md names files that are there, and the engine's floors as they are."""

from __future__ import annotations

import re

import pytest

from tools import project

PAGE = (project.ROOT / "docs/architecture.md").read_text("utf-8")
PACKAGE = project.ROOT / "src" / "aiomilvus"
NAMED = sorted(set(re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", PAGE)))


@pytest.mark.parametrize("name", NAMED)
def test_a_file_or_folder_that_is_named_exists(name: str) -> None:
    homes = (
        PACKAGE,
        PACKAGE / "engine",
        PACKAGE / "engine/query",
        PACKAGE / "engine/operations",
        PACKAGE / "server",
        project.ROOT,
    )
    assert any((home / name).exists() for home in homes)


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_the_engines_floors_are_those_that_lint_holds() -> None:
    contracts = project.settings()["tool"]["importlinter"]["contracts"]
    floors = next(
        each["layers"] for each in contracts if each["containers"] == ["aiomilvus.engine"]
    )
    held = {name: at for at, floor in enumerate(floors) for name in re.findall(r"\w+", floor)}
    rows = re.findall(r"^\| (`.*?) \|", section("The engine's floors"), re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`(\w+)(?:\.py|/)`", row)]
    assert sorted(told) == sorted(held)
    assert [held[name] for name in told] == sorted(held.values())


def test_each_question_is_answered_within_five_files() -> None:
    questions = re.split(
        r"^\*\*", section("Questions, and the files that answer them"), flags=re.MULTILINE
    )
    assert len(questions) == 8
    for question in questions[1:]:
        steps = re.findall(r"^\d\. ", question, re.MULTILINE)
        assert 3 <= len(steps) <= 5, question.splitlines()[0]
