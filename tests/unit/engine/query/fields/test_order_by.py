"""Sorting by fields: ties, nulls, directions, pages, and what is refused."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.query.fields import ordering
from aiomilvus.engine.query.fields.ordering import first_keys, keys_behind, ranks
from aiomilvus.engine.segment import byte_strings
from aiomilvus.errors import ParamError
from aiomilvus.model.sorting import SortKey
from tests.support.batches import key_values, keys
from tests.support.tables import fixed, texts

INTS = st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, max_size=30)
TEXTS = st.lists(st.text("ab\0é", max_size=12), unique=True, min_size=1, max_size=30)


def stocked(goods, *, sealed=True):
    """Rows 1 … 6; the third and the fifth have no price, the second no kind."""
    goods.insert(
        [4, 2, 6],
        price=fixed([7, 3, 3], "i4"),
        weight=fixed([0.5, 1.5, 2.5], "f8"),
        kind=texts(["b", None, "a"]),
    )
    if sealed:
        goods.seal()
    goods.insert(
        [1, 5, 3],
        price=fixed([7, None, None], "i4"),
        weight=fixed([None, 1.0, 0.0], "f8"),
        kind=texts(["a", "b", "a"]),
    )
    return goods


def order(goods, *fields, limit=10, **asked):
    by = tuple(
        SortKey.parse(f"{name[1:]}:desc" if name.startswith("-") else name) for name in fields
    )
    return goods.rows("id", limit=limit, order_by=by, **asked)


@pytest.mark.parametrize("sealed", [False, True])
def test_nulls_come_last_or_first_where_the_order_descends(goods, sealed):
    stocked(goods, sealed=sealed)
    assert order(goods, "price") == [2, 6, 1, 4, 3, 5]
    assert order(goods, "-price") == [3, 5, 1, 4, 2, 6]


def test_nulls_come_where_a_key_says(goods):
    stocked(goods)
    assert order(goods, "price:asc:nulls_first", "id") == [3, 5, 2, 6, 1, 4]
    assert order(goods, "price:desc:nulls_last", "id:ascending") == [1, 4, 2, 6, 3, 5]
    assert order(goods, "kind:Descending:NULLS_LAST", "weight::nulls_first") == [4, 5, 1, 3, 6, 2]


def test_several_fields_sort_one_after_the_other(goods):
    stocked(goods)
    assert order(goods, "kind", "-price") == [3, 1, 6, 5, 4, 2]
    assert order(goods, "-kind", "weight") == [2, 4, 5, 3, 6, 1]


def test_pages_of_an_order_follow_each_other(goods):
    stocked(goods)
    pages = [order(goods, "price", limit=2, offset=at) for at in (0, 2, 4, 6)]
    assert pages == [[2, 6], [1, 4], [3, 5], []]


def test_an_order_applies_to_keys_and_to_what_a_filter_leaves(goods):
    stocked(goods)
    assert order(goods, "-price", ids=[1, 2, 3]) == [3, 1, 2]
    assert order(goods, "-price", filter="price > 3") == [1, 4]


def test_an_order_of_no_rows_is_checked_all_the_same(goods):
    with pytest.raises(ParamError, match="order_by field 'size' does not exist"):
        order(goods, "size")
    assert order(goods, "price") == []


def test_what_milvus_refuses_is_refused(goods):
    stocked(goods)
    with pytest.raises(ParamError, match="order_by field 'v' has type FloatVector which is not"):
        order(goods, "v")
    with pytest.raises(ParamError, match="ORDER BY requires explicit limit"):
        order(goods, "price", limit=-1, filter="id > 0")
    with pytest.raises(ParamError, match="ORDER BY with iterator is not supported"):
        order(goods, "price", iterator=True)


@given(column=st.one_of(INTS, TEXTS), count=st.integers(0, 35), few=st.sampled_from([0, 32]))
def test_the_first_keys_are_those_a_full_sort_begins_with(column, count, few):
    # UTF-8 orders texts as their code points do.
    with mock.patch.object(ordering, "_FEW", few), mock.patch.object(byte_strings, "_FEW", few):
        found = first_keys(keys(column), count).tolist()
    assert [column[at] for at in found] == sorted(column)[:count]


@given(column=TEXTS, bound=st.text("ab\0é", max_size=12))
def test_text_keys_behind_a_cursor_are_those_greater_than_it(column, bound):
    behind = keys_behind(keys(column), bound)
    kept = [key for key, is_behind in zip(column, behind, strict=True) if is_behind]
    assert kept == [key for key in column if key.encode() > bound.encode()]
    assert key_values(keys(column)) == column


def test_equal_values_share_a_rank_and_nulls_have_the_last():
    assert ranks(texts(["b", "a", None, "b", ""])).tolist() == [2, 1, 5, 2, 0]
    assert ranks(fixed([5, -1, None, 5])).tolist() == [2, 0, 4, 2]
