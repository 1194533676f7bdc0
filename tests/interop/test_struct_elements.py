"""Elements of arrays of structs, as the real pymilvus shows them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pymilvus
from pymilvus import AnnSearchRequest, DataType, RRFRanker

from aiomilvus.server import serve

if TYPE_CHECKING:
    from pathlib import Path


async def test_pymilvus_tells_the_elements_of_queries_and_hybrid_searches(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0) as server:
        await asyncio.to_thread(tells_elements, server.uri)


def tells_elements(uri: str) -> None:
    client = pymilvus.MilvusClient(uri)
    struct = client.create_struct_field_schema()
    struct.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    struct.add_field("n", DataType.INT64)
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field(
        "ch", DataType.ARRAY, element_type=DataType.STRUCT, struct_schema=struct, max_capacity=5
    )
    params = client.prepare_index_params()
    params.add_index("ch[v]", index_type="FLAT", metric_type="IP")
    client.create_collection("c", schema=schema, index_params=params)
    rows = [{"id": i, "ch": [{"v": [i, at], "n": at} for at in range(3)]} for i in range(3)]
    client.insert("c", rows)
    found = client.query("c", filter="element_filter(ch, $[n] > 0)", output_fields=["id"], limit=3)
    assert [(row["id"], row["offset"]) for row in found] == [(0, 1), (0, 2), (1, 1)]
    iterator = client.query_iterator("c", batch_size=100, filter="element_filter(ch, $[n] == 2)")
    assert [(row["id"], row["offset"]) for row in iterator.next()] == [(0, 2), (1, 2), (2, 2)]
    iterator.close()
    requests = [AnnSearchRequest([[1.0, 0.5]], "ch[v]", {}, limit=2) for _ in range(2)]
    hits = client.hybrid_search("c", requests, RRFRanker(), limit=2)[0]
    assert [(hit["id"], hit["offset"]) for hit in hits] == [(2, 2), (2, 1)]
    assert client.query("c", filter="array_length(ch) == 4") == []
    client.close()
