"""Rerankers over HTTP on the loopback: what is sent, and what wrong replies become."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import MilvusException, allow_model_endpoint
from aiomilvus.engine.providers.rerankers import reranker_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stub(BaseHTTPRequestHandler):
    """Answers what is queued, in order; keeps what was asked."""

    queued: tuple[tuple[int, str], ...] = ()
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = ()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("Authorization", "")
        type(self).asked = (*self.asked, (self.path, key, body))
        (status, text), *rest = self.queued
        type(self).queued = tuple(rest)
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Stub.queued, Stub.asked = (), ()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    allow_model_endpoint(address, "secret")
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


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
    Stub.queued = ((200, reply(provider, 0.25, 0.5)), (200, reply(provider, 0.125)))
    endpoint = url + path if path == "/own" else url
    made = {"provider": provider, "endpoint": endpoint, "max_client_batch_size": 2, **params}
    scores = reranker_of(made).scores("q", ["a", "b", "c"])
    assert scores.tolist() == [0.25, 0.5, 0.125]
    assert Stub.asked == (
        (path, "Bearer secret", {**sent, "query": "q", texts: ["a", "b"]}),
        (path, "Bearer secret", {**sent, "query": "q", texts: ["c"]}),
    )


@SERVICES
def test_a_busy_service_is_asked_again(
    url: str, provider: str, params: dict[str, Any], path: str, sent: dict[str, Any], texts: str
) -> None:
    Stub.queued = ((429, "slow down"), (200, reply(provider, 0.5)))
    made = {"provider": provider, "endpoint": url, **params}
    assert reranker_of(made).scores("q", ["a"]).tolist() == [0.5]
    assert len(Stub.asked) == 2


@pytest.mark.parametrize(
    ("status", "text", "message"),
    [
        (401, '{"message": "no key"}', "answered 401.*no key"),
        (200, "<html>", "answered no JSON"),
        (200, "{}", "reranker|answered no index"),
        (200, "[]", "reranker|answered no index"),
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
    Stub.queued = ((status, reply(provider, 0.5) if text == "one" else text),)
    made = {"provider": provider, "endpoint": url, **params}
    with pytest.raises(MilvusException, match=message) as caught:
        reranker_of(made).scores("q", ["a", "b"])
    assert caught.value.code == 2
    assert len(Stub.asked) == 1
