"""Whatever clients ask in a loop until it is true becomes true."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import DataType, LoadState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return when `holds` does; the test's own timeout is the limit."""
    while not await holds():  # noqa: ASYNC110 - no event tells of it over a wire
        await asyncio.sleep(0.01)


@pytest.fixture
async def filled(client: Any) -> Any:
    """The client, with a collection `c` of two flushed segments."""
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
    index = client.raw.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)
    for start in (0, 100):
        rows = [{"id": n, "vector": [n, n % 7, n % 11, 1.0]} for n in range(start, start + 100)]
        await client.insert("c", rows)
        await client.flush("c")
    return client


async def test_segments_become_sorted(filled: Any) -> None:
    async def all_sorted() -> bool:
        found = await filled.list_persistent_segments("c")
        return bool(found) and all(each.is_sorted for each in found)

    await until(all_sorted)
    loaded = await filled.list_loaded_segments("c")
    assert all(each.is_sorted and each.state_name == "Sealed" for each in loaded)


async def test_an_index_becomes_finished(filled: Any) -> None:
    async def finished() -> bool:
        found = await filled.describe_index("c", "vector")
        return not found["pending_index_rows"] and found["state"] == "Finished"

    await until(finished)
    found = await filled.describe_index("c", "vector")
    assert found["indexed_rows"] == found["total_rows"] == 200


async def test_a_collection_becomes_loaded_and_refreshed(filled: Any) -> None:
    async def loaded() -> bool:
        return bool((await filled.get_load_state("c"))["state"] == LoadState.Loaded)

    await filled.release_collection("c")
    assert not await loaded()
    await filled.load_collection("c")
    await until(loaded)
    await filled.refresh_load("c")
    await until(loaded)


async def test_everything_becomes_flushed(filled: Any) -> None:
    await filled.insert("c", [{"id": 9000, "vector": [0.0] * 4}])
    await filled.flush_all()
    await until(filled.get_flush_all_state)


@pytest.mark.parametrize("options", [{}, {"target_size": 64}], ids=["as it comes", "to a size"])
async def test_a_compaction_becomes_completed(filled: Any, options: dict[str, int]) -> None:
    job = await filled.compact("c", **options)

    async def completed() -> bool:
        return bool(await filled.get_compaction_state(job) == "Completed")

    await until(completed)
    await test_segments_become_sorted(filled)
    await test_an_index_becomes_finished(filled)


async def test_a_snapshot_becomes_restored(filled: Any) -> None:
    await filled.create_snapshot("s", "c")
    job = await filled.restore_snapshot("s", "c", "d")

    async def restored() -> bool:
        found = await filled.get_restore_snapshot_state(job)
        return bool(found.progress == 100 and found.state == "RestoreSnapshotCompleted")

    await until(restored)
    assert (await filled.get_collection_stats("d"))["row_count"] == 200
