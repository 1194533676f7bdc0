"""Searches and queries grouped and sorted by what is within JSON, and by dynamic keys."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import AnnSearchRequest, DataType, MilvusException, ParamError, RRFRanker

META: list[Any] = [
    {"kind": "a", "price": 3, "deep": {"x": [1, 5]}},
    {"kind": "b", "price": 1.5, "deep": {"x": [1, 4]}},
    {"kind": "a", "price": "low"},
    {"kind": 7, "price": True},
    {"kind": "b", "price": 2},
    None,
    {"price": [1]},
]


async def made(client: Any, *, dynamic: bool = True, split: bool = True) -> None:
    schema = client.raw.create_schema(enable_dynamic_field=dynamic)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("meta", DataType.JSON, nullable=True)
    schema.add_field("n", DataType.INT64)
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)
    rows = [
        {"id": at, "v": [float(at), 0.0], "meta": meta, "n": 1} | ({"age": -at} if dynamic else {})
        for at, meta in enumerate(META)
    ]
    await client.insert("c", rows[:3])
    if split:
        await client.flush("c")
    await client.insert("c", rows[3:])


async def ids(client: Any, **options: Any) -> list[int]:
    hits = await client.search("c", [[0.0, 0.0]], anns_field="v", limit=10, **options)
    return [hit["id"] for hit in hits[0]]


@pytest.mark.parametrize("name", ['meta["kind"]', "meta['kind']"])
async def test_hits_are_grouped_by_a_path(client: Any, name: str) -> None:
    await made(client)
    assert await ids(client, group_by_field=name) == [0, 1, 3, 5]
    assert await ids(client, group_by_field=name, group_size=2) == [0, 2, 1, 4, 3, 5, 6]


async def test_hits_are_grouped_by_a_dynamic_key(client: Any) -> None:
    await made(client)
    assert await ids(client, group_by_field="age") == list(range(7))
    assert await ids(client, group_by_field="nothing") == [0]
    assert await ids(client, group_by_fields=["meta['kind']"]) == [0, 1, 3, 5]


async def test_hybrid_searches_are_grouped_by_a_path(client: Any) -> None:
    await made(client)
    requests = [AnnSearchRequest([[0.0, 0.0]], "v", {"metric_type": "L2"}, 10)]
    hits = await client.hybrid_search("c", requests, RRFRanker(), 10, group_by_field='meta["kind"]')
    assert [hit["id"] for hit in hits[0]] == [0, 1, 3, 5]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ('meta["price"]', [3, 1, 4, 0, 2, 5, 6]),
        ('meta["price"]:desc', [5, 6, 2, 0, 4, 1, 3]),
        ('meta["price"]:desc:nulls_last', [2, 0, 4, 1, 3, 5, 6]),
        ('meta["deep"]["x"][1]', [1, 0, 2, 3, 4, 5, 6]),
        ('n:desc,meta["kind"]', [3, 0, 2, 1, 4, 5, 6]),
        ("age", [6, 5, 4, 3, 2, 1, 0]),
        ('$meta["age"]:desc', [0, 1, 2, 3, 4, 5, 6]),
    ],
)
@pytest.mark.parametrize("split", [True, False])
async def test_hits_and_rows_are_sorted_by_a_path(
    client: Any, order: str, expected: list[int], split: bool
) -> None:
    await made(client, split=split)
    assert await ids(client, order_by=order) == expected
    rows = await client.query("c", filter="id >= 0", order_by=order, limit=10)
    assert [row["id"] for row in rows] == expected


async def test_large_integers_keep_their_order(client: Any) -> None:
    await made(client)
    big = 2**53
    rows = [
        {"id": 10 + at, "v": [0.0, 0.0], "meta": {"big": big + by}, "n": 2}
        for at, by in enumerate((2, 1, 3, 0))
    ]
    await client.insert("c", rows)
    found = await client.query("c", filter="n == 2", order_by=['meta["big"]'], limit=10)
    assert [row["id"] for row in found] == [13, 11, 10, 12]


async def test_what_is_no_path_is_refused(client: Any) -> None:
    await made(client, dynamic=False)
    for name in ("age", 'other["x"]'):
        with pytest.raises(MilvusException, match="groupBy field not found in schema") as caught:
            await ids(client, group_by_field=name)
        assert caught.value.code == 1700
        with pytest.raises(ParamError, match="does not exist in collection schema"):
            await ids(client, order_by=name)
    with pytest.raises(ParamError, match="invalid JSON path"):
        await ids(client, group_by_field="meta[")
    with pytest.raises(ParamError, match="unsupported data type JSON"):
        await ids(client, group_by_field="meta")
    with pytest.raises(ParamError, match="JSON which is not sortable"):
        await ids(client, order_by="meta")
    with pytest.raises(ParamError, match="not supported for multi-field group_by"):
        await ids(client, group_by_fields=["n", 'meta["kind"]'])


async def test_an_index_on_a_dynamic_key_is_described_by_that_key(client: Any) -> None:
    await made(client)
    index = client.raw.prepare_index_params()
    paths = {"age": "age", "hobbies": "hobbies['first']", "meta": "meta['kind']"}
    for name, path in paths.items():
        index.add_index(name, "", name, json_cast_type="double", json_path=path)
    index.add_index("unnamed", index_type="INVERTED", json_cast_type="varchar")
    await client.create_index("c", index)
    for name, path in paths.items():
        found = await client.describe_index("c", name)
        assert (found["field_name"], found["json_path"]) == (name, path)
        assert found["json_cast_type"] == "double"
        assert await client.list_indexes("c", field_name=name) == [name]
    assert await client.list_indexes("c", field_name="unnamed") == ["$meta/unnamed"]


async def test_a_metric_is_described_as_it_was_written(client: Any) -> None:
    await made(client)
    await client.release_collection("c")
    await client.drop_index("c", "v")
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="cosine")
    await client.create_index("c", index)
    await client.create_index("c", index)
    assert (await client.describe_index("c", "v"))["metric_type"] == "cosine"
    await client.load_collection("c")
    found = await client.search("c", [[0.0, 1.0]], search_params={"metric_type": "COSINE"})
    assert len(found[0]) == len(META)
