"""Scalar indexes at every door: created over data, described, used, reopened, dropped."""

from __future__ import annotations

import operator
import time
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import DataType, MilvusClient, MilvusException, ParamError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.behaviour.conftest import Door

ROWS: list[dict[str, Any]] = [
    {
        "id": number,
        "vector": [number, 1.0],
        "word": f"{'red' if number % 3 else 'blue'} thing {number % 40}",
        "price": None if number % 10 == 0 else number % 25,
        "tags": [f"t{number % 5}", "all"],
        "meta": {"n": number % 7, "text": f"number {number % 6}", "price": f"{number % 9}.25"},
        "colour": "red" if number % 4 else "green",
    }
    for number in range(400)
]
INDEXES: list[tuple[str, str, dict[str, Any]]] = [
    ("word", "NGRAM", {"min_gram": 2, "max_gram": 3}),
    ("price", "STL_SORT", {}),
    ("tags", "BITMAP", {}),
    ("meta", "INVERTED", {"json_path": 'meta["n"]', "json_cast_type": "DOUBLE"}),
    ("meta", "INVERTED", {"json_path": 'meta["text"]', "json_cast_type": "VARCHAR"}),
    ("colour", "AUTOINDEX", {"json_cast_type": "VARCHAR", "json_path": "colour"}),
]
FILTERS = [
    'word like "%blue thing 39%"',
    'word like "red%" and price < 4',
    "price in [1, 2, 24]",
    "not (price > 3)",
    "price is null",
    'array_contains(tags, "t3")',
    'array_contains_all(tags, ["t1", "all"]) or price == 7',
    'meta["n"] >= 5',
    'not (meta["n"] in [1, 2])',
    'meta["text"] == "number 4" and meta["n"] < 3',
    'meta["text"] like "%er 4%"',
    'colour == "green"',
    'colour != "green" and not (array_contains(tags, "t0"))',
]


@pytest.fixture
async def goods(client: Door) -> Door:
    schema = await client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("word", DataType.VARCHAR, max_length=64)
    schema.add_field("price", DataType.INT32, nullable=True)
    schema.add_field(
        "tags", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=16, max_length=64
    )
    schema.add_field("meta", DataType.JSON)
    index = await client.prepare_index_params("vector", index_type="FLAT", metric_type="L2")
    await client.create_collection("goods", schema=schema, index_params=index)
    await client.insert("goods", ROWS)
    await client.flush("goods")
    return client


async def answers(client: Door | Any) -> list[Any]:
    found: list[Any] = []
    for text in FILTERS:
        rows = await client.query("goods", text, output_fields=["id"])
        count = await client.query("goods", text, output_fields=["count(*)"])
        assert count[0]["count(*)"] == len(rows), text
        found.append([row["id"] for row in rows])
    return found


async def index_everything(client: Door) -> None:
    for field, kind, params in INDEXES:
        index = await client.prepare_index_params(field, index_type=kind, params=params)
        await client.create_index("goods", index)


async def test_filters_find_the_same_rows_before_and_after_their_fields_are_indexed(
    goods: Door,
) -> None:
    plain = await answers(goods)
    assert all(0 < len(rows) < 400 for rows in plain)
    await index_everything(goods)
    names = await goods.list_indexes("goods")
    assert {"meta/n", "meta/text", "$meta/colour", "word", "price", "tags"} < set(names)
    described = await goods.describe_index("goods", "meta/n")
    assert described["index_type"] == "INVERTED"
    assert described["json_path"] == 'meta["n"]'
    assert (described["state"], described["indexed_rows"]) == ("Finished", 400)
    assert await answers(goods) == plain
    await goods.delete("goods", filter="id % 3 == 0")
    kept = [[row for row in rows if row % 3] for rows in plain]
    assert await answers(goods) == kept
    for name in names:
        if name != "vector":
            await goods.drop_index("goods", name)
    assert await goods.list_indexes("goods") == ["vector"]
    assert await answers(goods) == kept


async def test_rows_that_are_not_indexed_yet_are_found_with_those_that_are(goods: Door) -> None:
    await index_everything(goods)
    await goods.insert("goods", [{**row, "id": row["id"] + 1000} for row in ROWS[:50]])
    rows = await goods.query("goods", 'meta["n"] == 3 and id >= 0', output_fields=["id"])
    wanted = [n for n in range(400) if n % 7 == 3] + [1000 + n for n in range(50) if n % 7 == 3]
    assert sorted(row["id"] for row in rows) == wanted


async def test_text_converted_to_numbers_is_found_in_old_and_new_rows(goods: Door) -> None:
    params = {
        "json_path": 'meta["price"]',
        "json_cast_type": "DOUBLE",
        "json_cast_function": "STRING_TO_DOUBLE",
    }
    text = 'meta["price"] > 7.5'
    assert await goods.query("goods", text) == []
    index = await goods.prepare_index_params("meta", index_type="INVERTED", params=params)
    await goods.create_index("goods", index)
    await goods.insert("goods", [{**row, "id": row["id"] + 1000} for row in ROWS[:20]])
    rows = await goods.query("goods", text, output_fields=["id"])
    wanted = [n for n in range(400) if n % 9 == 8] + [1000 + n for n in range(20) if n % 9 == 8]
    assert sorted(row["id"] for row in rows) == wanted
    others = await goods.query("goods", f"not ({text})", output_fields=["count(*)"])
    assert others[0]["count(*)"] == 420 - len(wanted)
    same = await goods.query("goods", 'meta["price"] == "8.25"', output_fields=["id"])
    assert sorted(row["id"] for row in same) == wanted


WIDE = [2**53 - 1, 2**53, 2**53 + 1, 2**63 - 2, 2**63 - 1, -(2**53) - 1, -(2**53), -(2**63), 5]
CASTS: dict[str, dict[str, str]] = {
    "scan": {},
    "doubles": {"json_cast_type": "DOUBLE"},
    "every path": {"json_cast_type": "JSON"},
    "converted": {"json_cast_type": "DOUBLE", "json_cast_function": "STRING_TO_DOUBLE"},
}
COMPARED = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, ">=": operator.ge}


@pytest.mark.parametrize("flushed", [False, True])
@pytest.mark.parametrize("cast", CASTS)
async def test_integers_beyond_doubles_are_compared_exactly(
    client: Door, cast: str, flushed: bool
) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("doc", DataType.JSON)
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    if cast != "scan":
        path = {"json_path": 'doc["n"]', **CASTS[cast]}
        params.add_index("doc", index_name="path", index_type="INVERTED", params=path)
    await client.create_collection("c", schema=schema, index_params=params)
    # Text is a number to the index that converts it, and none to the others.
    given: list[Any] = list(WIDE)
    if cast == "converted":
        given += [f" {'+' if number > 0 else ''}{number}" for number in WIDE]
    await client.insert(
        "c", [{"id": at, "v": [0, 1], "doc": {"n": number}} for at, number in enumerate(given)]
    )
    if flushed:
        await client.flush("c")
        await client.optimize("c")
    held = [int(number) for number in given]

    async def found(text: str) -> list[int]:
        rows = await client.query("c", text, output_fields=["id"])
        counted = await client.query("c", text, output_fields=["count(*)"])
        assert counted[0]["count(*)"] == len(rows), text
        return sorted(held[row["id"]] for row in rows)

    for constant in WIDE:
        for op, matches in COMPARED.items():
            wanted = sorted(number for number in held if matches(number, constant))
            assert await found(f'doc["n"] {op} {constant}') == wanted, (op, constant)
        wanted = sorted(number for number in held if number in (constant, 5))
        assert await found(f'doc["n"] in [{constant}, 5]') == wanted
    for low, high in ((1, 2**53 + 1), (2**53, 2**63 - 1), (-(2**63), -(2**53))):
        wanted = sorted(number for number in held if low < number < high)
        assert await found(f'{low} < doc["n"] < {high}') == wanted


async def test_a_json_path_has_one_index_and_a_field_without_paths_one(goods: Door) -> None:
    await index_everything(goods)
    for field, params in (
        ("meta", {"json_path": "meta['n']", "json_cast_type": "VARCHAR"}),
        ("price", {}),
    ):
        index = await goods.prepare_index_params(field, index_type="INVERTED", params=params)
        with pytest.raises(MilvusException, match="at most one distinct index"):
            await goods.create_index("goods", index)
    index = await goods.prepare_index_params("nothing", index_type="INVERTED")
    with pytest.raises(MilvusException, match="non-exist field: nothing"):
        await goods.create_index("goods", index)


def test_indexes_are_opened_again_with_the_database(tmp_path: Path) -> None:
    path = str(tmp_path / "again.db")
    with MilvusClient(path) as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
        schema.add_field("word", DataType.VARCHAR, max_length=64)
        schema.add_field("shape", DataType.JSON)
        index = client.prepare_index_params("vector", index_type="FLAT", metric_type="L2")
        index.add_index("word", index_type="NGRAM", params={"min_gram": 2, "max_gram": 4})
        index.add_index("shape", index_type="INVERTED", params={"json_cast_type": "JSON"})
        client.create_collection("goods", schema=schema, index_params=index)
        rows = [
            {"id": n, "vector": [n, 0.0], "word": f"word {n}", "shape": {"a": {"b": n % 9}}}
            for n in range(300)
        ]
        client.insert("goods", rows)
        client.flush("goods")
        for name in ("word", "shape"):
            while (client.describe_index("goods", name) or {})["indexed_rows"] < 300:
                time.sleep(0.01)  # built beside; the test's own timeout is the limit
    with MilvusClient(path) as client:
        assert [r["id"] for r in client.query("goods", 'word like "%d 77%"')] == [77]
        found = client.query("goods", 'shape["a"]["b"] == 5', output_fields=["count(*)"])
        assert found[0]["count(*)"] == len([n for n in range(300) if n % 9 == 5])
        assert (client.describe_index("goods", "shape") or {})["indexed_rows"] == 300


async def test_the_offset_cache_of_a_bitmap_can_be_set_and_altered(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("even", DataType.BOOL)
    await client.create_collection("c", schema=schema)
    cache = "indexoffsetcache.enabled"
    index = client.raw.prepare_index_params()
    index.add_index("even", index_type="BITMAP", params={cache: "maybe"})
    with pytest.raises(ParamError, match="invalid offset cache index params"):
        await client.create_index("c", index)
    index = client.raw.prepare_index_params()
    index.add_index("even", index_type="BITMAP", params={cache: True})
    await client.create_index("c", index)
    assert (await client.describe_index("c", "even"))[cache] == "true"
    await client.alter_index_properties("c", "even", {cache: False})
    assert (await client.describe_index("c", "even"))[cache].lower() == "false"
    await client.drop_index_properties("c", "even", [cache])
    assert cache not in await client.describe_index("c", "even")
