"""Filters at every door: text, templates, built ones, keys, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import (
    AnnSearchRequest,
    DataType,
    MilvusException,
    RRFRanker,
    build_bloom_filter,
    build_roaring_bitmap,
)
from aiomilvus.expr.builder import col

if TYPE_CHECKING:
    from aiomilvus.expr.builder import Filter
    from tests.behaviour.conftest import Door

NAMES = ["plain", "it's", 'say "hi"', "zzz', 'plain", "back\\slash", "50%", "a\nb", "ünï"]
ROWS: list[dict[str, Any]] = [
    {
        "id": number,
        "vector": [number, 1.0],
        "name": name,
        "price": None if number == 3 else number * 10,
        "tags": NAMES[:number],
        "meta": {"n": number, "deep": {"name": name}},
        "colour": "red" if number % 2 else "blue",
    }
    for number, name in enumerate(NAMES)
]


@pytest.fixture
async def goods(client: Door) -> Door:
    schema = await client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("name", DataType.VARCHAR, max_length=64)
    schema.add_field("price", DataType.INT32, nullable=True)
    schema.add_field(
        "tags", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=16, max_length=64
    )
    schema.add_field("meta", DataType.JSON)
    index = await client.prepare_index_params("vector", index_type="FLAT", metric_type="L2")
    await client.create_collection("goods", schema=schema, index_params=index)
    await client.insert("goods", ROWS)
    return client


async def ids(client: Door, given: str | Filter, **params: Any) -> list[int]:
    options = {"filter_params": params} if params else {}
    rows = await client.query("goods", given, output_fields=["id"], **options)
    return [row["id"] for row in rows]


MEANINGS: dict[str, list[int]] = {
    "price > 20": [4, 5, 6, 7],
    "not (price > 20)": [0, 1, 2],
    "price is null": [3],
    "10 <= price < 40": [1, 2],
    "price in [10, 70]": [1, 7],
    r'name like "%\\\\%"': [4],
    r'name like "%\%"': [5],
    "name =~ '^[a-z]+$'": [0],
    "name =~ 'a.b'": [6],
    "name =~ '(?-s:a.b)'": [],
    "meta['deep']['name'] =~ '^a.b$'": [6],
    "price * 2 + 1 == 21": [1],
    'meta["n"] >= 6 and meta["deep"]["name"] != "x"': [6, 7],
    'colour == "red" and $meta["colour"] in ["red"]': [1, 3, 5, 7],
    "array_length(tags) == 2": [2],
    'array_contains(tags, "50%")': [6, 7],
    'match_least(tags, $ like "%i%", threshold=4)': [4, 5, 6, 7],
    'exists meta["deep"] and not exists meta["nope"]': list(range(8)),
}


async def test_a_filter_means_the_same_at_every_door(goods: Door) -> None:
    assert {text: await ids(goods, text) for text in MEANINGS} == MEANINGS


async def test_any_text_can_be_a_parameter(goods: Door) -> None:
    for number, name in enumerate(NAMES):
        assert await ids(goods, "name == {name}", name=name) == [number]
        assert await ids(goods, "name in {names}", names=[name]) == [number]
        assert await ids(goods, 'meta["deep"]["name"] == {name}', name=name) == [number]
        assert await ids(goods, col("name") == name) == [number]
        assert await ids(goods, col("meta")["deep"]["name"].in_([name])) == [number]


async def test_a_built_filter_can_be_given_to_every_method(goods: Door) -> None:
    chosen = (col("price") >= 40) & (col("colour") == "red")
    assert await ids(goods, chosen) == [5, 7]
    hits = await goods.search("goods", [[0.0, 1.0]], chosen, limit=3)
    assert [hit["id"] for hit in hits[0]] == [5, 7]
    request = AnnSearchRequest([[0.0, 1.0]], "vector", {}, 3, filter=chosen)
    hits = await goods.hybrid_search("goods", [request], RRFRanker(), limit=3)
    assert sorted(hit["id"] for hit in hits[0]) == [5, 7]
    rows = await goods.batches(goods.raw.query_iterator("goods", filter=chosen, batch_size=1))
    assert [row["id"] for batch in rows for row in batch] == [5, 7]
    assert (await goods.delete("goods", filter=chosen))["delete_count"] == 2
    assert await ids(goods, chosen) == []


async def test_parameters_beside_a_built_filter_are_refused(goods: Door) -> None:
    with pytest.raises(MilvusException, match="filter_params belong to a filter text"):
        await ids(goods, col("price") > 1, x=1)


CAUSES = {
    "price ==": "the filter ends where",
    "price == 'a'": "comparisons between Int32 and VarChar are not supported",
    "price in [1.5]": "value 'float_val:1.5' in list cannot be casted to Int32",
    "price == {x}": "the value of expression template variable name {x} is not found",
    "price": "predicate is not a boolean expression: price, data type: Int32",
}


async def test_a_wrong_filter_is_refused_with_milvus_code_and_words(goods: Door) -> None:
    for text, cause in CAUSES.items():
        for call in (
            goods.query("goods", text),
            goods.search("goods", [[0.0, 1.0]], text),
            goods.delete("goods", filter=text),
        ):
            with pytest.raises(MilvusException) as caught:
                await call
            assert caught.value.code == 1100
            assert cause in caught.value.message


async def test_sets_let_their_members_pass(goods: Door) -> None:
    async def matching(field: str, blob: bytes, text: str = "{call}") -> list[int]:
        return await ids(goods, text.format(call=f"membership_match({field}, {{b}})"), b=blob)

    prices = build_roaring_bitmap([10, 30, 70, -5])
    assert await matching("price", prices) == [1, 7]
    assert await matching("price", prices, "not {call}") == [0, 2, 4, 5, 6]
    assert await matching("price", build_bloom_filter([10, 70]), "{call} and id > 1") == [7]
    assert await matching("name", build_bloom_filter([NAMES[1], NAMES[7]])) == [1, 7]
    assert await matching("meta['n']", build_bloom_filter([2, 6])) == [2, 6]
    assert await matching("meta['n']", build_bloom_filter(["2"]), "not {call}") == list(range(8))
    assert await matching("meta['deep']", build_bloom_filter([1]), "not {call}") == []
    assert await matching("colour", build_bloom_filter(["red"])) == [1, 3, 5, 7]
    found = await goods.search(
        "goods", [[0.0, 1.0]], "membership_match(id, {b})", 9, filter_params={"b": prices}
    )
    assert [hit["id"] for hit in found[0]] == []
    deleted = build_roaring_bitmap([0, 1, 99])
    params = {"b": deleted}
    await goods.delete("goods", filter="membership_match(id, {b})", filter_params=params)
    assert await ids(goods, "id >= 0") == [2, 3, 4, 5, 6, 7]
    params = {"b": build_bloom_filter([2])}
    with pytest.raises(MilvusException, match="approximate and cannot be used in delete"):
        await goods.delete("goods", filter="membership_match(id, {b})", filter_params=params)
