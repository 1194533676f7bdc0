"""Counts, sums, averages and extremes, over all rows and by group, against plain Python."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiomilvus.errors import ParamError
from aiomilvus.model.sorting import SortKey
from tests.support.examples import examples
from tests.support.tables import Table, fixed, texts, values
from tests.unit.engine.query.conftest import KIND, PRICE, WEIGHT

ASKED = ("count(*)", "count(price)", "sum(price)", "avg(weight)", "min(kind)", "max(price)")


def aggregated(table, *names, **asked):
    batch = table.query(output_fields=names, **asked).batch
    columns = [values(column) for column in batch.columns.values()]
    return list(batch.columns), list(zip(*columns, strict=True))


def expected(rows):
    """What `ASKED` gives for rows of price, weight and kind."""
    prices = [price for price, _, _ in rows if price is not None]
    weights = [weight for _, weight, _ in rows if weight is not None]
    kinds = [kind for _, _, kind in rows if kind is not None]
    return (
        len(rows),
        len(prices),
        sum(prices) if prices else None,
        pytest.approx(sum(weights) / len(weights)) if weights else None,
        min(kinds, default=None),
        max(prices, default=None),
    )


ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-3, 3),
        st.none() | st.sampled_from([-1.5, 0.0, 2.25]),
        st.none() | st.sampled_from(["", "a", "b"]),
    ),
    max_size=12,
)


@settings(max_examples=examples(40))
@given(parts=st.lists(ROWS, min_size=1, max_size=3))
def test_aggregates_are_those_of_the_rows(parts):
    table = Table(PRICE, WEIGHT, KIND)
    rows: list[Any] = []
    for part in parts:
        if not part:
            continue
        ids = range(len(rows), len(rows) + len(part))
        prices, weights, kinds = zip(*part, strict=True)
        columns: dict[str, Any] = {"price": fixed(prices, "i4"), "weight": fixed(weights, "f8")}
        table.insert(ids, kind=texts(kinds), **columns)
        rows += part
        if len(part) % 2:
            table.seal()
    assert aggregated(table, *ASKED)[1] == [expected(rows)]
    found = aggregated(table, *ASKED, group_by=("kind", "price"))[1]
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault((row[2], row[0]), []).append(row)
    assert {row[:2]: row[2:] for row in found} == {
        key: expected(members) for key, members in groups.items()
    }
    table.close()


def filled(goods):
    goods.insert(
        [1, 2, 3, 4],
        price=fixed([1, 2, 3, None], "i4"),
        weight=fixed([1.0, 1.0, 1.0, 1.0], "f8"),
        kind=texts(["x", "y", "x", "z"]),
    )
    return goods


def test_count_stands_beside_other_aggregates(goods):
    filled(goods)
    assert aggregated(goods, "count(*)", "max(price)") == (["count(*)", "max(price)"], [(4, 3)])


def test_groups_are_ordered_and_cut(goods):
    filled(goods)
    asked = {"group_by": ("kind",), "order_by": (SortKey("kind", descending=True),)}
    assert aggregated(goods, "count(*)", limit=2, **asked)[1] == [("z", 1), ("y", 1)]
    assert aggregated(goods, "count(*)", limit=2, offset=2, **asked)[1] == [("x", 2)]


def test_a_filter_limits_what_is_aggregated(goods):
    filled(goods)
    assert aggregated(goods, "sum(price)", filter='kind == "x"')[1] == [(4,)]
    assert aggregated(goods, "sum(price)", filter='kind == "none"')[1] == [(None,)]
    assert aggregated(goods, "sum(price)", filter='kind == "none"', group_by=("kind",))[1] == []


def test_counts_by_group_add_up_to_the_count_when_keys_repeat(goods):
    filled(goods)
    goods.insert(
        [1, 2], price=fixed([5, 5], "i4"), weight=fixed([1.0, 1.0], "f8"), kind=texts(["x", "x"])
    )
    assert goods.query(output_fields=("count(*)",)).count == 6
    found = aggregated(goods, "count(*)", group_by=("kind",))[1]
    assert sorted(found) == [("x", 4), ("y", 1), ("z", 1)]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"output_fields": ("sum(kind)",)}, "aggregation operator sum does not support data type"),
        ({"output_fields": ("avg(v)",)}, "aggregation operator avg does not support data type"),
        ({"output_fields": ("max(v)",)}, "aggregation operator max does not support data type"),
        (
            {"output_fields": ("sum(*)",)},
            r"sum\(\*\) is not supported, only count\(\*\) is allowed",
        ),
        ({"output_fields": ("sum(size)",)}, "target field size for aggregation:sum does not exist"),
        ({"output_fields": ("count(*)", "id")}, "must be an aggregate or a group by field"),
        ({"output_fields": ("count(*)",), "limit": 3}, "count entities with pagination"),
        ({"output_fields": ("count(*)", "sum(price)"), "limit": 3}, "count entities with pagi"),
        (
            {"output_fields": ("count(*)",), "group_by": ("weight",)},
            "group by field weight has unsupported data type Double",
        ),
        ({"output_fields": ("kind",), "group_by": ("kind",)}, "empty expression should be used"),
        (
            {
                "output_fields": ("count(*)",),
                "group_by": ("kind",),
                "order_by": (SortKey("price"),),
                "limit": 3,
            },
            "ORDER BY can only reference GROUP BY columns",
        ),
    ],
)
def test_what_can_not_be_aggregated_is_refused(goods, asked, message):
    filled(goods)
    with pytest.raises(ParamError, match=message):
        goods.query(**asked)
