"""Highlighters: what is marked in the hits of a search, at every door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import (
    AnnSearchRequest,
    DataType,
    Function,
    FunctionType,
    LexicalHighlighter,
    MilvusException,
    NotSupportedError,
    ParamError,
    RRFRanker,
    SemanticHighlighter,
    register_reranker,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXTS = [
    "Milvus supports full text search. Use BM25 for keyword relevance.",
    "Filters can narrow results of a search.",
    "Nothing of the kind.",
]


async def made(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field(
        "text", DataType.VARCHAR, max_length=500, enable_analyzer=True, enable_match=True
    )
    schema.add_field(
        "zh",
        DataType.VARCHAR,
        max_length=500,
        nullable=True,
        enable_analyzer=True,
        analyzer_params={"type": "chinese"},
    )
    schema.add_field("plain", DataType.VARCHAR, max_length=20, default_value="x")
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
    index = client.raw.prepare_index_params()
    index.add_index("words", index_type="AUTOINDEX", metric_type="BM25")
    index.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)
    rows: list[dict[str, Any]] = [
        {"pk": number, "text": text, "v": [float(number), 0.0]} for number, text in enumerate(TEXTS)
    ]
    rows[0]["zh"] = "向量数据库适合语义搜索"
    await client.insert("c", rows)


async def search(client: Any, data: Any, field: str, **highlighter: Any) -> Any:
    return await client.search(
        "c", data, anns_field=field, limit=3, highlighter=LexicalHighlighter(**highlighter)
    )


async def test_the_words_that_were_searched_are_marked(client: Any) -> None:
    await made(client)
    found = await search(client, ["BM25 search", "kind"], "words", highlight_search_text=True)
    marked = {hit["pk"]: hit.highlight for hit in found[0]}
    assert marked[0]["text"]["fragments"] == [
        "<em>search</em>. Use <em>BM25</em> for keyword relevance."
    ]
    assert marked[1]["text"] == {"fragments": ["<em>search</em>."], "scores": []}
    assert [hit.highlight["text"]["fragments"] for hit in found[1]] == [["<em>kind</em>."]]


async def test_tags_sizes_and_queries_are_as_asked_for(client: Any) -> None:
    await made(client)
    query = [
        {"type": "TextMatch", "field": "text", "text": "search"},
        {"type": "PhraseMatch", "field": "text", "text": "keyword relevance"},
        {"type": "TextMatch", "field": "zh", "text": "数据库"},
    ]
    found = await search(
        client,
        [[0.0, 0.0]],
        "v",
        highlight_query=query,
        pre_tags=["{"],
        post_tags=["}"],
        fragment_size=12,
        fragment_offset=5,
        num_of_fragments=2,
    )
    first, second, third = (hit.highlight for hit in found[0])
    assert first["text"]["fragments"] == ["text {search}.", " for {keyword}"]
    assert first["zh"]["fragments"] == ["向量{数据库}适合语义搜索"]
    assert second["text"]["fragments"] == ["of a {search}."]
    assert second["zh"]["fragments"] == []
    assert third["text"]["fragments"] == []


async def test_nothing_is_marked_unless_asked_for(client: Any) -> None:
    await made(client)
    found = await client.search("c", ["search"], anns_field="words")
    assert found[0][0].highlight is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "needs highlight_search_text or a highlight_query"),
        ({"highlight_search_text": True}, "needs a search by text"),
        ({"highlight_search_text": True, "fragment_size": 0}, "invalid fragment_size: 0"),
        ({"highlight_search_text": True, "pre_tags": []}, "pre_tags cannot be empty list"),
        ({"highlight_query": [{"type": "TextMatch", "field": "text"}]}, "must set `text`"),
        (
            {"highlight_query": [{"type": "TextMatch", "field": "text", "text": 1}]},
            "unmarshal highlight queries failed: `text` must be string",
        ),
        ({"highlight_query": [{"type": "T", "field": "text", "text": "a"}]}, "query type: T"),
        (
            {"highlight_query": [{"type": "TextMatch", "field": "plain", "text": "a"}]},
            "highlight field plain has no analyzer",
        ),
        (
            {"highlight_query": [{"type": "TextMatch", "field": "no", "text": "a"}]},
            "highlight field not found in schema: no",
        ),
    ],
)
async def test_what_is_wrong_with_a_highlighter_is_said(
    client: Any, options: dict[str, Any], message: str
) -> None:
    await made(client)
    with pytest.raises(ParamError) as caught:
        await search(client, [[0.0, 0.0]], "v", **options)
    assert message in caught.value.message


def counting(query: str, texts: Sequence[str]) -> list[float]:
    """Score a sentence by its share of words that are the query's."""
    wanted = set(query.lower().split())
    words = [text.lower().strip(".!?").split() for text in texts]
    return [sum(word in wanted for word in each) / len(each) for each in words]


async def semantic(client: Any, queries: list[str], **options: Any) -> Any:
    register_reranker("counting", counting)
    long = "Tides rise. The moon pulls tides! Boats wait?\nMoon tides"
    await client.insert("c", [{"pk": 50, "text": long, "v": [50.0, 0.0]}])
    asked = SemanticHighlighter(queries, ["text"], model_deployment_id="counting", **options)
    vectors = [[50.0, 0.0]] * len(queries)
    found = await client.search("c", vectors, anns_field="v", limit=1, highlighter=asked)
    return [hits[0].highlight["text"] for hits in found]


async def test_sentences_close_to_the_query_are_marked(client: Any) -> None:
    await made(client)
    options = {"threshold": 0.5, "pre_tags": ["<", "["], "post_tags": [">", "]"]}
    only = {**options, "highlight_only": True, "max_client_batch_size": 2}
    (found,) = await semantic(client, ["moon tides"], **only)
    assert found["fragments"] == ["<Tides rise.>", "[The moon pulls tides!]", "<Moon tides>"]
    assert found["scores"] == pytest.approx([0.5, 0.5, 1.0])
    (found,) = await semantic(client, ["moon tides"], **options)
    whole = "<Tides rise.> [The moon pulls tides!] Boats wait?\n<Moon tides>"
    assert found == {"fragments": [whole], "scores": [1.0]}
    boats, nothing = await semantic(client, ["boats wait", "sun"], **only)
    assert boats == {"fragments": ["<Boats wait?>"], "scores": [1.0]}
    assert nothing == {"fragments": [], "scores": []}


@pytest.mark.parametrize(
    ("queries", "fields", "options", "text"),
    [
        ([], ["text"], {}, "queries is required"),
        (["q"], [], {}, "input_field is required"),
        (["q", "r"], ["text"], {}, r"nq must equal to queries size, but got nq \[1\], queries si"),
        (["q"], ["no"], {}, "input_field no not found in schema"),
        (["q"], ["v"], {}, "input_field v is not a VarChar or Text field"),
        (["q"], ["text"], {"threshold": 2}, "threshold should be in range"),
        (["q"], ["text"], {"model_deployment_id": "no"}, "unsupported rerank provider: 'no'"),
    ],
)
async def test_a_semantic_highlighter_that_is_wrong_is_refused(
    client: Any, queries: list[str], fields: list[str], options: dict[str, Any], text: str
) -> None:
    await made(client)
    register_reranker("counting", counting)
    asked = SemanticHighlighter(queries, fields, **{"model_deployment_id": "counting", **options})
    with pytest.raises(ParamError, match=text):
        await client.search("c", [[0.0, 0.0]], anns_field="v", limit=1, highlighter=asked)


async def test_a_semantic_highlighter_without_a_model_is_refused_with_the_reason(
    client: Any,
) -> None:
    await made(client)
    semantic = SemanticHighlighter(["q"], ["text"])
    with pytest.raises(NotSupportedError, match="needs a model that this engine does not serve"):
        await client.search("c", ["search"], anns_field="words", highlighter=semantic)


async def test_a_hybrid_search_marks_the_words_of_its_text_searches(
    client: Any, door_name: str
) -> None:
    await made(client)
    requests = [
        AnnSearchRequest(["search"], "words", {}, 3),
        AnnSearchRequest([[0.0, 0.0]], "v", {}, 3),
    ]
    highlighter = LexicalHighlighter(highlight_search_text=True, fragment_size=6)
    if door_name.startswith("remote"):
        with pytest.raises(MilvusException, match="no highlighter for a hybrid search"):
            await client.hybrid_search("c", requests, RRFRanker(), highlighter=highlighter)
        return
    found = await client.hybrid_search("c", requests, RRFRanker(), highlighter=highlighter)
    marked = {hit["pk"]: hit.highlight["text"]["fragments"] for hit in found[0]}
    assert marked == {0: ["<em>search</em>"], 1: ["<em>search</em>"], 2: []}
