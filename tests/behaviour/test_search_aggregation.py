"""Search aggregation: hits in buckets, at every door."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import (
    AggregationBucket,
    AggregationHit,
    DataType,
    ParamError,
    SearchAggregation,
    TopHits,
)

# brand, colour, price; the first rows are nearest
ROWS = [
    ("A", "red", 10),
    ("A", "blue", 20),
    ("B", "red", 30),
    ("A", "red", 40),
    ("B", None, 50),
    ("C", "red", None),
]


async def made(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.VARCHAR, is_primary=True, max_length=10)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("brand", DataType.VARCHAR, max_length=10)
    schema.add_field("colour", DataType.VARCHAR, max_length=10, nullable=True)
    schema.add_field("price", DataType.INT64, nullable=True)
    schema.add_field("weight", DataType.DOUBLE, default_value=0.5)
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)
    rows = [
        {"pk": f"k{at}", "v": [float(at), 0.0], "brand": brand, "colour": colour, "price": price}
        for at, (brand, colour, price) in enumerate(ROWS)
    ]
    await client.insert("c", rows)


async def buckets(
    client: Any, aggregation: SearchAggregation, **options: Any
) -> list[AggregationBucket]:
    found = await client.search(
        "c", [[0.0, 0.0]], anns_field="v", search_aggregation=aggregation, **options
    )
    assert [len(hits) for hits in found] == [0]
    assert len(found.agg_buckets) == 1
    return list(found.agg_buckets[0])


def values(bucket: AggregationBucket) -> list[Any]:
    return [entry["value"] for entry in bucket.key]


async def test_buckets_count_measure_and_show_their_best_hits(client: Any) -> None:
    await made(client)
    aggregation = SearchAggregation(
        fields=["brand"],
        size=3,
        metrics={
            "n": {"count": "*"},
            "priced": {"count": "price"},
            "sum": {"sum": "price"},
            "mean": {"avg": "price"},
            "least": {"min": "price"},
            "far": {"max": "_score"},
        },
        top_hits=TopHits(size=3),
    )
    found = await buckets(client, aggregation, output_fields=["price", "colour"])
    assert [values(bucket) for bucket in found] == [["A"], ["B"], ["C"]]
    first = found[0]
    assert isinstance(first, AggregationBucket)
    assert first.key == [{"field_name": "brand", "field_id": 102, "value": "A"}]
    assert first.count == 3
    assert first.metrics == {
        "n": 3,
        "priced": 3,
        "sum": 70,
        "mean": pytest.approx(70 / 3),
        "least": 10,
        "far": 9.0,
    }
    assert isinstance(first.hits[0], AggregationHit)
    assert [(hit.pk, hit.score) for hit in first.hits] == [("k0", 0.0), ("k1", 1.0), ("k3", 9.0)]
    assert first.hits[1].fields == {"price": 20, "colour": "blue"}
    assert first.hits[1].field_ids() == {"price": 104, "colour": 103}
    assert found[1].hits[1].fields == {"price": 50}
    assert found[2].metrics["sum"] is None
    assert found[2].metrics["priced"] == 0


async def test_the_pool_has_one_hit_a_group_unless_top_hits_ask_for_more(client: Any) -> None:
    await made(client)
    found = await buckets(client, SearchAggregation(["brand"], 10))
    assert [(values(bucket), bucket.count, bucket.hits) for bucket in found] == [
        (["A"], 1, []),
        (["B"], 1, []),
        (["C"], 1, []),
    ]


async def test_buckets_come_in_the_order_asked_for(client: Any) -> None:
    await made(client)
    metrics = {"sum": {"sum": "price"}}
    top = TopHits(3)
    for order, expected in (
        ([{"sum": "desc"}], ["B", "A", "C"]),  # 80, 70, nothing
        ([{"sum": "asc"}], ["C", "A", "B"]),
        ([{"_count": "asc"}, {"_key": "desc"}], ["C", "B", "A"]),
        ([{"_key": "desc"}], ["C", "B", "A"]),
    ):
        found = await buckets(client, SearchAggregation(["brand"], 3, metrics, order, top))
        assert [values(bucket)[0] for bucket in found] == expected


async def test_hits_rank_by_fields_with_nulls_last(client: Any) -> None:
    await made(client)
    aggregation = SearchAggregation(["colour"], 3, top_hits=TopHits(5, [{"price": "desc"}]))
    found = await buckets(client, aggregation)
    assert [hit.pk for hit in found[0].hits] == ["k3", "k2", "k0", "k5"]
    assert values(found[2]) == [None]


async def test_levels_nest(client: Any) -> None:
    await made(client)
    inner = SearchAggregation(["colour"], 2, order=[{"_count": "desc"}])
    aggregation = SearchAggregation(["brand"], 2, top_hits=TopHits(2), sub_aggregation=inner)
    found = await buckets(client, aggregation)
    assert [values(bucket) for bucket in found] == [["A"], ["B"]]
    assert [(values(sub), sub.count) for sub in found[0].sub_groups] == [
        (["red"], 2),
        (["blue"], 1),
    ]
    assert [values(sub) for sub in found[1].sub_groups] == [["red"], [None]]


async def test_a_range_bounds_what_is_sorted_into_buckets(client: Any) -> None:
    await made(client)
    aggregation = SearchAggregation(["brand"], 5, top_hits=TopHits(5))
    # Distances are squared: 0, 1, 4, 9, 16, 25.
    found = await buckets(client, aggregation, search_params={"radius": 16, "range_filter": 1})
    assert [(values(bucket), bucket.count) for bucket in found] == [(["A"], 2), (["B"], 1)]


async def test_each_query_has_its_buckets_and_filters_hold(client: Any) -> None:
    await made(client)
    found = await client.search(
        "c",
        [[0.0, 0.0], [5.0, 0.0]],
        anns_field="v",
        filter="price > 15",
        search_aggregation=SearchAggregation(["brand"], 5),
    )
    assert [[values(bucket)[0] for bucket in mine] for mine in found.agg_buckets] == [
        ["A", "B"],
        ["B", "A"],
    ]


@pytest.mark.parametrize(
    ("aggregation", "options", "message"),
    [
        (SearchAggregation(["no"], 1), {}, "field not found[field=no]"),
        (SearchAggregation(["weight"], 1), {}, "FLOAT / DOUBLE fields are not supported"),
        (SearchAggregation(["brand", "brand"], 1), {}, "duplicated group_by field"),
        (
            SearchAggregation(["brand"], 1, {"a": {"avg": "colour"}}),
            {},
            "avg does not support data type VarChar",
        ),
        (SearchAggregation(["brand"], 20_000), {}, "result entries is too large"),
        (SearchAggregation(["brand"], 1), {"group_by_field": "brand"}, "mutually exclusive"),
        (SearchAggregation(["brand"], 1), {"offset": 1}, "offset is not supported"),
        (SearchAggregation(["brand"], 1), {"output_fields": ["v"]}, 'output field "v"'),
    ],
)
async def test_what_is_wrong_with_an_aggregation_is_said(
    client: Any, aggregation: SearchAggregation, options: dict[str, Any], message: str
) -> None:
    await made(client)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the message is compared below
        await buckets(client, aggregation, **options)
    assert message in str(caught.value)
    assert getattr(caught.value, "code", 0) in (1100, 1700)


async def test_an_aggregation_has_four_levels_at_most(client: Any) -> None:
    await made(client)
    deep = SearchAggregation(["brand"], 1)
    for name in ("colour", "price", "pk", "pk"):
        deep = SearchAggregation([name], 1, sub_aggregation=deep)
    with pytest.raises(ParamError, match="nesting exceeds max 4 levels"):
        await buckets(client, deep)
