"""Namespaces: rows of one collection that are written and read apart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import AnnSearchRequest, AsyncMilvusClient, DataType, RRFRanker
from aiomilvus.errors import MilvusException, ParamError

if TYPE_CHECKING:
    from pathlib import Path

TENANTS = ("a", "b")


async def made(client: Any, **properties: str) -> None:
    """Make a collection with namespaces, loaded."""
    schema = client.raw.create_schema(enable_namespace=True, enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("n", DataType.INT64, nullable=True)
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index, properties=properties)


async def filled(client: Any, **properties: str) -> None:
    """Make one whose namespaces have rows with the same keys: ten more in `n` for the second."""
    await made(client, **properties)
    for at, tenant in enumerate(TENANTS):
        if properties:
            await client.create_partition("c", tenant)
        rows = [{"id": key, "v": [key, at], "n": 10 * at + key} for key in range(3)]
        await client.insert("c", rows, namespace=tenant)


async def numbers(client: Any, tenant: str, **options: Any) -> list[int]:
    rows = await client.query("c", "id >= 0", output_fields=["n"], namespace=tenant, **options)
    return [row["n"] for row in rows]


@pytest.mark.parametrize("mode", [{}, {"namespace.mode": "partition"}], ids=["key", "partition"])
async def test_each_namespace_has_its_own_rows_under_its_own_keys(client: Any, mode: Any) -> None:
    await filled(client, **mode)
    assert await numbers(client, "a") == [0, 1, 2]
    assert await numbers(client, "b") == [10, 11, 12]
    found = await client.query("c", output_fields=["count(*)"], namespace="b")
    assert found[0]["count(*)"] == 3
    assert [row["n"] for row in await client.get("c", [1], namespace="a")] == [1]
    hits = await client.search("c", [[0.0, 0.0]], limit=9, output_fields=["n"], namespace="b")
    assert [hit["entity"]["n"] for hit in hits[0]] == [10, 11, 12]
    hits = await client.search("c", [[0.0, 0.0]], filter="n != 11", limit=9, namespace="b")
    assert [hit["id"] for hit in hits[0]] == [0, 2]


@pytest.mark.parametrize("mode", [{}, {"namespace.mode": "partition"}], ids=["key", "partition"])
async def test_a_hybrid_search_is_of_one_namespace(client: Any, mode: Any) -> None:
    await filled(client, **mode)
    part = AnnSearchRequest([[0.0, 0.0]], "v", {}, limit=9)
    hits = await client.hybrid_search(
        "c", [part, part], RRFRanker(), limit=9, output_fields=["n"], namespace="b"
    )
    assert [hit["entity"]["n"] for hit in hits[0]] == [10, 11, 12]


@pytest.mark.parametrize("mode", [{}, {"namespace.mode": "partition"}], ids=["key", "partition"])
async def test_a_write_changes_one_namespace(client: Any, mode: Any) -> None:
    await filled(client, **mode)
    await client.delete("c", [0], namespace="b")
    await client.delete("c", filter="n == 2", namespace="a")
    await client.delete("c", filter="n == 1", namespace="b")
    assert await numbers(client, "a") == [0, 1]
    assert await numbers(client, "b") == [11, 12]
    await client.upsert("c", {"id": 1, "v": [0.0, 0.0], "n": 5}, namespace="a")
    await client.upsert("c", {"id": 2, "n": 6}, namespace="b", partial_update=True)
    assert await numbers(client, "a") == [0, 5]
    assert await numbers(client, "b") == [11, 6]


async def test_iterators_stay_in_a_namespace(client: Any) -> None:
    await filled(client)
    pages = client.raw.query_iterator("c", batch_size=2, output_fields=["n"], namespace="b")
    assert [row["n"] for row in await read(pages)] == [10, 11, 12]
    pages = client.raw.search_iterator("c", [[0.0, 1.0]], batch_size=2, namespace="b")
    assert [hit["id"] for hit in await read(pages)] == [0, 1, 2]


async def read(pages: Any) -> list[Any]:
    """Return all that an iterator gives, of either kind of client."""
    found: list[Any] = []
    while True:
        page = pages.next()
        if asyncio.iscoroutine(page):
            page = await page
        if not page:
            return found
        found += list(page)


@pytest.mark.parametrize("mode", [{}, {"namespace.mode": "partition"}], ids=["key", "partition"])
async def test_a_request_without_a_namespace_is_refused(client: Any, mode: Any) -> None:
    await filled(client, **mode)
    vectors = [[0.0, 0.0]]
    await client.search("c", vectors, namespace="a")  # nothing that was kept may answer the rest
    await client.get("c", [1], namespace="a")
    row = {"id": 9, "v": [0.0, 0.0]}
    for call in (
        client.insert("c", row),
        client.insert("c", row, partition_name="a"),
        client.upsert("c", row),
        client.delete("c", [1]),
        client.get("c", [1]),
        client.query("c", "id >= 0"),
        client.search("c", vectors),
        client.search("c", vectors, partition_names=["a"]),
        client.hybrid_search("c", [AnnSearchRequest(vectors, "v", {}, limit=3)]),
    ):
        with pytest.raises(ParamError, match="namespace data is not set but namespace enabled"):
            await call


async def test_a_namespace_is_refused_where_there_are_none(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    row = {"id": 9, "vector": [0.0, 0.0]}
    for call in (
        client.insert("c", row, namespace="a"),
        client.insert("c", row, namespace=""),
        client.upsert("c", row, namespace="a"),
        client.delete("c", [1], namespace="a"),
        client.get("c", [1], namespace="a"),
        client.query("c", "id >= 0", namespace="a"),
        client.search("c", [[0.0, 0.0]], namespace="a"),
        client.hybrid_search(
            "c", [AnnSearchRequest([[0.0, 0.0]], "vector", {}, limit=3)], namespace="a"
        ),
    ):
        with pytest.raises(ParamError, match="namespace data is set but namespace disabled"):
            await call


async def test_a_namespace_is_there_with_its_first_row(client: Any) -> None:
    await filled(client)
    assert await numbers(client, "nobody") == []
    assert await client.search("c", [[0.0, 0.0]], namespace="nobody") == [[]]
    assert (await client.delete("c", [1], namespace="nobody"))["delete_count"] == 0
    with pytest.raises(MilvusException, match="field"):
        await client.insert("c", {"id": 1, "n": 1}, namespace="refused")
    assert await client.list_partitions("c") == ["_default", *TENANTS]
    await client.insert("c", {"id": 1, "v": [0.0, 0.0], "n": 1}, namespace="größer, 1")
    assert await numbers(client, "größer, 1") == [1]
    for call in (client.create_partition("c", "d"), client.drop_partition("c", "a")):
        with pytest.raises(ParamError, match="if partition key mode is used"):
            await call
    with pytest.raises(ParamError, match="a namespace has 1 to 65535 bytes, got 0"):
        await numbers(client, "")
    with pytest.raises(ParamError, match="not support manually specifying the partition names"):
        await numbers(client, "a", partition_names=["a"])
    with pytest.raises(ParamError, match="partition names if namespace is used"):
        await client.delete("c", [1], partition_name="a", namespace="a")


async def test_in_partition_mode_a_namespace_is_a_partition_that_was_created(client: Any) -> None:
    await filled(client, **{"namespace.mode": "partition"})
    assert await numbers(client, "a", partition_names=["a"]) == [0, 1, 2]
    with pytest.raises(ParamError, match=r'partition names \[b\] mismatch namespace "a"'):
        await numbers(client, "a", partition_names=["b"])
    with pytest.raises(MilvusException, match="partition name nobody not found"):
        await numbers(client, "nobody")
    with pytest.raises(MilvusException, match=r"partition not found\[partition=nobody\]"):
        await client.insert("c", {"id": 1, "v": [0.0, 0.0]}, namespace="nobody")
    with pytest.raises(ParamError, match="Invalid partition name"):
        await client.insert("c", {"id": 1, "v": [0.0, 0.0]}, namespace="not a name")


async def test_inserts_side_by_side_go_to_their_namespaces(client: Any) -> None:
    await made(client)
    rows = [(f"t{at % 3}", {"id": at, "v": [at, 0.0], "n": at}) for at in range(30)]
    await asyncio.gather(*(client.insert("c", row, namespace=tenant) for tenant, row in rows))
    for at in range(3):
        assert await numbers(client, f"t{at}") == list(range(at, 30, 3))
    searches = [
        client.search("c", [[0.0, 0.0]], limit=1, namespace=f"t{at % 3}") for at in range(9)
    ]
    found = await asyncio.gather(*searches)
    assert [hits[0][0]["id"] for hits in found] == [at % 3 for at in range(9)]


async def test_the_mode_is_chosen_at_creation(client: Any) -> None:
    with pytest.raises(ParamError, match=r'invalid namespace.mode value "x", valid values: \['):
        await made(client, **{"namespace.mode": "x"})
    with pytest.raises(MilvusException, match="isolation property is false when namespace"):
        await made(client, **{"partitionkey.isolation": "false"})
    await made(client, **{"namespace.sharding.enabled": "true", "partitionkey.isolation": "true"})
    found = await client.describe_collection("c")
    assert found["enable_namespace"] is True
    assert found["properties"]["namespace.sharding.enabled"] == "true"
    assert [field["name"] for field in found["fields"]] == ["id", "v", "n"]
    for key, what in (("mode", "mode"), ("sharding.enabled", "sharding")):
        said = f"cannot alter namespace.{key} via alter_collection_properties; namespace {what} is"
        value = "partition" if key == "mode" else "false"
        with pytest.raises(ParamError, match=said):
            await client.alter_collection_properties("c", {f"namespace.{key}": value})
    with pytest.raises(ParamError, match="namespace sharding is immutable"):
        await client.drop_collection_properties("c", ["namespace.sharding.enabled"])


async def test_a_partition_key_and_namespaces_exclude_each_other(client: Any) -> None:
    schema = client.raw.create_schema(enable_namespace=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("k", DataType.INT64, is_partition_key=True)
    with pytest.raises(ParamError, match="namespace is not supported with partition key mode"):
        await client.create_collection("c", schema=schema)


async def test_a_short_call_makes_namespaces_too(client: Any) -> None:
    await client.create_collection("c", dimension=2, enable_namespace=True)
    await client.insert("c", {"id": 1, "vector": [0.0, 0.0]}, namespace="a")
    assert [row["id"] for row in await client.get("c", [1], namespace="a")] == [1]


async def test_a_read_of_a_namespace_is_explained(tmp_path: Path) -> None:
    async with AsyncMilvusClient(str(tmp_path / "app.db")) as client:
        await client.create_collection("c", dimension=2, enable_namespace=True)
        for tenant, count in (("a", 2), ("b", 3)):
            rows = [{"id": at, "vector": [at, 1]} for at in range(count)]
            await client.insert("c", rows, namespace=tenant)
        for question in ({"data": [[0.0, 1.0]]}, {"filter": "id >= 0"}):
            told = await client.explain("c", limit=9, namespace="b", **question)
            assert [segment.rows for segment in told.segments] == [3]


async def test_a_refused_upsert_tells_nothing_of_other_namespaces(client: Any) -> None:
    await filled(client)
    await client.insert("c", {"id": 9, "v": [1.0, 1.0]}, namespace="a")
    with pytest.raises(ParamError, match="new primary key, 9, so all fields") as told:
        await client.upsert("c", {"id": 9, "n": 1}, partial_update=True, namespace="b")
    assert "partition" not in told.value.message


async def test_a_deletion_is_checked_where_the_namespace_is_not_there_yet(client: Any) -> None:
    await filled(client)
    for tenant in ("b", "new"):
        for wrong in ("nothing == ", "n", ""):
            with pytest.raises(ParamError):
                await client.delete("c", filter=wrong, namespace=tenant)
        gone = await client.delete("c", filter="n == 70", namespace=tenant)
        assert gone["delete_count"] == 0


@pytest.mark.parametrize("argument", ["namespace", "partition_name"])
async def test_names_that_are_no_unicode_are_refused(client: Any, argument: str) -> None:
    await filled(client)
    odd = {argument: "half \ud800"}
    row = {"id": 1, "v": [0.0, 0.0]}
    calls = [
        lambda: client.insert("c", row, **odd),
        lambda: client.upsert("c", row, **odd),
        lambda: client.delete("c", ids=[1], **odd),
    ]
    for call in calls:
        with pytest.raises(ParamError, match=f"`{argument}` value .* should be valid Unicode"):
            await call()
