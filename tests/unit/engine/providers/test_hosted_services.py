"""Hosted services over HTTP on the loopback: what is sent to each, and what is refused.

The service is the tests' own; its replies have the form that each provider publishes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import MilvusException, NotSupportedError, ParamError
from aiomilvus.engine.providers.embeddings import embedder_of
from aiomilvus.engine.providers.rerankers import reranker_of
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.model_service import QueuedAnswers, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOATS = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=2)
VECTORS = [[1.0, 2.0], [3.0, 4.0]]
PIECES = [{"parts": [{"text": text}]} for text in ("a", "b")]


@pytest.fixture
def url() -> Iterator[str]:
    QueuedAnswers.queued, QueuedAnswers.requests = (), ()
    with listening(QueuedAnswers) as address:
        yield address


def asked(params: dict[str, Any], reply: object, *, query: bool = False) -> dict[str, Any]:
    """Embed two texts; return what was sent."""
    QueuedAnswers.queued = ((200, json.dumps(reply)),)
    embedder = embedder_of({"model_name": "m", **params}, FLOATS)
    assert embedder.embed(["a", "b"], query=query).values.tolist() == VECTORS
    return QueuedAnswers.requests[-1]


def numbered(name: str) -> list[dict[str, Any]]:
    """Return embeddings, the last first, with their numbers."""
    return [{name: at, "embedding": VECTORS[at]} for at in (1, 0)]


def test_azure_is_asked_for_a_deployment_with_its_own_header(url: str) -> None:
    params = {"provider": "azure_openai", "url": url, "dim": 2, "user": "u"}
    assert asked(params, {"data": numbered("index")}) == {
        "path": "/openai/deployments/m/embeddings?api-version=2024-10-21",
        "key": "secret",
        "input": ["a", "b"],
        "dimensions": 2,
        "user": "u",
    }


def test_azure_takes_its_place_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParamError, match="needs a url, or MILVUS_AZURE_OPENAI_RESOURCE_NAME"):
        embedder_of({"provider": "azure_openai", "model_name": "m"}, FLOATS)
    monkeypatch.setenv("MILVUS_AZURE_OPENAI_RESOURCE_NAME", "mine")
    embedder = embedder_of({"provider": "azure_openai", "model_name": "m"}, FLOATS)
    with pytest.raises(
        ParamError, match=r"endpoint https://mine.openai.azure.com/\S+ is not allowed"
    ):
        embedder.embed(["a"])


@pytest.mark.parametrize(("query", "kind"), [(False, "document"), (True, "query")])
def test_dashscope_is_told_whether_a_text_is_searched_for(url: str, query: bool, kind: str) -> None:
    params = {"provider": "dashscope", "url": f"{url}/own", "dim": 2}
    reply = {"output": {"embeddings": numbered("text_index")}}
    assert asked(params, reply, query=query) == {
        "path": "/own",
        "key": "Bearer secret",
        "model": "m",
        "input": {"texts": ["a", "b"]},
        "parameters": {"output_type": "dense", "dimension": 2, "text_type": kind},
    }


@pytest.mark.parametrize(
    ("params", "query", "task"),
    [
        ({}, False, "RETRIEVAL_DOCUMENT"),
        ({}, True, "RETRIEVAL_QUERY"),
        ({"task": "CLUSTERING"}, True, "CLUSTERING"),
    ],
)
def test_gemini_is_asked_for_many_texts_at_once(
    url: str, params: dict[str, Any], query: bool, task: str
) -> None:
    reply = {"embeddings": [{"values": vector} for vector in VECTORS]}
    sent = asked({"provider": "gemini", "url": url, "dim": 2, **params}, reply, query=query)
    each = {"model": "models/m", "taskType": task, "outputDimensionality": 2}
    assert sent == {
        "path": "/m:batchEmbedContents",
        "key": "secret",
        "requests": [{**each, "content": piece} for piece in PIECES],
    }


def test_hugging_face_is_asked_through_its_router(url: str) -> None:
    params = {"normalize": "true", "truncation_direction": "Left", "prompt_name": "query"}
    named = {"provider": "huggingface", "url": url, "hf_provider": "hf-inference"}
    assert asked({**named, **params}, VECTORS) == {
        "path": "/m/pipeline/feature-extraction",
        "key": "Bearer secret",
        "inputs": ["a", "b"],
        **params,
        "normalize": True,
    }
    with pytest.raises(ParamError, match="hf_provider 'other' should be hf-inference"):
        embedder_of({**named, "model_name": "m", "hf_provider": "other"}, FLOATS)


def test_yandex_is_asked_with_its_own_key(url: str) -> None:
    sent = asked({"provider": "yc", "url": f"{url}/own"}, {"embeddings": VECTORS})
    assert sent == {"path": "/own", "key": "Api-Key secret", "modelUri": "m", "texts": ["a", "b"]}
    QueuedAnswers.queued = ((200, json.dumps({"embedding": VECTORS[0]})),)
    one = embedder_of({"provider": "yc", "url": f"{url}/own", "model_name": "m"}, FLOATS)
    assert one.embed(["a"]).values.tolist() == VECTORS[:1]


@pytest.mark.parametrize("name", ["azure_openai", "dashscope", "gemini", "huggingface", "yc"])
def test_answers_of_another_form_are_the_services_fault(url: str, name: str) -> None:
    embedder = embedder_of({"provider": name, "model_name": "m", "url": url}, FLOATS)
    replies: list[Any] = [{}, {"data": []}, {"output": {}}, {"embeddings": [{"values": 3}]}, [], 5]
    for reply in replies:
        QueuedAnswers.queued = ((200, json.dumps(reply)),)
        with pytest.raises(MilvusException) as caught:
            embedder.embed(["a"])
        assert "answered" in str(caught.value)
    with pytest.raises(ParamError, match="needs a model_name"):
        embedder_of({"provider": name, "url": url}, FLOATS)
    with pytest.raises(ParamError, match="has no param 'colour'"):
        embedder_of({"provider": name, "model_name": "m", "url": url, "colour": 1}, FLOATS)


def test_dashscope_reranks_under_its_name_ali(url: str) -> None:
    results = [{"index": 1, "relevance_score": 0.5}, {"index": 0, "relevance_score": 0.25}]
    QueuedAnswers.queued = ((200, json.dumps({"output": {"results": results}})),)
    reranker = reranker_of({"provider": "ali", "model_name": "m", "url": f"{url}/own"})
    assert reranker.scores("q", ["a", "b"]).tolist() == [0.25, 0.5]
    assert QueuedAnswers.requests == (
        {
            "path": "/own",
            "key": "Bearer secret",
            "model": "m",
            "input": {"query": "q", "documents": ["a", "b"]},
        },
    )


def test_hugging_face_reranks_by_similarity(url: str) -> None:
    QueuedAnswers.queued = ((200, "[0.25, 0.5]"), (200, "[0.25]"))
    reranker = reranker_of({"provider": "huggingface", "model_name": "m", "url": url})
    assert reranker.scores("q", ["a", "b"]).tolist() == [0.25, 0.5]
    assert QueuedAnswers.requests == (
        {
            "path": "/m/pipeline/sentence-similarity",
            "key": "Bearer secret",
            "inputs": {"source_sentence": "q", "sentences": ["a", "b"]},
        },
    )
    with pytest.raises(MilvusException, match="answered no score for each of 2 texts"):
        reranker.scores("q", ["a", "b"])


def test_what_can_not_be_asked_is_refused_by_name() -> None:
    with pytest.raises(NotSupportedError, match=r"provider zilliz .*register_embedding"):
        embedder_of({"provider": "zilliz"}, FLOATS)
    with pytest.raises(NotSupportedError, match=r"provider zilliz .*register_reranker"):
        reranker_of({"provider": "zilliz"})


@pytest.mark.parametrize("name", ["bedrock", "vertexai"])
def test_what_only_embeds_is_no_rerank_provider(name: str) -> None:
    with pytest.raises(ParamError, match=f"unsupported rerank provider: '{name}'"):
        reranker_of({"provider": name})
