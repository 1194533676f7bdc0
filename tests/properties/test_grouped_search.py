"""Grouping searches against a plain model: the best few hits of each of the best groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.data import Search
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.examples import examples
from tests.support.tables import NAME, Table, fixed, texts, values

KIND = Field(name="kind", dtype=DataType.VARCHAR, max_length=8, nullable=True)
PRICE = Field(name="price", dtype=DataType.INT32, nullable=True)
ROWS = st.lists(
    st.tuples(st.sampled_from([None, "", "a", "b"]), st.none() | st.integers(0, 2)), max_size=40
)


def filled(parts):
    """Return a table of the parts, each a segment; row n is at distance n² from zero."""
    table = Table(KIND, PRICE)
    rows: list[Any] = []
    for part in parts:
        if part:
            ids = np.arange(len(rows), len(rows) + len(part))
            vectors = np.zeros((len(part), 4), np.float32)
            # Neighbours in the ranking are in different segments.
            vectors[:, 0] = (ids * 7) % 101
            kinds, prices = zip(*part, strict=True)
            columns: dict[str, Any] = {"kind": texts(kinds), "price": fixed(prices, "i4")}
            table.insert(ids.tolist(), v=VectorColumn(vectors), **columns)
            rows += part
            table.seal()
    return table, rows


def ranked(rows, fields):
    """Return (key, group) of all rows, nearest first."""
    order = sorted(range(len(rows)), key=lambda row: (row * 7) % 101)
    at = {"kind": 0, "price": 1}
    return [(row, tuple(rows[row][at[name]] for name in fields)) for row in order]


def model(ranking, limit, offset, size):
    """Return the keys of the hits, group by group in the order of the groups' best hits."""
    groups: dict[Any, list[int]] = {}
    for key, group in ranking:
        if group in groups or len(groups) < offset + limit:
            groups.setdefault(group, []).append(key)
    return [key for members in list(groups.values())[offset:] for key in members[:size]]


def search(table, **asked):
    data = VectorColumn(np.zeros((1, 4), np.float32))
    return table.do(Search(collection=NAME, data=data, **asked))


@settings(max_examples=examples(60), deadline=None)
@given(
    parts=st.lists(ROWS, min_size=1, max_size=3),
    fields=st.sampled_from([("kind",), ("price",), ("kind", "price")]),
    limit=st.integers(1, 5),
    offset=st.integers(0, 3),
    size=st.integers(1, 4),
    strict=st.booleans(),
)
def test_hits_are_the_best_of_the_best_groups(parts, fields, limit, offset, size, strict):
    table, rows = filled(parts)
    found = search(
        table,
        limit=limit,
        offset=offset,
        group_by=fields,
        group_size=size,
        strict_group_size=strict,
    )
    ranking = ranked(rows, fields)
    keys = values(found.ids)
    if strict or size == 1:
        assert keys == model(ranking, limit, offset, size)
    else:
        # Without strictness a group may have fewer hits than there are, never others.
        assert set(keys) <= set(model(ranking, limit, offset, size))
        assert {dict(ranking)[key] for key in keys} == {
            dict(ranking)[key] for key in model(ranking, limit, offset, size)
        }
    group_of = dict(ranking)
    told = zip(*[values(found.group_by[name]) for name in fields], strict=True)
    assert list(told) == [group_of[key] for key in keys]
    table.close()


def test_groups_of_fields_that_have_no_groups_are_refused():
    table, _ = filled([[("a", 1)]])
    with pytest.raises(MilvusException, match="groupBy field not found in schema") as raised:
        search(table, group_by=("size",))
    assert raised.value.code == 1700
    with pytest.raises(ParamError, match="unsupported data type FLOAT_VECTOR for group by"):
        search(table, group_by=("v",))
    with pytest.raises(ParamError, match="Not allowed to do range-search when doing search-group"):
        search(table, group_by=("kind",), radius=5.0)
    table.close()
