"""Fields and functions come and go while the collection has data."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from aiomilvus import DataType, Function, FunctionType, MilvusException, ParamError


async def filled(client: Any, *, flushed: bool = True, dynamic: bool = False) -> None:
    """A collection with rows on the disk and rows that still grow."""
    schema = client.raw.create_schema(enable_dynamic_field=dynamic)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("text", DataType.VARCHAR, max_length=60, enable_analyzer=True)
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=params)
    await client.insert("c", [row(number) for number in range(6)])
    if flushed:
        await client.flush("c")
    await client.insert("c", [row(number) for number in range(6, 10)])


def row(number: int, **more: Any) -> dict[str, Any]:
    words = "red fox" if number % 2 else "blue whale"
    return {"id": number, "v": [float(number), 0.0], "text": f"{words} {number}", **more}


async def count(client: Any, filter: str) -> int:
    found = await client.query("c", filter, output_fields=["count(*)"])
    return int(found[0]["count(*)"])


async def values(client: Any, field: str, filter: str = "id >= 0") -> list[Any]:
    found = await client.query("c", filter, output_fields=[field])
    return [each[field] for each in sorted(found, key=lambda each: each["id"])]


async def test_older_rows_have_null_or_the_default_in_an_added_field(client: Any) -> None:
    await filled(client)
    await client.add_collection_field("c", "price", DataType.DOUBLE, nullable=True)
    await client.add_collection_field(
        "c", "kind", DataType.VARCHAR, max_length=9, nullable=True, default_value="book"
    )
    await client.add_collection_field(
        "c", "tags", DataType.ARRAY, element_type=DataType.INT64, max_capacity=4, nullable=True
    )
    assert await count(client, "price is null") == 10
    assert await count(client, 'kind == "book"') == 10
    await client.insert("c", [row(20, price=2.5, tags=[1, 2]), row(21, kind=None)])
    assert await values(client, "price", "id in [0, 9, 20]") == [None, None, 2.5]
    assert await values(client, "kind", "id in [3, 20, 21]") == ["book"] * 3
    assert await values(client, "tags", "id in [3, 20]") == [None, [1, 2]]
    assert await count(client, "price > 1") == 1
    (hits,) = await client.search("c", [[20.0, 0.0]], limit=2, output_fields=["price", "kind"])
    assert [hit["entity"] for hit in hits] == [
        {"price": 2.5, "kind": "book"},
        {"price": None, "kind": "book"},
    ]


async def test_an_added_field_is_ordered_indexed_and_upserted(client: Any) -> None:
    await filled(client)
    await client.add_collection_field("c", "n", DataType.INT64, nullable=True, default_value=5)
    await client.upsert("c", [{"id": 2, "n": 1}, {"id": 8, "n": 9}], partial_update=True)
    assert await values(client, "n") == [5, 5, 1, 5, 5, 5, 5, 5, 9, 5]
    assert await values(client, "text", "id == 2") == ["blue whale 2"]
    params = client.raw.prepare_index_params()
    params.add_index("n", index_type="STL_SORT")
    await client.create_index("c", params)
    await client.flush("c")
    assert await count(client, "n == 5") == 8
    ordered = await client.query("c", "id >= 0", output_fields=["n"], limit=9, order_by=["n:desc"])
    assert [ordered[0]["n"], ordered[-1]["n"]] == [9, 5]


async def test_a_vector_field_can_be_added_and_searched(client: Any) -> None:
    await filled(client)
    await client.add_collection_field("c", "w", DataType.FLOAT_VECTOR, dim=3, nullable=True)
    params = client.raw.prepare_index_params()
    params.add_index("w", index_type="HNSW", metric_type="COSINE", M=8, efConstruction=32)
    await client.create_index("c", params)
    await client.insert("c", [row(30, w=[1.0, 0.0, 0.0]), row(31, w=[0.0, 1.0, 0.0])])
    (hits,) = await client.search("c", [[0.0, 1.0, 0.0]], anns_field="w", limit=5)
    assert [hit["id"] for hit in hits] == [31, 30]
    await client.flush("c")
    await client.load_collection("c")
    (hits,) = await client.search("c", [[0.0, 1.0, 0.0]], anns_field="w", limit=5)
    assert [hit["id"] for hit in hits] == [31, 30]
    assert await values(client, "w", "id == 1") == [None]


async def test_a_dropped_field_is_gone_and_its_name_starts_afresh(client: Any) -> None:
    await filled(client)
    await client.add_collection_field("c", "n", DataType.INT64, nullable=True)
    await client.insert("c", [row(40, n=4)])
    params = client.raw.prepare_index_params()
    params.add_index("n", index_type="STL_SORT")
    await client.create_index("c", params)
    await client.drop_collection_field("c", "n")
    assert await client.list_indexes("c") == ["v"]
    assert "n" not in [f["name"] for f in (await client.describe_collection("c"))["fields"]]
    with pytest.raises(MilvusException):
        await client.query("c", "n == 4")
    with pytest.raises(MilvusException):
        await client.insert("c", [row(41, n=5)])
    await client.add_collection_field("c", "n", DataType.VARCHAR, max_length=5, nullable=True)
    assert await values(client, "n", "id in [0, 40]") == [None, None]
    described = await client.describe_collection("c")
    (field,) = [f for f in described["fields"] if f["name"] == "n"]
    assert field["field_id"] == 104
    assert described["schema_version"] == 3
    await client.drop_collection_field("c", field_id=104)
    assert len((await client.describe_collection("c"))["fields"]) == 3


async def test_rows_stay_right_over_compaction(client: Any) -> None:
    await filled(client)
    await client.add_collection_field("c", "n", DataType.INT64, nullable=True, default_value=7)
    await client.drop_collection_field("c", "text")
    await client.flush("c")
    job = await client.compact("c")
    while await client.get_compaction_state(job) != "Completed":  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.01)
    assert await values(client, "n") == [7] * 10
    assert set((await client.get("c", [3]))[0]) == {"id", "v", "n"}


async def test_bm25_is_computed_for_rows_that_are_older(client: Any) -> None:
    await filled(client)
    field = client.raw.create_field_schema("sparse", DataType.SPARSE_FLOAT_VECTOR)
    function = Function("bm25", FunctionType.BM25, ["text"], ["sparse"])
    params = client.raw.prepare_index_params()
    params.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    await client.add_function_field("c", field, function, params)
    await client.insert("c", [row(51)])
    (hits,) = await client.search("c", ["fox"], anns_field="sparse", limit=20)
    assert {hit["id"] for hit in hits} == {1, 3, 5, 7, 9, 51}
    described = await client.describe_collection("c")
    assert described["functions"][0]["output_field_names"] == ["sparse"]
    assert sorted(await client.list_indexes("c")) == ["sparse", "v"]
    with pytest.raises(ParamError, match="referenced by function bm25 as input"):
        await client.drop_collection_field("c", "text")
    with pytest.raises(ParamError, match="referenced by function bm25 as output"):
        await client.drop_collection_field("c", "sparse")
    await client.drop_function_field("c", "bm25")
    described = await client.describe_collection("c")
    assert described["functions"] == []
    assert [f["name"] for f in described["fields"]] == ["id", "v", "text"]


@pytest.mark.parametrize(
    ("name", "dtype", "options", "text"),
    [
        ("v", DataType.INT64, {"nullable": True}, "duplicated field name v"),
        ("n", DataType.INT64, {}, "added field must be nullable"),
        ("n", DataType.INT64, {"is_primary": True}, "not support to add pk field"),
        ("$meta", DataType.JSON, {"nullable": True}, "not support to add system field"),
        ("a b", DataType.INT64, {"nullable": True}, "Invalid field name"),
        ("n", DataType.VARCHAR, {"nullable": True}, "max_length"),
    ],
)
async def test_what_may_not_be_added_is_refused(
    client: Any, name: str, dtype: DataType, options: dict[str, Any], text: str
) -> None:
    await filled(client)
    with pytest.raises(MilvusException, match=text.replace("$", r"\$")):
        await client.add_collection_field("c", name, dtype, **options)
    assert (await client.describe_collection("c"))["schema_version"] == 0


async def test_what_may_not_be_dropped_is_refused(client: Any) -> None:
    await filled(client)
    for name, text in [
        ("id", "cannot drop primary key field: id"),
        ("v", "cannot drop the last vector field: v"),
        ("nothing", "field not found: nothing"),
    ]:
        with pytest.raises(ParamError, match=text) as caught:
            await client.drop_collection_field("c", name)
        assert caught.value.code == 1100
    function = Function("bm25", FunctionType.BM25, ["text"], ["s"])
    with pytest.raises(ParamError, match="currently does not support adding BM25 function"):
        await client.add_collection_function("c", function)


async def test_field_parameters_can_be_altered(client: Any) -> None:
    await filled(client)
    with pytest.raises(MilvusException):
        await client.insert("c", [{**row(60), "text": "x" * 80}])
    await client.alter_collection_field("c", "text", {"max_length": 100})
    await client.insert("c", [{**row(60), "text": "x" * 80}])
    assert await values(client, "text", "id == 60") == ["x" * 80]
    for name, params, text in [
        ("v", {"max_length": 5}, "can not modify the maxlength for non-string types"),
        ("text", {"max_length": 70_000}, "70000 exceeds the maximum allowed value 65535"),
        ("text", {"max_length": "long"}, "max_length should be an integer"),
        ("text", {"max_length": 0}, "max_length should be above 0"),
        ("text", {"max_capacity": 5}, "can not modify the maxcapacity for non-array types"),
        ("v", {"analyzer_params": "{}"}, "can not alter analyzer params for non-string field v"),
        ("text", {"enable_analyzer": "perhaps"}, "should be a boolean, but got perhaps"),
        ("text", {"index_type": "FLAT"}, "does not allow update in collection field param"),
    ]:
        with pytest.raises(ParamError, match=text):
            await client.alter_collection_field("c", name, params)
    with pytest.raises(MilvusException, match="collection already loaded") as caught:
        await client.alter_collection_field("c", "text", {"mmap.enabled": True})
    assert caught.value.code == 104
    await client.release_collection("c")
    await client.alter_collection_field("c", "text", {"mmap.enabled": True})
    (field,) = [f for f in (await client.describe_collection("c"))["fields"] if f["name"] == "text"]
    assert field["params"]["mmap_enabled"] is True


async def test_a_field_stays_as_long_as_its_default_value(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("text", DataType.VARCHAR, max_length=9, default_value="größe")
    await client.create_collection("c", schema=schema)
    with pytest.raises(ParamError, match=r"the length \(7\) of string exceeds max length \(6\)"):
        await client.alter_collection_field("c", "text", {"max_length": 6})
    await client.alter_collection_field("c", "text", {"max_length": 7})


@pytest.mark.parametrize("text", ["1", "t", "TRUE"])
async def test_a_field_is_analyzed_by_whatever_says_yes(client: Any, text: str) -> None:
    await plain(client)
    whitespace = '{"tokenizer": "whitespace"}'
    given = {"enable_analyzer": text, "analyzer_params": '{"tokenizer": "klingon"}'}
    with pytest.raises(ParamError, match="klingon"):
        await client.alter_collection_field("c", "words", given)
    given = {"enable_analyzer": text, "analyzer_params": whitespace}
    await client.alter_collection_field("c", "words", given)
    assert await parameters(client) == {
        "max_length": 60,
        "enable_analyzer": "true",
        "analyzer_params": whitespace,
    }
    found = await client.run_analyzer("one-two three", collection_name="c", field_name="words")
    assert found.tokens == ["one-two", "three"]


async def test_a_new_field_is_analyzed_and_matched_by_whatever_says_yes(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    yes = {"enable_analyzer": "1", "enable_match": "t"}
    schema.add_field("words", DataType.VARCHAR, max_length=60, **yes)
    await client.create_collection("c", schema=schema)
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_index("c", index)
    await client.load_collection("c")
    await client.insert("c", [{"id": 1, "v": [0, 1], "words": "one two"}])
    assert await count(client, "text_match(words, 'two')") == 1
    found = await client.run_analyzer("One", collection_name="c", field_name="words")
    assert found.tokens == ["one"]


async def test_parameters_of_an_analyzer_need_it_enabled(client: Any) -> None:
    await plain(client)
    said = "field words with analyzer_params must also set enable_analyzer to true"
    with pytest.raises(ParamError, match=said):
        await client.alter_collection_field("c", "words", {"analyzer_params": "{}"})
    given = {"enable_analyzer": "true", "analyzer_params": "{}"}
    await client.alter_collection_field("c", "words", given)
    for no in ("false", "0", "F"):
        with pytest.raises(ParamError, match=said):
            await client.alter_collection_field("c", "words", {"enable_analyzer": no})
    await client.alter_collection_field("c", "words", {"field.description": "plain words"})
    assert await parameters(client) == {
        "max_length": 60,
        "enable_analyzer": "true",
        "analyzer_params": "{}",
    }


async def plain(client: Any) -> None:
    """Create a collection "c" whose field "words" is not analyzed."""
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("words", DataType.VARCHAR, max_length=60)
    await client.create_collection("c", schema=schema)


async def parameters(client: Any) -> Any:
    """Return those of the field "words"."""
    described = await client.describe_collection("c")
    return next(each["params"] for each in described["fields"] if each["name"] == "words")


async def test_the_dynamic_field_can_be_switched_on_and_off(client: Any) -> None:
    await filled(client)
    await client.alter_collection_properties("c", {"dynamicfield.enabled": "true"})
    assert (await client.describe_collection("c"))["enable_dynamic_field"] is True
    await client.insert("c", [row(70, colour="green")])
    assert await count(client, 'colour == "green"') == 1
    found = await client.get("c", [70], output_fields=["colour"])
    assert found[0]["colour"] == "green"
    await client.alter_collection_properties("c", {"dynamicfield.enabled": "false"})
    with pytest.raises(MilvusException):
        await client.query("c", 'colour == "green"')
    await client.alter_collection_properties("c", {"dynamicfield.enabled": "true"})
    assert await count(client, 'colour == "green"') == 0
