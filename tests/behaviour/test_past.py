"""Reads of a moment in the past see what was there, at every door."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from aiomilvus import (
    AnnSearchRequest,
    MilvusClient,
    MomentNotKeptError,
    ParamError,
    RRFRanker,
)

KEPT = {"changes.retention.seconds": "3600"}


def row(key: int, tag: str) -> dict[str, Any]:
    return {"id": key, "vector": [float(key), 1.0], "tag": tag}


async def latest(client: Any) -> int:
    """When the collection was changed last."""
    watcher = await client.watch("c", position="oldest", wait=0)
    is_async = hasattr(watcher, "__aiter__")
    changes = [each async for each in watcher] if is_async else list(watcher)
    return int(changes[-1].timestamp)


@pytest.fixture
async def moments(client: Any) -> list[int]:
    """Three moments of collection `c`: two rows; one changed, one gone; none."""
    await client.create_collection("c", dimension=2, metric_type="L2", properties=KEPT)
    await client.insert("c", [row(1, "a"), row(2, "b")])
    first = await latest(client)
    await client.upsert("c", row(1, "new"))
    await client.delete("c", ids=[2])
    second = await latest(client)
    await client.flush("c")
    await client.truncate_collection("c")
    third = await latest(client)
    await client.insert("c", row(3, "c"))
    return [first, second, third]


async def test_queries_read_the_past(client: Any, moments: list[int]) -> None:
    first, second, third = moments
    wanted: dict[str, Any] = {"filter": "id > 0", "output_fields": ["tag"]}
    assert list(await client.query("c", **wanted, at=first)) == [
        {"id": 1, "tag": "a"},
        {"id": 2, "tag": "b"},
    ]
    assert list(await client.query("c", **wanted, at=second)) == [{"id": 1, "tag": "new"}]
    assert list(await client.query("c", **wanted, at=third)) == []
    assert list(await client.query("c", **wanted)) == [{"id": 3, "tag": "c"}]
    assert list(await client.get("c", [1, 3], ["tag"], at=first)) == [{"id": 1, "tag": "a"}]
    (count,) = await client.query("c", output_fields=["count(*)"], at=first)
    assert count["count(*)"] == 2


async def test_searches_read_the_past(client: Any, moments: list[int]) -> None:
    first, second, _ = moments

    async def found(**options: Any) -> list[int]:
        (hits,) = await client.search("c", [[2.0, 1.0]], limit=3, **options)
        return [hit["id"] for hit in hits]

    # Of the same shape, over and over: what was prepared for one moment serves no other.
    for _ in range(3):
        assert await found() == [3]
        assert await found(at=first) == [2, 1]
        assert await found(at=second) == [1]
    requests = [AnnSearchRequest([[2.0, 1.0]], "vector", {}, 3)] * 2
    (hits,) = await client.hybrid_search("c", requests, RRFRanker(), limit=3, at=first)
    assert [hit["id"] for hit in hits] == [2, 1]
    plan = await client.explain("c", [[2.0, 1.0]], limit=3, at=first)
    assert sum(segment.rows for segment in plan.requests[0].segments) == 2


async def test_iterators_stay_in_the_past(client: Any, moments: list[int]) -> None:
    iterator = await client.query_iterator("c", batch_size=1, at=moments[0])
    found = await client.batches(iterator)
    assert [each["id"] for batch in found for each in batch] == [1, 2]
    iterator = await client.search_iterator("c", [[2.0, 1.0]], batch_size=1, at=moments[0])
    found = await client.batches(iterator)
    assert [each["id"] for batch in found for each in batch] == [2, 1]


async def test_a_moment_may_be_a_datetime(client: Any, moments: list[int]) -> None:
    seconds = (moments[0] >> 18) / 1000
    day = datetime.fromtimestamp(seconds, timezone.utc)
    rows = await client.get("c", [2], ["tag"], at=day)
    assert len(rows) == 1 or moments[0] >> 18 == moments[1] >> 18
    with pytest.raises(MomentNotKeptError, match="the first moment that is known"):
        await client.get("c", [2], at=datetime(2020, 1, 1, tzinfo=timezone.utc))


def test_a_database_in_memory_says_that_it_keeps_no_past() -> None:
    with MilvusClient(":memory:") as client:
        client.create_collection("c", dimension=2, properties=KEPT)
        client.insert("c", row(1, "a"))
        yesterday = datetime.now(timezone.utc) - timedelta(days=1)
        with pytest.raises(MomentNotKeptError, match=r"in memory .* give it a directory"):
            client.query("c", filter="id > 0", at=yesterday)


@pytest.mark.parametrize("value", ["yesterday", -1, 0, True, datetime(2020, 1, 1)])  # noqa: DTZ001
async def test_what_is_no_moment_is_refused(client: Any, value: object) -> None:
    await client.create_collection("c", dimension=2, properties=KEPT)
    with pytest.raises(ParamError, match="`at` value"):
        await client.query("c", filter="id > 0", at=value)
