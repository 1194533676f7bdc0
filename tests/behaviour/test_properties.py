"""Properties of collections and databases have their effects."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from aiomilvus import DataType, MilvusException, ParamError


async def simple(client: Any, name: str = "c", **more: Any) -> None:
    await client.create_collection(name, dimension=2, metric_type="L2", **more)
    await client.insert(name, [{"id": n, "vector": [float(n), 0.0]} for n in range(4)])


async def count(client: Any, name: str = "c") -> int:
    return int((await client.query(name, "", output_fields=["count(*)"]))[0]["count(*)"])


async def ids(client: Any) -> list[int]:
    (hits,) = await client.search("c", [[0.0, 0.0]], limit=10)
    return sorted(hit["id"] for hit in hits)


async def until_expired(client: Any, expected: int) -> None:
    end = time.monotonic() + 20
    while await count(client) != expected:
        assert time.monotonic() < end, "the rows do not expire"
        await asyncio.sleep(0.05)


async def test_rows_expire_when_their_time_is_over(client: Any) -> None:
    await simple(client)
    await client.flush("c")
    await client.insert("c", [{"id": 8, "vector": [8.0, 0.0]}])
    await client.alter_collection_properties("c", {"collection.ttl.seconds": 1})
    await until_expired(client, 0)
    assert await ids(client) == []
    assert await client.get("c", [1, 8]) == []
    job = await client.compact("c")
    while await client.get_compaction_state(job) != "Completed":  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.01)
    await client.insert("c", [{"id": 9, "vector": [1.0, 1.0]}])
    await client.drop_collection_properties("c", ["collection.ttl.seconds"])
    # What was compacted is gone for good; what only had expired shows again.
    assert await ids(client) == [8, 9]


async def test_a_field_can_say_when_rows_expire(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("until", DataType.TIMESTAMPTZ, nullable=True)
    params = client.raw.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="L2")
    # Compaction of its own accord would remove the expired row for good.
    properties = {"ttl_field": "until", "collection.autocompaction.enabled": "false"}
    await client.create_collection("c", schema=schema, index_params=params, properties=properties)
    moments = ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z", None]
    rows = [
        {"id": number, "vector": [0.0, 0.0], "until": until} for number, until in enumerate(moments)
    ]
    await client.insert("c", rows)
    assert await ids(client) == [1, 2]
    await client.flush("c")
    assert await ids(client) == [1, 2]
    with pytest.raises(ParamError, match="collection TTL and ttl field cannot be set"):
        await client.alter_collection_properties("c", {"collection.ttl.seconds": 5})
    with pytest.raises(
        ParamError, match="cannot drop field until because it is referenced by coll"
    ):
        await client.drop_collection_field("c", "until")
    await client.drop_collection_properties("c", ["ttl_field"])
    assert await ids(client) == [0, 1, 2]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"collection.ttl.seconds": "soon"}, "collection TTL is not a valid positive integer"),
        ({"collection.ttl.seconds": -2}, "collection TTL is out of range"),
        ({"timezone": "Mars/Olympus"}, "unknown or invalid IANA Time Zone ID: Mars/Olympus"),
        ({"partitionkey.isolation": True}, "no partition key field is set"),
        ({"allow_insert_auto_id": True}, "must be false when autoID is false"),
        ({"collection.autocompaction.enabled": "perhaps"}, "should be true or false"),
        ({"ttl_field": "nothing"}, "ttl field name nothing not found in schema"),
        ({"mmap.enabled": True}, "can not alter mmap properties if collection loaded"),
        ({"consistency_level": "Sometimes"}, "invalid consistency level"),
        ({}, "no properties or delete keys provided"),
    ],
)
async def test_bad_values_are_refused(client: Any, properties: dict[str, Any], text: str) -> None:
    await simple(client)
    before = (await client.describe_collection("c"))["properties"]
    with pytest.raises(MilvusException, match=text):
        await client.alter_collection_properties("c", properties)
    assert (await client.describe_collection("c"))["properties"] == before


async def test_unknown_properties_are_kept_as_they_are(client: Any) -> None:
    await simple(client)
    await client.alter_collection_properties("c", {"my.own": "x", "collection.description": "new"})
    described = await client.describe_collection("c")
    assert described["properties"]["my.own"] == "x"
    assert described["description"] == "new"
    await client.drop_collection_properties("c", ["my.own"])
    assert "my.own" not in (await client.describe_collection("c"))["properties"]


async def test_a_search_of_isolated_partitions_names_one_key(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("tenant", DataType.INT64, is_partition_key=True)
    params = client.raw.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="L2")
    await client.create_collection(
        "c", schema=schema, index_params=params, properties={"partitionkey.isolation": "1"}
    )
    await client.insert(
        "c", [{"id": n, "vector": [0.0, float(n)], "tenant": n % 3} for n in range(9)]
    )
    (hits,) = await client.search("c", [[0.0, 0.0]], filter="tenant == 1 and id < 5")
    assert sorted(hit["id"] for hit in hits) == [1, 4]
    for filter, text in [
        ("", "partition key not found in expr"),
        ("id > 3", "partition key not found in expr"),
        ("tenant in [1, 2]", "does not support IN"),
        ("tenant > 1", "does not support GreaterThan"),
        ("tenant == 1 or id == 2", "does not support OR"),
    ]:
        with pytest.raises(ParamError, match=text):
            await client.search("c", [[0.0, 0.0]], filter=filter)
    with pytest.raises(MilvusException, match="Please drop the index first") as caught:
        await client.alter_collection_properties("c", {"partitionkey.isolation": False})
    assert caught.value.code == 702


async def test_databases_limit_deny_and_lend_their_properties(client: Any) -> None:
    await client.create_database("d", properties={"database.max.collections": 1})
    await client.use_database("d")
    await simple(client)
    with pytest.raises(MilvusException, match="exceeded the limit number of collections") as full:
        await client.create_collection("c2", dimension=2)
    assert full.value.code == 102
    await client.create_snapshot("s", "c")
    with pytest.raises(MilvusException, match="exceeded the limit number of collections"):
        await client.restore_snapshot("s", "c", "c2")
    await client.alter_database_properties("d", {"database.force.deny.writing": True})
    with pytest.raises(MilvusException, match="writing has been disabled") as denied:
        await client.insert("c", [{"id": 9, "vector": [0.0, 0.0]}])
    assert denied.value.code == 9
    await client.alter_database_properties("d", {"database.force.deny.reading": True})
    with pytest.raises(MilvusException, match="reading has been disabled"):
        await client.search("c", [[0.0, 0.0]])
    await client.drop_database_properties(
        "d", ["database.force.deny.writing", "database.force.deny.reading"]
    )
    assert len(await ids(client)) == 4
    await client.alter_database_properties("d", {"collection.ttl.seconds": 1})
    await until_expired(client, 0)
    await client.alter_collection_properties("c", {"collection.ttl.seconds": 3600})
    assert await count(client) == 4
    with pytest.raises(ParamError, match="should be a number above 0"):
        await client.alter_database_properties("d", {"database.max.collections": "many"})


async def test_databases_deny_one_kind_of_change_or_all(client: Any) -> None:
    await client.create_database("d")
    await client.use_database("d")
    await simple(client)
    calls: dict[str, Any] = {
        "collectionDDL": lambda: client.create_collection("c2", dimension=2),
        "partitionDDL": lambda: client.create_partition("c", "p"),
        "index": lambda: client.drop_index("c", "vector"),
        "flush": lambda: client.flush("c"),
        "compaction": lambda: client.compact("c"),
    }
    await client.create_snapshot("s", "c")
    others: list[tuple[str, Any]] = [
        ("collectionDDL", lambda: client.create_snapshot("s2", "c")),
        ("collectionDDL", lambda: client.restore_snapshot("s", "c", "c2")),
        ("collectionDDL", lambda: client.restore_snapshot("s", "c", "c2", "default")),
        ("collectionDDL", lambda: client.rename_collection("c", "c2", "default")),
        ("flush", client.flush_all),
    ]
    for denied in (*calls, "ddl"):
        key = f"database.force.deny.{denied}"
        await client.alter_database_properties("d", {key: "true"})
        for kind, call in (*calls.items(), *others):
            if denied in (kind, "ddl"):
                with pytest.raises(MilvusException, match=f"{denied} has been disabled") as caught:
                    await call()
                assert caught.value.code == 9
        assert len(await ids(client)) == 4
        await client.drop_database_properties("d", [key])
    await client.create_partition("c", "p")
    await client.flush("c")
