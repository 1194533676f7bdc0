"""MinHash, text embedding and analyzers by language, at every door."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import (
    DataType,
    Function,
    FunctionType,
    LexicalHighlighter,
    MilvusException,
    ParamError,
    register_embedding,
)
from tests.support.model_service import ModelService, listening

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def letters(texts: Sequence[str]) -> list[list[float]]:
    """Embed texts by how often the letters a, b, c and d stand in them."""
    return [[float(text.count(letter)) for letter in "abcd"] for text in texts]


class Service(ModelService):
    """Answers like an OpenAI-compatible service, like TEI's, and like rerankers."""

    failures = 0

    def reply(self, body: dict[str, Any]) -> tuple[int, str]:
        status, answer = self._answer(body)
        return status, json.dumps(answer)

    def _answer(self, body: dict[str, Any]) -> tuple[int, Any]:
        if self.failures:
            type(self).failures -= 1
            return 503, {"error": "busy"}
        if self.path == "/v1/embeddings":
            vectors = letters(body["input"])
            data = [{"index": at, "embedding": each} for at, each in enumerate(vectors)]
            return 200, {"data": data[::-1]}
        if self.path == "/embed":
            return 200, letters(body["inputs"])
        if self.path == "/rerank":
            return 200, [{"index": at, "score": len(t)} for at, t in enumerate(body["texts"])][::-1]
        return 404, {"error": "no such model"}


@pytest.fixture
def service() -> Iterator[str]:
    Service.failures, Service.requests = 0, ()
    with listening(Service) as url:
        yield url


async def embedding(client: Any, **params: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=50)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=4)
    schema.add_function(
        Function("embed", FunctionType.TEXTEMBEDDING, ["text"], ["v"], params=params)
    )
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)


ROWS = [{"pk": 1, "text": "aab"}, {"pk": 2, "text": "bcc"}, {"pk": 3, "text": "ddd"}]


async def found(client: Any, text: str) -> list[tuple[int, float]]:
    hits = await client.search("c", [text], anns_field="v", limit=2)
    return [(hit["pk"], hit["distance"]) for hit in hits[0]]


async def test_a_registered_function_embeds_rows_and_queries(client: Any) -> None:
    register_embedding("letters", letters)
    await embedding(client, provider="letters")
    await client.insert("c", ROWS)
    assert await found(client, "ccb") == [(2, 0.0), (1, 8.0)]
    rows = await client.query("c", filter="pk == 1", output_fields=["v"])
    assert list(rows[0]["v"]) == [2.0, 1.0, 0.0, 0.0]
    await client.upsert("c", [{"pk": 2, "text": "a"}])
    assert (await found(client, "a"))[0] == (2, 0.0)


async def test_an_openai_compatible_service_embeds_with_the_key_it_was_allowed_with(
    client: Any, service: str
) -> None:
    await embedding(
        client, provider="openai", model_name="m", url=f"{service}/v1/embeddings", dim=4
    )
    Service.failures = 2  # tried again until it answers
    await client.insert("c", ROWS)
    assert await found(client, "ccb") == [(2, 0.0), (1, 8.0)]
    assert len(Service.requests) == 4
    last = Service.requests[-1]
    assert last["key"] == "Bearer secret"
    assert (last["model"], last["input"], last["dimensions"]) == ("m", ["ccb"], 4)


async def test_a_tei_service_embeds_rows_and_queries_with_their_prompts(
    client: Any, service: str
) -> None:
    await embedding(
        client,
        provider="TEI",
        endpoint=service,
        ingestion_prompt="store ",
        search_prompt="find ",
        max_client_batch_size=2,
    )
    await client.insert("c", ROWS)
    await found(client, "ccb")
    assert [request["inputs"] for request in Service.requests] == [
        ["store aab", "store bcc"],
        ["store ddd"],
        ["find ccb"],
    ]


async def test_a_service_reranks(client: Any, service: str) -> None:
    register_embedding("letters", letters)
    await embedding(client, provider="letters")
    await client.insert("c", [{"pk": 1, "text": "a"}, {"pk": 2, "text": "abcd"}])
    params = {"reranker": "model", "provider": "tei", "endpoint": service, "queries": ["q"]}
    ranker = Function("f", FunctionType.RERANK, ["text"], params=params)
    hits = await client.search("c", ["a"], anns_field="v", ranker=ranker)
    assert [(hit["pk"], hit["distance"]) for hit in hits[0]] == [(2, 4.0), (1, 1.0)]


async def test_a_service_that_does_not_answer_leaves_nothing_half_written(
    client: Any, service: str
) -> None:
    await embedding(client, provider="openai", model_name="m", url=f"{service}/v1/embeddings")
    Service.failures = 3
    with pytest.raises(MilvusException, match="answered 503") as caught:
        await client.insert("c", ROWS)
    assert caught.value.code == 2
    assert await client.query("c", output_fields=["count(*)"]) == [{"count(*)": 0}]
    with pytest.raises(ParamError, match="empty string in the input data"):
        await client.insert("c", [{"pk": 1, "text": ""}])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "unsupported text embedding provider: ''"),
        ({"provider": "nobody"}, "unsupported text embedding provider: 'nobody'"),
        ({"provider": "openai"}, "needs a model_name"),
        ({"provider": "openai", "model_name": "m", "api_key": "k"}, "keys are given to"),
        ({"provider": "openai", "model_name": "m", "dim": 5}, "should equal that of field v"),
        ({"provider": "tei"}, "TEI needs an endpoint"),
    ],
)
async def test_what_is_wrong_with_an_embedding_function_is_said_when_it_is_made(
    client: Any, params: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParamError) as caught:
        await embedding(client, **params)
    assert message in caught.value.message


async def test_no_address_is_called_that_was_not_allowed(client: Any, service: str) -> None:
    other = service.replace("127.0.0.1", "localhost")
    await embedding(client, provider="openai", model_name="m", url=f"{other}/v1/embeddings")
    with pytest.raises(ParamError, match="is not allowed: call allow_model_endpoint"):
        await client.insert("c", ROWS)
    assert Service.requests == ()


async def test_a_model_of_the_wrong_dimension_is_refused(client: Any) -> None:
    register_embedding("short", lambda texts: [[1.0] for _ in texts])
    await embedding(client, provider="short")
    with pytest.raises(MilvusException, match=r"The required embedding dim for field v is \[4\]"):
        await client.insert("c", ROWS)


async def hashed(client: Any, rows: int = 0, **index_params: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=500)
    schema.add_field("signature", DataType.BINARY_VECTOR, dim=32 * 64)
    params = {"num_hashes": 64, "shingle_size": 2, "token_level": "word"}
    schema.add_function(
        Function("minhash", FunctionType.MINHASH, ["text"], ["signature"], params=params)
    )
    index = client.raw.prepare_index_params()
    index.add_index(
        "signature", index_type="MINHASH_LSH", metric_type="MHJACCARD", params=index_params
    )
    await client.create_collection("c", schema=schema, index_params=index)
    words = [hashlib.sha256(bytes([at % 256, at // 256])).hexdigest() for at in range(rows)]
    texts = [
        {"pk": at, "text": " ".join(word[i : i + 4] for i in range(0, 64, 4))}
        for at, word in enumerate(words)
    ]
    if texts:
        await client.insert("c", texts)


@pytest.mark.parametrize("rows", [0, 1_500])
async def test_near_duplicates_are_found_by_their_signatures(client: Any, rows: int) -> None:
    await hashed(client, rows, mh_lsh_band=16)
    text = "the quick brown fox jumps over the lazy dog and runs away from it all"
    near = text.replace("lazy", "sleepy")
    await client.insert(
        "c", [{"pk": 10_000, "text": text}, {"pk": 10_001, "text": "something else altogether"}]
    )
    if rows:
        await client.flush("c")
    hits = await client.search("c", [text, near], anns_field="signature", limit=1)
    assert [(hit["pk"], hit["distance"]) for hit in hits[0]] == [(10_000, 1.0)]
    assert hits[1][0]["pk"] == 10_000
    assert 0.5 < hits[1][0]["distance"] < 1.0


async def test_minhash_parameters_that_do_not_fit_are_refused(client: Any) -> None:
    with pytest.raises(ParamError, match=r"mh_lsh_band should be in range \[1, 64\], got 65"):
        await hashed(client, mh_lsh_band=65)
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=50)
    schema.add_field("signature", DataType.BINARY_VECTOR, dim=64)
    params = {"num_hashes": 3}
    schema.add_function(Function("m", FunctionType.MINHASH, ["text"], ["signature"], params=params))
    with pytest.raises(ParamError, match="32 \\* num_hashes = 96, got 64"):
        await client.create_collection("d", schema=schema)


async def languages(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("language", DataType.VARCHAR, max_length=20, nullable=True)
    schema.add_field(
        "text",
        DataType.VARCHAR,
        max_length=200,
        enable_analyzer=True,
        multi_analyzer_params={
            "by_field": "language",
            "analyzers": {
                "english": {"type": "english"},
                "chinese": {"type": "chinese"},
                "default": {"tokenizer": "whitespace"},
            },
            "alias": {"cn": "chinese"},
        },
    )
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
    index = client.raw.prepare_index_params()
    index.add_index("words", index_type="AUTOINDEX", metric_type="BM25")
    await client.create_collection("c", schema=schema, index_params=index)
    await client.insert(
        "c",
        [
            {"pk": 1, "language": "english", "text": "Running dogs"},
            {"pk": 2, "language": "cn", "text": "向量数据库"},
            {"pk": 3, "language": None, "text": "Running dogs"},
        ],
    )


async def by_language(client: Any, text: str, name: str | None) -> list[int]:
    params = {"analyzer_name": name} if name else {}
    hits = await client.search("c", [text], anns_field="words", search_params=params)
    return sorted(hit["pk"] for hit in hits[0])


async def test_texts_are_analysed_by_their_language_when_stored_and_when_searched(
    client: Any,
) -> None:
    await languages(client)
    assert await by_language(client, "dog", "english") == [1]
    assert await by_language(client, "数据库", "chinese") == [2]
    assert await by_language(client, "数据库", "cn") == [2]
    assert await by_language(client, "dogs", None) == [3]
    marked = await client.search(
        "c",
        ["dog"],
        anns_field="words",
        search_params={"analyzer_name": "english"},
        highlighter=LexicalHighlighter(highlight_search_text=True),
    )
    assert marked[0][0].highlight["text"]["fragments"] == ["<em>dogs</em>"]


async def test_an_analyzer_name_needs_a_field_with_several(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=200, enable_analyzer=True)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
    index = client.raw.prepare_index_params()
    index.add_index("words", index_type="AUTOINDEX", metric_type="BM25")
    await client.create_collection("c", schema=schema, index_params=index)
    with pytest.raises(ParamError, match="field text has no multi_analyzer_params"):
        await by_language(client, "dog", "english")
