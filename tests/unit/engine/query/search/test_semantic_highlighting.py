"""Sentences of a text: what a semantic highlighter scores and marks."""

from __future__ import annotations

import pytest

from aiomilvus.engine.query.search.semantic_highlighting import _sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        (" \n. !? ", []),
        ("One.", ["One."]),
        (" One. Two?! \n\n three ", ["One.", "Two?!", "three"]),
        ("3.14 is pi! v1.2.3 is out.", ["3.14 is pi!", "v1.2.3 is out."]),
        ("Wait... what?No!", ["Wait...", "what?", "No!"]),
        ("海は青い。空も！", ["海は青い。", "空も！"]),
        ("no end", ["no end"]),
    ],
)
def test_a_text_is_parted_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert [text[first:last] for first, last in _sentences(text)] == sentences


@pytest.mark.timeout(20)
@pytest.mark.parametrize("run", [" ", "\n", ".", "!", "a", "a.", ". "])
def test_long_runs_of_anything_take_no_longer_than_they_are_long(run: str) -> None:
    text = f"a.{run * 100_000}b"
    assert text.startswith("a.")
    assert text[slice(*_sentences(text)[-1])].endswith("b")
