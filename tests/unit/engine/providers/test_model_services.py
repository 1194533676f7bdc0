"""Rerankers over HTTP on the loopback: what is sent, and what wrong replies become."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import MilvusException, ModelError, allow_model_endpoint
from aiomilvus.engine.providers.rerankers import reranker_of
from tests.support.model_service import QueuedAnswers, listening

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def url() -> Iterator[str]:
    QueuedAnswers.queued, QueuedAnswers.requests = (), ()
    with listening(QueuedAnswers) as address:
        yield address


def reply(provider: str, *scores: float) -> str:
    """Return a provider's answer, best text first, as they send it."""
    name = "score" if provider == "tei" else "relevance_score"
    listed = sorted(
        ({"index": at, name: score} for at, score in enumerate(scores)),
        key=lambda each: -each[name],
    )
    place = {"tei": "", "voyageai": "data"}.get(provider, "results")
    return json.dumps({place: listed} if place else listed)


CASES = [
    ("tei", {"truncate": "true"}, "/rerank", {"truncate": True}, "texts"),
    (
        "vllm",
        {"truncate_prompt_tokens": "9"},
        "/rerank",
        {"truncate_prompt_tokens": 9},
        "documents",
    ),
    (
        "cohere",
        {"model_name": "m", "max_tokens_per_doc": 7},
        "/own",
        {"model": "m", "max_tokens_per_doc": 7},
        "documents",
    ),
    (
        "voyageai",
        {"model_name": "m", "truncation": "false"},
        "/own",
        {"model": "m", "truncation": False},
        "documents",
    ),
    (
        "siliconflow",
        {"model_name": "m", "max_chunks_per_doc": "3"},
        "/own",
        {"model": "m", "max_chunks_per_doc": 3},
        "documents",
    ),
]
SERVICES = pytest.mark.parametrize(("provider", "params", "path", "sent", "texts"), CASES)


@SERVICES
def test_a_service_is_asked_in_its_own_words(
    url: str, provider: str, params: dict[str, Any], path: str, sent: dict[str, Any], texts: str
) -> None:
    QueuedAnswers.queued = ((200, reply(provider, 0.25, 0.5)), (200, reply(provider, 0.125)))
    endpoint = url + path if path == "/own" else url
    made = {"provider": provider, "endpoint": endpoint, "max_client_batch_size": 2, **params}
    scores = reranker_of(made).scores("q", ["a", "b", "c"])
    assert scores.tolist() == [0.25, 0.5, 0.125]
    common = {"path": path, "key": "Bearer secret", **sent, "query": "q"}
    assert QueuedAnswers.requests == ({**common, texts: ["a", "b"]}, {**common, texts: ["c"]})


@SERVICES
def test_a_busy_service_is_asked_again(
    url: str, provider: str, params: dict[str, Any], path: str, sent: dict[str, Any], texts: str
) -> None:
    QueuedAnswers.queued = ((429, "slow down"), (200, reply(provider, 0.5)))
    made = {"provider": provider, "endpoint": url, **params}
    assert reranker_of(made).scores("q", ["a"]).tolist() == [0.5]
    assert len(QueuedAnswers.requests) == 2


@pytest.mark.parametrize(
    ("status", "text", "message"),
    [
        (401, '{"message": "no key"}', "answered 401.*no key"),
        (200, "<html>", "answered no JSON"),
        (200, "{}", "answered no index"),
        (200, "[]", "answered no index"),
        (200, "one", "answered no index"),
    ],
)
@SERVICES
def test_a_wrong_reply_is_an_error_at_once(
    url: str,
    provider: str,
    params: dict[str, Any],
    path: str,
    sent: dict[str, Any],
    texts: str,
    status: int,
    text: str,
    message: str,
) -> None:
    QueuedAnswers.queued = ((status, reply(provider, 0.5) if text == "one" else text),)
    made = {"provider": provider, "endpoint": url, **params}
    with pytest.raises(MilvusException, match=message) as caught:
        reranker_of(made).scores("q", ["a", "b"])
    assert caught.value.code == 2
    assert len(QueuedAnswers.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_was_sent_is_refused_for_good_and_a_key_or_an_address_is_not(
    url: str, status: int
) -> None:
    QueuedAnswers.queued = ((status, "no"),)
    with pytest.raises(ModelError, match=f"answered {status}") as caught:
        reranker_of({"provider": "tei", "endpoint": url}).scores("q", ["a"])
    assert caught.value.retriable is (status in (401, 403, 404))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ('{"private_key": "hidden",\n "x": 1}', "is a service account"),
        ("/hidden/account.json", "is a service account"),
        ("hidden\nmore", "has more than one line"),
        ("hidden\u4e00", "can't stand in a header field"),
    ],
)
def test_no_error_tells_a_key(url: str, key: str, said: str) -> None:
    allow_model_endpoint(url, key)
    with pytest.raises(ModelError, match=said) as caught:
        reranker_of({"provider": "tei", "endpoint": url}).scores("q", ["a"])
    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert QueuedAnswers.requests == ()


def test_a_newline_at_the_end_is_no_part_of_a_key(url: str) -> None:
    allow_model_endpoint(url, "secret\n")
    QueuedAnswers.queued = ((200, reply("tei", 0.5)),)
    assert reranker_of({"provider": "tei", "endpoint": url}).scores("q", ["a"]).tolist() == [0.5]
    assert QueuedAnswers.requests[0]["key"] == "Bearer secret"
