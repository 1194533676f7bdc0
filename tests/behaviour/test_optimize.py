"""Optimizing and indexing: few indexed segments, waited for or watched."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import numpy as np
import pytest

from aiomilvus import AsyncMilvusClient, DataType, MilvusException, Progress


async def filled(client: Any) -> str:
    """Make a collection of three segments, with a deleted row."""
    properties = {"collection.autocompaction.enabled": "false"}
    await client.create_collection("c", dimension=4, properties=properties)
    rng = np.random.default_rng(0)
    for start in range(0, 300, 100):
        rows = [{"id": start + n, "vector": rng.random(4)} for n in range(100)]
        await client.insert("c", rows)
        await client.flush("c")
    await client.delete("c", ids=[7])
    return "c"


async def result(task: Any) -> Any:
    """Return what a task did, or raise."""
    answer = task.result(60)
    return await answer if inspect.isawaitable(answer) else answer


async def test_optimizing_leaves_one_indexed_segment_without_the_deleted(client: Any) -> None:
    name = await filled(client)
    done = await client.optimize(name, target_size="1GB")
    assert (done.status, done.collection_name, done.target_size) == ("success", "c", "1GB")
    assert done.progress[0] == "initializing"
    assert "compacting" in done.progress
    segments = await client.list_persistent_segments(name)
    assert [each.num_rows for each in segments] == [299]
    (index,) = await client.list_indexes(name)
    assert (await client.describe_index(name, index))["pending_index_rows"] == 0


async def test_an_optimization_can_be_watched(client: Any) -> None:
    task = await client.optimize(await filled(client), wait=False)
    done = await result(task)
    assert done.status == "success"
    assert task.done()
    assert not task.cancelled()
    assert not task.cancel()
    assert task.progress_history() == done.progress
    assert task.progress() == "waiting for index rebuild"


async def test_a_cancelled_optimization_says_so_and_loses_nothing(client: Any) -> None:
    name = await filled(client)
    task = await client.optimize(name, wait=False)
    assert task.cancel()
    assert task.cancelled()
    assert task.progress() == "cancelled"
    with pytest.raises(MilvusException, match="cancelled"):
        await result(task)
    assert await client.query(name, output_fields=["count(*)"]) == [{"count(*)": 299}]


async def test_a_size_that_is_none_is_refused_before_anything_is_done(client: Any) -> None:
    with pytest.raises(MilvusException, match="target_size"):
        await client.optimize(await filled(client), target_size="big")
    assert len(await client.list_persistent_segments("c")) == 3


async def test_recent_compactions_are_listed_with_what_they_merged(client: Any) -> None:
    properties = {"collection.autocompaction.enabled": "false"}
    await client.create_collection("c", dimension=2, properties=properties)
    assert (await client.list_compaction_tasks("c")).plans == []
    for start in (0, 10):
        await client.insert("c", [{"id": start + n, "vector": [n, 1.0]} for n in range(10)])
        await client.flush("c")
    before = {segment.segment_id for segment in await client.list_persistent_segments("c")}
    job = await client.compact("c")
    while await client.get_compaction_state(job) != "Completed":  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.01)
    listed = await client.list_compaction_tasks("c")
    after = [segment.segment_id for segment in await client.list_persistent_segments("c")]
    assert (listed.compaction_id, listed.collection_name) == (0, "c")
    assert listed.state.name == "Completed"
    (plan,) = listed.plans
    assert set(plan.sources) == before
    assert plan.targets == after
    assert (plan.trigger_id, plan.state.name) == (job, "Completed")
    (same,) = (await client.get_compaction_plans(job)).plans
    assert (same.sources, same.target) == (plan.sources, plan.target)


async def test_growing_rows_are_not_told_as_rows_of_a_built_index(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": n, "vector": [n, 1]} for n in range(5)])
    params = AsyncMilvusClient.prepare_index_params()
    params.add_index("id", index_type="STL_SORT", index_name="by_key")
    told: list[Progress] = []
    await client.create_index("c", params, progress=told.append)
    index = await client.describe_index("c", "by_key")
    rows = [index[f"{kind}_rows"] for kind in ("indexed", "pending_index", "total")]
    assert (index["state"], rows) == ("Finished", [0, 0, 5])
    assert told[-1] == Progress("building by_key", 0, 0)


async def test_the_building_of_each_index_can_be_watched(client: Any) -> None:
    schema = AsyncMilvusClient.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
    await client.create_collection("c", schema=schema)
    rng = np.random.default_rng(0)
    await client.insert("c", [{"id": n, "vector": rng.random(4)} for n in range(300)])
    await client.flush("c")
    params = AsyncMilvusClient.prepare_index_params()
    params.add_index("vector", index_type="HNSW", metric_type="L2")
    params.add_index("id", index_type="STL_SORT", index_name="by_key")
    told: list[Progress] = []
    await client.create_index("c", params, progress=told.append)
    assert list(dict.fromkeys(each.stage for each in told)) == [
        "building vector",
        "building by_key",
    ]
    for stage in ("building vector", "building by_key"):
        done = [each.done for each in told if each.stage == stage]
        assert done == sorted(done)
        assert done[-1] == 300
        assert {each.total for each in told} == {300}
