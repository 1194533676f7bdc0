"""Snapshots keep a collection's state, whatever becomes of the collection."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import (
    DataType,
    MilvusException,
    ParamError,
    SnapshotNotFoundError,
    SnapshotPinnedError,
)


async def filled(client: Any) -> None:
    """Rows on the disk, rows that grow, deletions, a partition, an alias and a property."""
    await client.create_collection("c", dimension=2, metric_type="L2")
    await client.create_partition("c", "p")
    await client.create_alias("c", "alias")
    await client.alter_collection_properties("c", {"my.own": "x"})
    await client.insert("c", [{"id": n, "vector": [float(n), 0.0], "k": n} for n in range(6)])
    await client.flush("c")
    rows = [{"id": n, "vector": [float(n), 0.0], "k": n} for n in range(6, 9)]
    await client.insert("c", rows, partition_name="p")
    await client.delete("c", ids=[0, 7])
    await client.upsert("c", [{"id": 1, "vector": [1.0, 1.0], "k": 11}])


async def contents(client: Any, name: str) -> dict[int, int]:
    found = await client.query(name, "id >= 0", output_fields=["k"])
    return {each["id"]: each["k"] for each in found}


KEPT = {1: 11, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 8: 8}


async def test_a_snapshot_becomes_a_collection_with_all_that_it_had(client: Any) -> None:
    await filled(client)
    await client.create_snapshot("s", "alias", description="before")
    await client.delete("c", filter="id >= 2")
    await client.insert("c", [{"id": 50, "vector": [0.0, 0.0], "k": 50}])
    await client.compact("c")
    job = await client.restore_snapshot("s", "c", "again")
    state = await client.get_restore_snapshot_state(job)
    assert (state.state, state.progress) == ("RestoreSnapshotCompleted", 100)
    assert (state.snapshot_name, state.collection_name, state.db_name) == ("s", "again", "default")
    assert [each.job_id for each in await client.list_restore_snapshot_jobs("again")] == [job]
    with pytest.raises(MilvusException, match="not loaded"):
        await contents(client, "again")
    await client.load_collection("again")
    assert await contents(client, "again") == KEPT
    assert await contents(client, "c") == {1: 11, 50: 50}
    assert sorted(await client.list_partitions("again")) == ["_default", "p"]
    assert await client.list_indexes("again") == ["vector"]
    described = await client.describe_collection("again")
    assert described["properties"]["my.own"] == "x"
    assert described["aliases"] == []
    (hits,) = await client.search("again", [[8.0, 0.0]], limit=1, partition_names=["p"])
    assert hits[0]["id"] == 8
    await client.insert("again", [{"id": 60, "vector": [0.0, 0.0], "k": 60}])
    assert await contents(client, "again") == {**KEPT, 60: 60}


async def test_snapshots_are_listed_described_and_dropped(client: Any) -> None:
    await filled(client)
    await client.create_snapshot("one", "c", description="first")
    await client.create_snapshot("two", "c", compaction_protection_seconds=60)
    assert await client.list_snapshots("c") == ["one", "two"]
    assert await client.list_snapshots() == ["one", "two"]
    info = await client.describe_snapshot("one", "c")
    assert (info.name, info.description, info.collection_name) == ("one", "first", "c")
    assert info.partition_names == ["_default", "p"]
    assert info.create_ts > 1_600_000_000_000
    with pytest.raises(ParamError, match="compaction_protection_seconds must not exceed 604800"):
        await client.create_snapshot("long", "c", compaction_protection_seconds=604801)
    with pytest.raises(ParamError, match="snapshot name one already exists"):
        await client.create_snapshot("one", "c")
    for call in (
        lambda: client.describe_snapshot("three", "c"),
        lambda: client.restore_snapshot("three", "c", "d"),
        lambda: client.pin_snapshot_data("three", "c"),
    ):
        with pytest.raises(SnapshotNotFoundError, match="snapshot not found") as caught:
            await call()
        assert caught.value.code == 2600
    with pytest.raises(ParamError, match="compaction_protection_seconds must be non-negative"):
        await client.create_snapshot("short", "c", compaction_protection_seconds=-1)
    await client.drop_snapshot("one", "c")
    await client.drop_snapshot("one", "c")
    assert await client.list_snapshots("c") == ["two"]
    with pytest.raises(ParamError, match="already exists"):
        await client.restore_snapshot("two", "c", "c")
    for name, told in {
        "1st": "the first character of snapshot name must be an underscore or letter",
        "a-b": r"snapshot name can only contain numbers, letters, .*, found - at 1",
        "a" * 256: "the length of snapshot name must be not greater than limit",
    }.items():
        with pytest.raises(ParamError, match=told):
            await client.create_snapshot(name, "c")


async def test_a_snapshot_outlives_its_collection(client: Any) -> None:
    await filled(client)
    await client.create_snapshot("s", "c")
    await client.rename_collection("c", "d")
    assert (await client.describe_snapshot("s", "d")).collection_name == "d"
    await client.rename_collection("d", "c")
    await client.truncate_collection("c")
    await client.drop_alias("alias")
    await client.drop_collection("c")
    await client.restore_snapshot("s", "c", "c")
    await client.load_collection("c")
    assert await contents(client, "c") == KEPT


async def test_a_pinned_snapshot_is_not_dropped(client: Any) -> None:
    await filled(client)
    await client.create_snapshot("s", "c")
    pins = [await client.pin_snapshot_data("s", "c", ttl_seconds=ttl) for ttl in (600, 0)]
    for pin in pins:
        with pytest.raises(SnapshotPinnedError, match="snapshot is pinned") as caught:
            await client.drop_snapshot("s", "c")
        assert caught.value.code == 2601
        await client.unpin_snapshot_data(pin)
        await client.unpin_snapshot_data(pin)
    await client.unpin_snapshot_data(987_654)
    with pytest.raises(ParamError, match="pin_id is required for unpin snapshot data"):
        await client.unpin_snapshot_data(0)
    with pytest.raises(ParamError, match="ttl_seconds must be non-negative"):
        await client.pin_snapshot_data("s", "c", ttl_seconds=-1)
    with pytest.raises(ParamError, match=r"ttl_seconds exceeds maximum of 2592000 \(30 days\)"):
        await client.pin_snapshot_data("s", "c", ttl_seconds=2_592_001)
    await client.drop_snapshot("s", "c")
    assert await client.list_snapshots() == []


async def test_a_snapshot_keeps_the_schema_of_its_time(client: Any) -> None:
    await filled(client)
    await client.add_collection_field("c", "n", DataType.INT64, nullable=True, default_value=3)
    await client.create_snapshot("s", "c")
    await client.drop_collection_field("c", "n")
    await client.add_collection_field("c", "m", DataType.INT64, nullable=True)
    await client.restore_snapshot("s", "c", "again")
    await client.load_collection("again")
    found = await client.query("again", "n == 3", output_fields=["n"])
    assert len(found) == len(KEPT)
    assert "m" not in [f["name"] for f in (await client.describe_collection("again"))["fields"]]
