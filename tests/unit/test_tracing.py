"""Calls of clients and requests to a server are spans of one trace, once that is asked for."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from aiomilvus import AsyncMilvusClient, MilvusClient, MilvusException, tracing
from aiomilvus.server import serve
from aiomilvus.tracing import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import ReadableSpan

TRACE = "0af7651916cd43dd8448eb211c80319c"
ROWS = [{"id": 1, "vector": [0.0, 1.0]}]


class Spans:
    """The spans that ended, in that order."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        tracing.instrument(provider)

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self._exporter.get_finished_spans() if span.name == name]


@pytest.fixture
def spans() -> Iterator[Spans]:
    yield Spans()
    tracing.uninstrument()


async def filled(client: AsyncMilvusClient) -> None:
    await client.create_collection("books", dimension=2)
    await client.insert("books", ROWS)


async def test_a_call_of_an_embedded_client_is_a_span(spans: Spans) -> None:
    async with AsyncMilvusClient(":memory:") as client:
        await filled(client)
        for _ in range(3):  # later ones could take a shorter way
            await client.search("books", [[0.0, 1.0]], limit=1)
    assert len(spans.named("Insert books")) == 1
    found = spans.named("Search books")
    assert len(found) == 3
    assert found[0].kind is SpanKind.CLIENT
    assert dict(found[0].attributes or {}) == {
        "db.system.name": "milvus",
        "db.operation.name": "Search",
        "db.namespace": "default",
        "db.collection.name": "books",
    }


def test_a_call_that_fails_says_so_without_its_message(spans: Spans) -> None:
    with MilvusClient(":memory:") as client:
        with pytest.raises(MilvusException):
            client.query("secret", "id > 0")
        (failed,) = spans.named("Query secret")
    attributes = failed.attributes or {}
    assert failed.status.status_code is StatusCode.ERROR
    assert attributes["db.response.status_code"] == "100"
    assert attributes["error.type"] == "CollectionNotExistException"
    assert not failed.events
    assert not failed.status.description


async def test_a_server_continues_the_trace_of_its_client(spans: Spans) -> None:
    async with serve(":memory:", port=0) as server, AsyncMilvusClient(server.uri) as client:
        await filled(client)
        await client.search("books", [[0.0, 1.0]], limit=1)
    asked, answered = sorted(spans.named("Search books"), key=lambda span: span.kind.value)[::-1]
    assert (asked.kind, answered.kind) == (SpanKind.CLIENT, SpanKind.SERVER)
    assert answered.parent is not None
    assert answered.parent.span_id == asked.context.span_id
    assert answered.context.trace_id == asked.context.trace_id
    assert (asked.attributes or {})["server.port"] == server.port


async def test_a_rest_request_continues_the_trace_of_its_header(spans: Spans) -> None:
    async with serve(":memory:", port=0, http_port=0) as server:
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{server.http_uri}/v2/vectordb/collections/list",
            data=json.dumps({}).encode(),
            headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
            method="POST",
        )

        def ask() -> int:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
                return int(answer.status)

        assert await asyncio.to_thread(ask) == 200
    (span,) = spans.named("ShowCollections")
    assert span.kind is SpanKind.SERVER
    assert format(span.context.trace_id, "032x") == TRACE


def test_nobody_who_does_not_ask_for_spans_imports_opentelemetry() -> None:
    program = """
import sys
from aiomilvus import MilvusClient
with MilvusClient(":memory:") as client:
    client.create_collection("c", dimension=2)
    client.search("c", [[0.0, 1.0]], limit=1)
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("http://db.example:80", Peer("db.example", 80)),
        ("http://db.example", Peer("db.example", 19530)),
        ("unix:/run/milvus.sock", Peer("unix:/run/milvus.sock", 19530)),
    ],
)
def test_a_uri_names_a_place(uri: str, place: Peer) -> None:
    assert Peer.of(uri) == place
