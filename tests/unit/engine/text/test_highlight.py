"""Marks in texts: where matches are, by character, and how fragments are cut around them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.highlight import Style, fragments, matches, query_of

TEXT = "The quick brown fox jumps over the lazy dog, and the dogs bark."


def marked(text: str, *queries: str, params: Any = None, phrase: bool = False) -> list[str]:
    analyzer = build_analyzer(params)
    made = [query_of(analyzer, query, phrase=phrase) for query in queries]
    return [text[start:end] for start, end in matches(analyzer, text, made)]


def test_a_match_right_behind_a_fragment_is_part_of_it():
    style = Style(("<",), (">",), fragment_size=2)
    # "ab" fills the fragment, "cd" begins where it ends; "ef" is beyond it.
    assert fragments("ab cd ef", [(0, 3), (3, 5)], style) == ["<ab ><cd>"]
    assert fragments("abcd ef", [(0, 2), (2, 4), (5, 7)], style) == ["<ab><cd>", "<ef>"]


def test_every_word_of_a_query_is_found_as_it_stands_in_the_text() -> None:
    assert marked(TEXT, "THE fox") == ["The", "fox", "the", "the"]
    assert marked(TEXT, "dog", params={"type": "english"}) == ["dog", "dogs"]
    assert marked("Crème brûlée", "creme", params={
        "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]
    }) == ["Crème"]  # fmt: skip


def test_chinese_words_are_marked_by_character() -> None:
    text = "向量数据库适合语义搜索，数据库也可以全文搜索。"
    assert marked(text, "数据库", params={"type": "chinese"}) == ["数据库", "数据库"]
    spans = matches(
        build_analyzer({"type": "chinese"}),
        "😀 数据库",
        [query_of(build_analyzer({"type": "chinese"}), "数据库")],
    )
    assert spans == [(2, 5)]


def test_a_phrase_is_marked_only_where_its_words_follow_each_other() -> None:
    text = "lazy fox, quick fox, the quick brown fox"
    assert marked(text, "quick fox", phrase=True) == ["quick", "fox"]
    assert marked(text, "fox quick", phrase=True) == ["fox", "quick"]
    assert marked(text, "brown quick", phrase=True) == []
    assert marked(text, "", phrase=True) == []


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Style(), ["{fox} jumps over the lazy {dog}"]),
        (Style(fragment_size=10), ["{fox} jumps ", "{dog}"]),
        (Style(fragment_size=10, num_of_fragments=1), ["{fox} jumps "]),
        (Style(fragment_size=10, fragment_offset=4), ["own {fox} ju", "azy {dog}"]),
        (Style(fragment_size=1), ["{fox}", "{dog}"]),
        (Style(num_of_fragments=0), []),
    ],
)
def test_fragments_start_at_matches_and_take_in_what_is_near(
    style: Style, expected: list[str]
) -> None:
    text = "brown fox jumps over the lazy dog"
    analyzer = build_analyzer(None)
    spans = matches(analyzer, text, [query_of(analyzer, "fox dog")])
    style = style._replace(pre_tags=("{",), post_tags=("}",))
    assert fragments(text, spans, style) == expected


def test_tags_take_turns_within_a_fragment() -> None:
    style = Style(pre_tags=("<a>", "<b>"), post_tags=("</a>", "</b>"))
    assert fragments("x y z", [(0, 1), (2, 3), (4, 5)], style) == ["<a>x</a> <b>y</b> <a>z</a>"]


@given(
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5)), max_size=6),
    st.integers(1, 30),
    st.integers(0, 10),
)
def test_without_tags_fragments_are_pieces_of_the_text_that_hold_the_matches(
    text: str, places: list[tuple[int, int]], size: int, offset: int
) -> None:
    spans, at = [], 0
    for start, length in sorted(places):
        if start >= at and start + length <= len(text):
            spans.append((start, start + length))
            at = start + length
    style = Style(("",), ("",), size, offset, 100)
    found = fragments(text, spans, style)
    assert all(piece in text for piece in found)
    tagged = fragments(text, spans, style._replace(pre_tags=("\0",), post_tags=("",)))
    marks = sum(piece.count("\0") for piece in tagged) - sum(piece.count("\0") for piece in found)
    assert marks == len(spans)
