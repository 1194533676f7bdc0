"""Terms within a few edits, against distances worked out pair by pair."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.fuzzy import TermsByLength
from aiomilvus.engine.text.growing_match import GrowingTextIndex
from aiomilvus.model.columns import BytesColumn

TERM = st.text("abcé中😀", min_size=1, max_size=7)


def distance(one: str, other: str) -> int:
    @cache
    def of(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        steps = [
            of(i - 1, j) + 1,
            of(i, j - 1) + 1,
            of(i - 1, j - 1) + (one[i - 1] != other[j - 1]),
        ]
        if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
            steps.append(of(i - 2, j - 2) + 1)
        return min(steps)

    return of(len(one), len(other))


def terms_of(terms: list[str]) -> TermsByLength:
    column = BytesColumn.of([term.encode() for term in terms])
    return TermsByLength(np.asarray(column.offsets, np.int64), column.data)


@given(st.lists(TERM, max_size=12), TERM, st.integers(0, 2))
def test_all_terms_within_the_edits_are_found_and_no_others(
    terms: list[str], wanted: str, edits: int
) -> None:
    expected = [at for at, term in enumerate(terms) if distance(wanted, term) <= edits]
    assert sorted(terms_of(terms).within(wanted, edits).tolist()) == expected


@pytest.mark.parametrize(
    ("wanted", "edits", "expected"),
    [
        ("alergy", 1, ["allergy"]),
        ("apple", 0, ["apple"]),
        ("aple", 1, ["apple"]),
        ("paple", 1, ["apple"]),
        ("aplep", 1, []),
        ("aplep", 2, ["apple"]),
        ("b", 1, ["b"]),
    ],
)
def test_swapped_neighbours_are_one_edit(wanted: str, edits: int, expected: list[str]) -> None:
    terms = ["allergy", "apple", "b", "milvus"]
    found = terms_of(terms).within(wanted, edits).tolist()
    assert [terms[at] for at in found] == expected


def test_rows_that_come_later_are_found_too() -> None:
    texts = ["An allergy to apples", "nothing", "", "red apple", "milvus"]
    index = GrowingTextIndex(build_analyzer(None))
    first = BytesColumn.of([text.encode() for text in texts[:2]])
    assert index.view_of(first).fuzzy(["alergy"], 1).tolist() == [True, False]
    column = BytesColumn.of([text.encode() for text in texts])
    view = index.view_of(column)
    assert view.fuzzy(["alergy", "aple"], 1).tolist() == [True, False, False, True, False]
    assert view.fuzzy(["aples"], 1).tolist() == [True, False, False, False, False]
    assert view.fuzzy(["aples"], 0).tolist() == [False] * 5
    assert view.fuzzy([], 2).tolist() == [False] * 5
