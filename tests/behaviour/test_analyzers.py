"""Texts analysed on request: bare tokens, or tokens with what else was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import DataType, Function, FunctionType, ParamError

ENGLISH = {"type": "english"}


async def test_tokens_come_bare_for_one_text_and_for_many(client: Any) -> None:
    assert (await client.run_analyzer("Foxes jumped", analyzer_params=ENGLISH)).tokens == [
        "fox",
        "jump",
    ]
    found = await client.run_analyzer(["Foxes", "the"], analyzer_params=ENGLISH)
    assert [each.tokens for each in found] == [["fox"], []]


async def test_details_and_hashes_come_when_asked_for(client: Any) -> None:
    asked: dict[str, Any] = {"analyzer_params": ENGLISH, "with_detail": True}
    (token,) = (await client.run_analyzer("the Foxes", **asked)).tokens
    assert token == {
        "token": "fox",
        "start_offset": 4,
        "end_offset": 9,
        "position": 1,
        "position_length": 1,
    }
    assert token.token == "fox"
    (hashed,) = (await client.run_analyzer("the Foxes", **asked, with_hash=True)).tokens
    assert hashed["hash"] > 0
    (bare,) = (
        await client.run_analyzer("the Foxes", analyzer_params=ENGLISH, with_hash=True)
    ).tokens
    assert bare == {"token": "fox", "hash": hashed["hash"]}


async def test_what_is_no_text_is_refused_by_name(client: Any) -> None:
    for wrong in (5, [5], ["a", None], {"a": 1}):
        with pytest.raises(ParamError, match="'texts' must be a list of texts"):
            await client.run_analyzer(wrong, analyzer_params=ENGLISH)


async def test_counted_terms_are_searched_and_not_shown(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=50, enable_analyzer=True)
    schema.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["terms"]))
    params = client.raw.prepare_index_params()
    params.add_index("terms", index_type="AUTOINDEX", metric_type="BM25")
    await client.create_collection("c", schema=schema, index_params=params)
    await client.insert("c", [{"pk": 1, "text": "foxes jump"}])
    whole = {"pk": 1, "text": "foxes jump"}
    assert await client.query("c", ids=[1], output_fields=["*"]) == [whole]
    assert await client.get("c", ids=[1]) == [whole]
    asked: dict[str, Any] = {"data": ["jump"], "anns_field": "terms"}
    (found,) = await client.search("c", **asked, output_fields=["*"])
    assert found[0]["entity"] == whole
    refused = pytest.raises(ParamError, match="not allowed to retrieve raw data of field terms")
    with refused:
        await client.query("c", ids=[1], output_fields=["pk", "terms"])
    with refused:
        await client.search("c", **asked, output_fields=["terms"])


async def test_names_that_are_no_analyzer_take_the_default_one(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("language", DataType.VARCHAR, max_length=20)
    languages = {
        "by_field": "language",
        "analyzers": {"english": ENGLISH, "default": {"tokenizer": "whitespace"}},
        "alias": {"en": "english"},
    }
    text = {"enable_analyzer": True, "multi_analyzer_params": languages}
    schema.add_field("text", DataType.VARCHAR, max_length=50, **text)
    schema.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["terms"]))
    params = client.raw.prepare_index_params()
    params.add_index("terms", index_type="AUTOINDEX", metric_type="BM25")
    await client.create_collection("c", schema=schema, index_params=params)
    rows = [(1, "en"), (2, "klingon"), (3, "english")]
    await client.insert("c", [{"pk": n, "language": at, "text": "Foxes"} for n, at in rows])
    asked: dict[str, Any] = {"collection_name": "c", "field_name": "text"}
    for name, terms in (("en", ["fox"]), ("english", ["fox"]), ("klingon", ["Foxes"])):
        (found,) = await client.run_analyzer(["Foxes"], **asked, analyzer_names=[name])
        assert found.tokens == terms
        (hits,) = await client.search(
            "c", data=["Foxes"], anns_field="terms", search_params={"analyzer_name": name}
        )
        assert sorted(hit["pk"] for hit in hits) == ([2] if name == "klingon" else [1, 3])
