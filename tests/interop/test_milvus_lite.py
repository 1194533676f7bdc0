"""Our client against a server that others wrote: the one inside milvus-lite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import AnnSearchRequest, AsyncMilvusClient, DataType, RRFRanker

manager = pytest.importorskip(
    "milvus_lite.server_manager", reason="milvus-lite is not installed", exc_type=ImportError
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore")  # milvus-lite's own
ROWS = 50


def rows() -> list[dict[str, Any]]:
    dense = np.random.default_rng(5).random((ROWS, 4), np.float32)
    return [
        {"id": n, "dense": dense[n], "sparse": {n % 5: 1.0, 20 + n: 0.5}, "name": f"n{n}"}
        for n in range(ROWS)
    ]


async def test_the_client_works_with_a_foreign_server(tmp_path: Path) -> None:
    path = str(tmp_path / "lite.db")
    uri = manager.server_manager_instance.start_and_get_uri(path)
    try:
        async with AsyncMilvusClient(uri, timeout=30) as client:
            await story(client)
    finally:
        manager.server_manager_instance.release_server(path)


async def story(client: AsyncMilvusClient) -> None:
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=4)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    index = client.prepare_index_params("dense", index_type="FLAT", metric_type="COSINE")
    index.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    await client.create_collection("things", schema=schema, index_params=index)
    data = rows()
    assert (await client.insert("things", data))["insert_count"] == ROWS
    found = await client.search(
        "things", [data[3]["dense"]], anns_field="dense", limit=2, output_fields=["name"]
    )
    assert found[0][0]["entity"] == {"name": "n3"}
    parts = [
        AnnSearchRequest([data[8]["dense"]], "dense", {}, limit=3),
        AnnSearchRequest([data[8]["sparse"]], "sparse", {}, limit=3),
    ]
    assert (await client.hybrid_search("things", parts, RRFRanker(), limit=2))[0][0]["id"] == 8
    await client.delete("things", ids=[1])
    left = await client.query("things", filter="id < 3", output_fields=["name"])
    assert sorted(row["id"] for row in left) == [0, 2]
    batches = [len(batch) async for batch in client.query_iterator("things", 20)]
    assert batches == [20, 20, 9]
    assert sorted(await client.list_indexes("things")) == ["dense", "sparse"]
    await client.drop_collection("things")
    assert not await client.has_collection("things")
