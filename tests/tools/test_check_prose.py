"""tools/check_prose.py: which words are refused, where, and what is left alone."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tools import check_prose

if TYPE_CHECKING:
    from pathlib import Path


def words(text: str) -> list[str]:
    return [found.words for found in check_prose.findings(text)]


@pytest.mark.parametrize(
    "text", ["a dear search", "Lest it fails", "made anew.", "it needs not be"]
)
def test_an_archaic_word_is_found(text: str):
    assert len(words(text)) == 1


@pytest.mark.parametrize(
    "text",
    ["dearly", "the fence", "wholesale", "a renewal", "nothing but Python", "celeste", "fortnight"],
)
def test_ordinary_words_are_left_alone(text: str):
    assert words(text) == []


def test_a_phrase_broken_over_lines_of_a_comment_is_found_on_its_first_line():
    found = list(check_prose.findings("x\n# fails for want\n# of memory\n"))
    assert [(each.line, each.words) for each in found] == [(2, "for want of")]


def test_every_refused_word_has_something_to_write_instead():
    for word, instead in check_prose.REPLACEMENTS.items():
        assert instead.strip()
        assert next(check_prose.findings(word.replace("?", ""))).instead == instead


def test_a_tracked_file_is_complained_about_with_its_line(tmp_path: Path):
    (tmp_path / "a.md").write_text("plain\nthe dearest\n")
    (tmp_path / "b.bin").write_bytes(b"anew\0")
    (tmp_path / "c.md").write_text("anew, but untracked\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "a.md", "b.bin"], cwd=tmp_path, check=True)
    found = [line for line in check_prose.complaints(tmp_path) if "to exempt" not in line]
    assert found == ['a.md:2: "dearest": write most expensive']


def test_an_exemption_that_exempts_no_file_is_refused(tmp_path: Path):
    (tmp_path / "a.md").write_text("plain\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "a.md"], cwd=tmp_path, check=True)
    assert len(check_prose.complaints(tmp_path)) == len(check_prose.EXEMPT)


def test_the_repository_passes():
    assert check_prose.complaints() == []
