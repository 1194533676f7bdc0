"""`/metrics`, and the request log."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from aiomilvus import AsyncMilvusClient
from aiomilvus.server import metrics, serve
from tests.behaviour.rest.conftest import Rest

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.server import Server


async def scraped(rest: Rest) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return all samples by name and labels."""
    response = await rest.http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def at(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"aiomilvus_{name}", frozenset(labels.items())


async def test_rows_segments_and_calls_are_told(rest: Rest, server: Server) -> None:
    await rest.quick()
    rows = [{"id": n, "vector": [n, 1]} for n in range(10)]
    await rest("entities/insert", {"collectionName": "things", "data": rows})
    await rest("entities/delete", {"collectionName": "things", "filter": "id < 3"})
    await rest.refused("collections/describe", {"collectionName": "none"})
    async with AsyncMilvusClient(server.uri) as client:
        await client.search("things", [[1.0, 0.0]])
    found = await scraped(rest)
    where = {"database": "default", "collection": "things"}
    assert found[at("rows", **where)] == 7
    assert found[at("deleted_rows", **where)] == 3
    assert found[at("growing_rows", **where)] == 10
    assert found[at("collections", database="default")] == 1
    assert found[at("segments", state="growing")] == 1
    assert found[at("calls_total", door="rest", method="Insert", code="0")] == 1
    assert found[at("calls_total", door="rest", method="DescribeCollection", code="100")] == 1
    assert found[at("calls_total", door="grpc", method="Search", code="0")] == 1
    assert found[at("call_seconds_count", door="grpc", method="Search")] == 1
    assert found[at("searches_waiting")] == 0
    assert found["process_open_fds", frozenset()] > 0
    assert found["process_resident_memory_bytes", frozenset()] > 0
    await rest("collections/flush", {"collectionName": "things"})
    found = await scraped(rest)
    assert found[at("segments", state="sealed")] == 1
    assert found[at("sealed_bytes", **where)] > 0


async def test_what_is_told_of_a_collection_follows_its_changes(rest: Rest) -> None:
    async def told(name: str, collection: str = "things") -> float | None:
        return (await scraped(rest)).get(at(name, database="default", collection=collection))

    await rest.quick()
    body = {"collectionName": "things"}
    rows = [{"id": n, "vector": [n, 1]} for n in range(10)]
    await rest("entities/insert", {**body, "data": rows})
    assert (await told("rows"), await told("pending_rows")) == (10, 0)
    await rest("entities/insert", {**body, "data": [{"id": 10, "vector": [1, 1]}]})
    assert await told("rows") == 11
    await rest("collections/flush", body)
    while True:
        if await told("indexed_rows") == 11:
            break
        await asyncio.sleep(0.01)
    assert (await told("growing_rows"), await told("pending_rows")) == (0, 0)
    await rest("collections/release", body)
    await rest("indexes/drop", {**body, "indexName": "vector"})
    assert await told("indexed_rows") == 0
    await rest("collections/rename", {**body, "newCollectionName": "stuff"})
    assert (await told("rows"), await told("rows", "stuff")) == (None, 11)
    await rest("collections/drop", {"collectionName": "stuff"})
    assert await told("rows", "stuff") is None


async def test_with_many_collections_each_database_has_one_line(
    rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "MOST_COLLECTIONS", 1)
    for name in ("one", "two"):
        await rest.quick(name)
        rows = [{"id": n, "vector": [n, 1]} for n in range(3)]
        await rest("entities/insert", {"collectionName": name, "data": rows})
    found = await scraped(rest)
    assert found[at("rows", database="default", collection="")] == 6
    assert at("rows", database="default", collection="one") not in found


async def test_two_servers_of_one_process_count_apart(rest: Rest, tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "other.db", port=0, http_port=0) as other,
        httpx.AsyncClient(base_url=other.http_uri) as http,
    ):
        await rest("collections/list")
        key = at("calls_total", door="rest", method="ShowCollections", code="0")
        assert (await scraped(rest))[key] == 1
        assert key not in await scraped(Rest(http))


@pytest.mark.parametrize(
    ("settings", "logged"),
    [
        ({}, []),
        ({"log_requests": "failed"}, [("rest", "DescribeCollection", 100)]),
        ({"log_requests": "slow", "slow_seconds": 60.0}, [("rest", "DescribeCollection", 100)]),
        (
            {"log_requests": "all"},
            [("rest", "ShowCollections", 0), ("rest", "DescribeCollection", 100)],
        ),
    ],
)
async def test_requests_are_logged_with_their_ids(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    settings: dict[str, Any],
    logged: list[tuple[str, str, int]],
) -> None:
    caplog.set_level(logging.INFO, "aiomilvus.requests")
    async with (
        serve(tmp_path / "x.db", port=0, http_port=0, **settings) as server,
        httpx.AsyncClient(base_url=server.http_uri) as http,
    ):
        rest = Rest(http)
        await rest("collections/list", client_request_id="mine")
        body = {"collectionName": "none"}
        await rest.refused("collections/describe", body, client_request_id="mine")
    told: list[Any] = [each for each in caplog.records if each.name == "aiomilvus.requests"]
    assert [
        (each.request["door"], each.request["method"], each.request["code"]) for each in told
    ] == logged
    assert all(each.request["request_id"] == "mine" for each in told)
    assert all("[mine]" in each.getMessage() for each in told)
