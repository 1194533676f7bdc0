"""From a key to its newest row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.segment.key_index import (
    KeyIndex,
    TextKeyIndex,
    key_arrays,
    open_keys,
    sort_order,
)
from aiomilvus.model.columns import BytesColumn, FixedColumn
from tests.support.batches import keys

INTS = st.one_of(st.integers(-3, 3), st.sampled_from([-(2**63), 2**63 - 1]))
TEXTS = st.text("aß\U0001f600", max_size=3)


def newest(stored, wanted):
    return [max((i for i, k in enumerate(stored) if k == key), default=-1) for key in wanted]


def holders(stored, wanted):
    return [row for row, key in enumerate(stored) if key in wanted]


@pytest.mark.parametrize("values", [INTS, TEXTS], ids=["ints", "texts"])
@given(data=st.data())
def test_each_key_is_found_in_its_newest_row_or_in_all(values, data):
    stored = data.draw(st.lists(values, max_size=20))
    # More than a few go another way than a few do.
    wanted = data.draw(st.lists(values, min_size=1, max_size=30))
    column = keys(stored) if stored else keys(wanted).slice(0, 0)
    index = open_keys(column, key_arrays(column))
    assert index.find(keys(wanted)).tolist() == newest(stored, wanted)
    assert index.find_all(keys(wanted)).tolist() == holders(stored, wanted)


def test_no_keys_are_found_nowhere():
    for column in (keys([1, 2]), keys(["a", "b"])):
        index = open_keys(column, key_arrays(column))
        assert index.find(column.slice(0, 0)).tolist() == []
        assert index.find_all(column.slice(0, 0)).tolist() == []


@pytest.mark.parametrize("count", [1, 20])
def test_texts_with_one_hash_are_told_apart_by_their_bytes(monkeypatch, count):
    monkeypatch.setattr(
        "aiomilvus.engine.segment.key_index.hashes", lambda c: np.zeros(len(c), "u8")
    )
    monkeypatch.setattr("aiomilvus.engine.segment.key_index.hash_of", lambda _: 0)
    stored = ["b", "a", "b", "", "longer than a word"]
    column = keys(stored)
    index = open_keys(column, key_arrays(column))
    wanted = ["b", "missing", "longer than a word", "", "a"] * count
    assert index.find(keys(wanted)).tolist() == newest(stored, wanted)
    assert index.find_all(keys(["b", "a"])).tolist() == [0, 1, 2]


def test_text_keys_of_segments_that_only_have_their_order_are_found():
    column = keys(["b", "a", "b"])
    index = open_keys(column, {"order": sort_order(column)})
    assert isinstance(index, TextKeyIndex)
    assert index.find(keys(["a", "b", "c"])).tolist() == [1, 2, -1]


def test_keys_that_arrive_in_order_are_not_copied():
    column = keys(list(range(100)))
    assert isinstance(column, FixedColumn)
    index = KeyIndex(column, sort_order(column))
    index.find(keys([5]))
    assert np.shares_memory(index._sorted, column.arrays()["values"])


def test_texts_are_sorted_as_bytes():
    assert sort_order(BytesColumn.of([b"b", b"ab", b"a", b"b"])).tolist() == [2, 1, 0, 3]
