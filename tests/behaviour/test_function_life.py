"""Functions are added to, altered in and dropped from a collection that has rows."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import DataType, Function, FunctionType, MilvusException, ParamError
from aiomilvus import register_embedding as register


def embedding(name: str, *, source: str = "text", into: str = "v", by: str = "ones") -> Function:
    return Function(name, FunctionType.TEXTEMBEDDING, [source], [into], params={"provider": by})


def bm25(name: str = "bm25", *, source: str = "text", into: str = "words") -> Function:
    return Function(name, FunctionType.BM25, [source], [into])


async def made(client: Any) -> None:
    """A collection with a BM25 function and two vector fields that none fills."""
    register("ones", lambda texts: [[1.0, float(len(text))] for text in texts])
    register("twos", lambda texts: [[2.0, float(len(text))] for text in texts])
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=50, enable_analyzer=True)
    schema.add_field("plain", DataType.VARCHAR, max_length=50)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("bits", DataType.BINARY_VECTOR, dim=8)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(bm25())
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    params.add_index("bits", index_type="BIN_FLAT", metric_type="HAMMING")
    params.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    await client.create_collection("c", schema=schema, index_params=params)
    await client.insert("c", [{**row(0), "v": [0.0, 0.0]}, {**row(1), "v": [0.0, 0.0]}])
    await client.flush("c")


def row(key: int) -> dict[str, Any]:
    return {"id": key, "text": f"row {key}", "plain": "abc", "bits": b"\x01"}


async def vectors(client: Any) -> dict[int, list[float]]:
    rows = await client.query("c", filter="id >= 0", output_fields=["v"])
    return {each["id"]: list(each["v"]) for each in rows}


async def functions(client: Any) -> list[str]:
    described = await client.describe_collection("c")
    return [each["name"] for each in described["functions"]]


async def test_an_added_function_fills_the_rows_to_come(client: Any) -> None:
    await made(client)
    await client.add_collection_function("c", embedding("e"))
    assert await functions(client) == ["bm25", "e"]
    with pytest.raises(MilvusException, match="unexpected function output field `v`"):
        await client.insert("c", [{**row(2), "v": [5.0, 5.0]}])
    await client.insert("c", [row(2)])
    assert await vectors(client) == {0: [0.0, 0.0], 1: [0.0, 0.0], 2: [1.0, 5.0]}
    hits = await client.search("c", ["abcde"], anns_field="v", limit=1)
    assert [(hit["id"], hit["distance"]) for hit in hits[0]] == [(2, 0.0)]


async def test_an_altered_function_leaves_what_it_made_before(client: Any) -> None:
    await made(client)
    await client.add_collection_function("c", embedding("e"))
    await client.insert("c", [row(2)])
    await client.alter_collection_function("c", "e", embedding("e", by="twos"))
    await client.insert("c", [row(3)])
    found = await vectors(client)
    assert (found[2], found[3]) == ([1.0, 5.0], [2.0, 5.0])
    described = await client.describe_collection("c")
    assert described["functions"][1]["params"]["provider"] == "twos"


async def test_without_its_function_a_field_takes_vectors_again(client: Any) -> None:
    await made(client)
    await client.add_collection_function("c", embedding("e"))
    await client.drop_collection_function("c", "e")
    await client.drop_collection_function("c", "e")
    assert await functions(client) == ["bm25"]
    with pytest.raises(MilvusException, match="`v`"):
        await client.insert("c", [row(2)])
    await client.insert("c", [{**row(2), "v": [7.0, 7.0]}])
    assert (await vectors(client))[2] == [7.0, 7.0]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (bm25("other", into="v"), "does not support adding BM25 function: add_function_field"),
        (
            Function("m", FunctionType.MINHASH, ["text"], ["bits"]),
            "does not support adding MinHash",
        ),
        (embedding("bm25"), "function already exists, name: bm25"),
        (embedding("e", into="words"), "output field words is already of other functions"),
        (embedding("e", source="nothing"), "field nothing not found"),
        (embedding("e", into="nothing"), "field nothing not found"),
        (embedding("e", source="id"), "input field must be a VARCHAR"),
        (embedding("e", into="bits"), "must be a FloatVector or Int8Vector field: bits"),
        (embedding("e", by="nobody"), "unsupported text embedding provider: 'nobody'"),
    ],
)
async def test_what_cannot_be_added_is_refused(client: Any, function: Function, text: str) -> None:
    await made(client)
    with pytest.raises(MilvusException, match=text) as caught:
        await client.add_collection_function("c", function)
    assert caught.value.code == 1100
    assert await functions(client) == ["bm25"]


@pytest.mark.parametrize(
    ("name", "function", "text"),
    [
        ("bm25", bm25(), "does not support alter BM25 function"),
        ("e", bm25("e"), "does not support alter BM25 function"),
        ("nothing", embedding("nothing"), "function not found: nothing"),
        ("e", embedding("f"), "function name mismatch: e and f"),
        ("e", embedding("e", into="words"), "output field words is already of other functions"),
        ("e", embedding("e", by="nobody"), "unsupported text embedding provider"),
    ],
)
async def test_what_cannot_be_altered_is_refused(
    client: Any, name: str, function: Function, text: str
) -> None:
    await made(client)
    await client.add_collection_function("c", embedding("e"))
    before = await client.describe_collection("c")
    with pytest.raises(MilvusException, match=text) as caught:
        await client.alter_collection_function("c", name, function)
    assert caught.value.code == 1100
    assert (await client.describe_collection("c"))["functions"] == before["functions"]


async def test_what_cannot_be_dropped_is_refused(client: Any) -> None:
    await made(client)
    with pytest.raises(ParamError, match="does not support dropping BM25 function: drop_function_"):
        await client.drop_collection_function("c", "bm25")
    with pytest.raises(ParamError, match="function not found: nothing"):
        await client.drop_function_field("c", "nothing")
    assert await functions(client) == ["bm25"]
    await client.drop_function_field("c", "bm25")
    described = await client.describe_collection("c")
    assert "words" not in [field["name"] for field in described["fields"]]
    assert "words" not in await client.list_indexes("c")


@pytest.mark.parametrize(
    ("field", "options", "function", "text"),
    [
        ("w", {}, embedding("e", into="w"), "only BM25 and MinHash functions are supported"),
        ("w", {}, bm25("b", into="words"), "must be the newly-added field w"),
        ("w", {"nullable": True}, bm25("b", into="w"), "cannot be nullable: field w"),
        ("w", {}, bm25("b", source="plain", into="w"), "enable_analyzer"),
        ("w", {}, bm25("bm25", into="w"), "function already exists, name: bm25"),
        ("words", {}, bm25("b"), "output field words is already of other functions"),
        ("w", {}, bm25("b", source="words", into="w"), "it is the output of function bm25"),
    ],
)
async def test_what_cannot_be_added_with_a_field_is_refused(
    client: Any, field: str, options: dict[str, Any], function: Function, text: str
) -> None:
    await made(client)
    params = client.raw.prepare_index_params()
    params.add_index(field, index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    added = client.raw.create_field_schema(field, DataType.SPARSE_FLOAT_VECTOR, **options)
    with pytest.raises(MilvusException, match=text) as caught:
        await client.add_function_field("c", added, function, params)
    assert caught.value.code == 1100
    assert await functions(client) == ["bm25"]
    described = await client.describe_collection("c")
    assert "w" not in [each["name"] for each in described["fields"]]
