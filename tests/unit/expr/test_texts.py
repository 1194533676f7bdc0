"""Comparing and sorting columns of texts, against Python's own bytes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from aiomilvus.expr import texts
from aiomilvus.model.columns import BytesColumn

SHORT = [
    b"", b"a", b"\0", b"a\0", b"a\0\0", b"b", b"ab", b"\xff", b"abcdefgh", b"abcdefgh\0",
    b"abcdefghi", b"abcdefgg", b"abcdefg", b"abcdefghabcdefgh", b"abcdefghabcdefgi",
]  # fmt: skip


def made(seed: int) -> list[bytes]:
    """Texts of all sizes, many of them the same for some words."""
    rng = np.random.default_rng(seed)
    long = bytes(rng.integers(0, 256, 600, np.uint8))
    heads = [b"", b"abcdefgh", b"abcdefghijklmnop", b"\0" * 9, long]
    tails = [bytes(rng.integers(0, 3, n, np.uint8)) for n in rng.integers(0, 12, 30)]
    return [heads[rng.integers(len(heads))] + tails[rng.integers(len(tails))] for _ in range(200)]


def column(values: list[bytes]) -> BytesColumn:
    """A column that is a slice: its offsets do not begin at 0, nor end with its data."""
    return BytesColumn.of([b"before", *values, b"after"]).slice(1, len(values) + 1)


@pytest.fixture(params=["short", "empty", "one", 0, 1, 2])
def values(request: pytest.FixtureRequest) -> list[bytes]:
    fixed = {"short": SHORT, "empty": [], "one": [b"x"]}
    return fixed[request.param] if request.param in fixed else made(request.param)


def sign(a: bytes, b: bytes) -> int:
    return (a > b) - (a < b)


def test_texts_are_ordered_as_their_bytes(values: list[bytes]) -> None:
    for text in [*SHORT, *values[:5]]:
        assert texts.order_to(column(values), text).tolist() == [sign(v, text) for v in values]
        assert texts.equal_to(column(values), text).tolist() == [v == text for v in values]
        assert texts.starts_with(column(values), text).tolist() == [
            value.startswith(text) for value in values
        ]
        assert texts.ends_with(column(values), text).tolist() == [
            value.endswith(text) for value in values
        ]


def test_pairs_are_ordered_as_their_bytes(values: list[bytes]) -> None:
    others = values[1:] + values[:1]
    found = texts.order_between(column(values), column(others))
    assert found.tolist() == [sign(a, b) for a, b in zip(values, others, strict=True)]


@pytest.mark.parametrize("count", [0, 1, 8, 9, 60])
def test_what_is_among_candidates_is_told(values: list[bytes], count: int) -> None:
    candidates = (SHORT + values[::2] + values[::2])[:count]
    found = texts.among(column(values), candidates)
    assert found.tolist() == [value in candidates for value in values]


def test_candidates_of_the_same_code_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_codes", lambda values: np.zeros(len(values), np.uint64))
    wanted = SHORT[:10]
    assert texts.among(column(SHORT), wanted).tolist() == [value in wanted for value in SHORT]


@pytest.mark.parametrize("rounds", [0, 1, 64])
def test_sorting_keeps_the_order_of_rows_within_a_text(
    values: list[bytes], rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "_ROUNDS", rounds)
    order, changes = texts.sort_order(column(values))
    wanted = sorted(range(len(values)), key=values.__getitem__)
    assert order.tolist() == wanted
    assert changes.tolist() == [values[a] != values[b] for a, b in pairwise(wanted)]
