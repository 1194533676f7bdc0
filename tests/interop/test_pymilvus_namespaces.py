"""Namespaces by the real pymilvus, and by our own client against the same server.

pymilvus 3.0.2 names a namespace in `insert`, `query`, `query_iterator`, `search` and
`hybrid_search`; its `upsert`, `delete` and `get` leave it out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pymilvus
import pytest
from pymilvus import AnnSearchRequest, DataType, RRFRanker

from aiomilvus import AsyncMilvusClient
from aiomilvus.server import serve

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("mode", ["partition_key", "partition"])
async def test_pymilvus_keeps_namespaces_apart(tmp_path: Path, mode: str) -> None:
    async with serve(tmp_path / "app.db", port=0) as server:
        await asyncio.to_thread(keeps_apart, server.uri, mode)
        async with AsyncMilvusClient(server.uri) as ours:
            await ours.upsert("c", {"id": 1, "v": [0, 0], "n": 5}, namespace="a")
            await ours.delete("c", [0], namespace="b")
            rows = await ours.get("c", [1], namespace="a")
            assert [row["n"] for row in rows] == [5]
        await asyncio.to_thread(told, server.uri)


def keeps_apart(uri: str, mode: str) -> None:
    client = pymilvus.MilvusClient(uri)
    schema = client.create_schema(enable_namespace=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("n", DataType.INT64)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(
        "c", schema=schema, index_params=index, properties={"namespace.mode": mode}
    )
    for at, tenant in enumerate("ab"):
        if mode == "partition":
            client.create_partition("c", tenant)
        rows = [{"id": key, "v": [key, at], "n": 10 * at + key} for key in range(3)]
        assert client.insert("c", rows, namespace=tenant)["insert_count"] == 3
    assert numbers(client, "a") == [0, 1, 2]
    assert numbers(client, "b") == [10, 11, 12]
    hits = client.search("c", [[0, 0]], limit=9, namespace="b")
    assert [hit["id"] for hit in hits[0]] == [0, 1, 2]
    part = AnnSearchRequest([[0.0, 0.0]], "v", {}, limit=9)
    hits = client.hybrid_search("c", [part, part], RRFRanker(), limit=9, namespace="b")
    assert [hit["id"] for hit in hits[0]] == [0, 1, 2]
    pages = client.query_iterator("c", batch_size=1, namespace="b")
    assert [row["id"] for page in iter(lambda: list(pages.next()), []) for row in page] == [0, 1, 2]
    found = client.search_iterator("c", [[0, 0]], batch_size=2, namespace="b")
    assert [hit["id"] for page in iter(lambda: list(found.next()), []) for hit in page] == [0, 1, 2]
    found = client.describe_collection("c")
    assert found["enable_namespace"] is True
    assert [field["name"] for field in found["fields"]] == ["id", "v", "n"]
    client.close()


def told(uri: str) -> None:
    client = pymilvus.MilvusClient(uri)
    assert numbers(client, "a") == [0, 5, 2]
    assert numbers(client, "b") == [11, 12]
    for call in (client.query, client.delete):
        with pytest.raises(pymilvus.MilvusException, match="namespace enabled") as caught:
            call("c", filter="id >= 0")
        assert caught.value.code == 1100
    client.close()


def numbers(client: Any, tenant: str) -> list[int]:
    rows = client.query("c", filter="id >= 0", output_fields=["n"], namespace=tenant)
    return [row["n"] for row in rows]
