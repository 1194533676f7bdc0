"""What may not get into the repository: big files, unfinished marks, traces of one machine."""

from __future__ import annotations

import re

import pytest

from tools import project

ROOT = project.ROOT
MAX_BYTES = 1_000_000

# The corpus is other people's text; the patterns below are not about it.
DATA = "examples/data/"

# Written in pieces, so that this file passes its own test.
UNFINISHED = re.compile(
    r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]) + r")\b"
)
MACHINE = re.compile(
    "|".join(
        [
            r"/" + r"work/(main|shared|scratch|\.)",
            r"/" + r"(root|home/\w+|Users/\w+)/",
            r"py" + r"pi\.org|pythonhosted\.org|npm" + r"js\.org|deb\.deb" + r"ian\.org",
            r"index" + r"-url",
        ]
    )
)


@pytest.fixture(scope="module")
def files() -> list[str]:
    names = project.tracked_files()
    if not names:
        pytest.skip("not a git checkout: an unpacked archive holds only what was tracked")
    return names


def lines_that_match(files: list[str], pattern: re.Pattern[str]) -> list[str]:
    found = []
    for name in files:
        content = (ROOT / name).read_bytes()
        if b"\0" in content or name.startswith(DATA):
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def test_no_file_is_larger_than_a_megabyte(files: list[str]) -> None:
    sizes = {name: (ROOT / name).stat().st_size for name in files}
    assert {name: size for name, size in sizes.items() if size > MAX_BYTES} == {}


def test_nothing_is_marked_unfinished(files: list[str]) -> None:
    assert lines_that_match(files, UNFINISHED) == []


def test_nothing_tells_of_one_machine(files: list[str]) -> None:
    assert lines_that_match(files, MACHINE) == []


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("# TO" + "DO: later", UNFINISHED),
        ("x = 1  # FIX" + "ME", UNFINISHED),
        ("cd /" + "work/main", MACHINE),
        ("/" + "root/.cache", MACHINE),
        ("--extra-index" + "-url x", MACHINE),
    ],
)
def test_the_patterns_find_what_they_are_for(line: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(line)


@pytest.mark.parametrize("line", ["mastodon", "a framework/main", "the root/leaf", "hacked"])
def test_the_patterns_leave_ordinary_words_alone(line: str) -> None:
    assert not UNFINISHED.search(line)
    assert not MACHINE.search(line)
