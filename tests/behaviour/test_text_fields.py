"""Fields of type TEXT: long texts without a stated length, which filters do not compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from aiomilvus import DataType, Function, FunctionType
from aiomilvus.errors import ExpressionError, MilvusException, ParamError

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

LONG = "word " * 30_000
ROWS: list[dict[str, Any]] = [
    {"id": 1, "body": f"a quick fox {LONG}", "plain": LONG, "v": [1.0, 0.0]},
    {"id": 2, "body": None, "plain": "", "v": [0.0, 1.0]},
    {"id": 3, "body": "the lazy dog", "plain": "längst", "v": [1.0, 1.0]},
]


def schema_of(raw: Any) -> Any:
    schema = raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("body", DataType.TEXT, nullable=True, enable_analyzer=True, enable_match=True)
    schema.add_field("plain", DataType.TEXT, max_length=3)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    return schema


@pytest_asyncio.fixture(params=["growing", "sealed"])
async def texts(client: Door, request: pytest.FixtureRequest) -> Door:
    raw: Any = client.raw
    params = raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema_of(raw), index_params=params)
    await client.insert("c", ROWS)
    if request.param == "sealed":
        await client.flush("c")
    return client


@pytest.mark.asyncio
async def test_long_texts_come_back_whole(texts: Door) -> None:
    found = await texts.query("c", filter="id > 0", output_fields=["body", "plain"])
    wanted = [{key: row[key] for key in ("id", "body", "plain")} for row in ROWS]
    assert sorted(found, key=lambda row: row["id"]) == wanted
    hits = await texts.search("c", [[1.0, 0.0]], anns_field="v", limit=1, output_fields=["plain"])
    assert hits[0][0]["entity"]["plain"] == LONG
    fields = {each["name"]: each for each in (await texts.describe_collection("c"))["fields"]}
    assert fields["body"]["type"] == DataType.TEXT
    assert fields["body"]["params"] == {"enable_analyzer": "true", "enable_match": "true"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("text_match(body, 'fox')", [1]),
        ("phrase_match(body, 'lazy dog')", [3]),
        ("text_match_fuzzy(body, 'dgo', max_edit_distance=2) and id > 2", [3]),
    ],
)
async def test_texts_are_matched_by_their_words(texts: Door, text: str, keys: list[int]) -> None:
    assert [row["id"] for row in await texts.query("c", filter=text)] == keys


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "text",
    [
        "plain == 'längst'",
        "plain != 'x'",
        "plain in ['x']",
        "plain > 'a'",
        "plain like 'l%'",
        "plain is null",
        "body is not null",
        "starts_with(plain, 'x')",
        "empty(plain)",
    ],
)
async def test_other_filters_on_texts_are_refused(texts: Door, text: str) -> None:
    with pytest.raises(ExpressionError, match=r"filter on text field \((plain|body)\) is not supp"):
        await texts.query("c", filter=text)
    with pytest.raises(MilvusException, match=r"filter on text field"):
        await texts.delete("c", filter=text)


@pytest.mark.asyncio
async def test_texts_are_not_sorted_grouped_or_indexed(texts: Door) -> None:
    with pytest.raises(ParamError, match="'plain' has type Text which is not sortable"):
        await texts.query("c", filter="id > 0", order_by_fields=["plain"], limit=2)
    with pytest.raises(ParamError, match="Text"):
        await texts.query(
            "c", filter="id > 0", group_by_fields=["plain"], output_fields=["plain", "count(*)"]
        )
    with pytest.raises(ParamError, match="plain"):
        await texts.search("c", [[1.0, 0.0]], anns_field="v", group_by_field="plain")
    for kind in ("INVERTED", "TRIE", "BITMAP", "STL_SORT", "AUTOINDEX", ""):
        params = texts.raw.prepare_index_params()
        params.add_index("plain", index_type=kind)
        with pytest.raises(ParamError, match="TEXT field does not support user-created scalar ind"):
            await texts.create_index("c", params)


@pytest.mark.asyncio
async def test_a_text_field_is_added_without_a_default(texts: Door) -> None:
    await texts.add_collection_field("c", "more", DataType.TEXT, nullable=True)
    await texts.upsert("c", [{**ROWS[0], "more": LONG}])
    (row,) = await texts.query("c", filter="id == 1", output_fields=["more"])
    assert row["more"] == LONG
    with pytest.raises(ParamError, match="default value is not supported when adding TEXT field, "):
        await texts.add_collection_field("c", "no", DataType.TEXT, nullable=True, default_value="x")


@pytest.mark.asyncio
async def test_bm25_reads_texts_that_are_there_from_the_start(client: Door) -> None:
    raw: Any = client.raw
    schema = raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("body", DataType.TEXT, enable_analyzer=True)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["body"], ["words"]))
    params = raw.prepare_index_params()
    params.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    await client.create_collection("b", schema=schema, index_params=params)
    await client.insert("b", [{"id": 1, "body": f"fox {LONG}"}, {"id": 2, "body": "a dog"}])
    found = await client.search("b", ["dog"], anns_field="words", limit=3)
    assert [hit["id"] for hit in found[0]] == [2]
    later = Function("later", FunctionType.BM25, ["body"], ["more"])
    text = r"adding a BM25 function with a TEXT input field \(body\) is not supported"
    index = raw.prepare_index_params()
    index.add_index("more", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    field = raw.create_field_schema("more", DataType.SPARSE_FLOAT_VECTOR)
    with pytest.raises(ParamError, match=text):
        await client.add_function_field("b", field, later, index)


@pytest.mark.asyncio
async def test_texts_are_no_elements_and_have_no_defaults(client: Door) -> None:
    raw: Any = client.raw
    for options, fault in (
        ({"datatype": DataType.TEXT, "default_value": "x"}, "type not support default_value"),
        (
            {"datatype": DataType.ARRAY, "element_type": DataType.TEXT, "max_capacity": 3},
            "element type Text is not supported",
        ),
    ):
        schema = raw.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field(field_name="t", **options)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        with pytest.raises(ParamError, match=fault):
            await client.create_collection("d", schema=schema)
