"""Our client against a server that others wrote: the one inside milvus-lite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import AnnSearchRequest, AsyncMilvusClient, DataType, RRFRanker
from aiomilvus.copying import copy

manager = pytest.importorskip(
    "milvus_lite.server_manager", reason="milvus-lite is not installed", exc_type=ImportError
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore")  # milvus-lite's own
ROWS = 50


def rows() -> list[dict[str, Any]]:
    dense = np.random.default_rng(5).random((ROWS, 4), np.float32)
    return [
        {"id": n, "dense": dense[n], "sparse": {n % 5: 1.0, 20 + n: 0.5}, "name": f"n{n}"}
        for n in range(ROWS)
    ]


@pytest.fixture
def uri(tmp_path: Path) -> Iterator[str]:
    path = str(tmp_path / "lite.db")
    yield manager.server_manager_instance.start_and_get_uri(path)
    manager.server_manager_instance.release_server(path)


async def test_the_client_works_with_a_foreign_server(uri: str) -> None:
    async with AsyncMilvusClient(uri, timeout=30) as client:
        await story(client)


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


async def fill(uri: str, count: int) -> None:
    """Make a collection of two partitions."""
    vectors = np.random.default_rng(1).random((count, 8), np.float32)
    async with AsyncMilvusClient(uri, timeout=30) as client:
        await client.create_collection("things", dimension=8)
        await client.create_partition("things", "old")
        data = [{"id": n, "vector": vectors[n], "n": n} for n in range(count)]
        await client.insert("things", data[:-10])
        await client.insert("things", data[-10:], partition_name="old")


@pytest.mark.parametrize("metric", ["COSINE", "L2"])
async def test_a_search_iterator_gives_every_hit_once(uri: str, metric: str) -> None:
    vectors = np.random.default_rng(1).random((450, 8), np.float32)
    async with AsyncMilvusClient(uri, timeout=30) as client:
        await client.create_collection("things", dimension=8, metric_type=metric)
        await client.insert("things", [{"id": n, "vector": vectors[n]} for n in range(450)])
        for limit, expected in ((350, 350), (-1, 450)):
            batches = client.search_iterator("things", [vectors[5]], batch_size=77, limit=limit)
            hits = [hit async for batch in batches for hit in batch]
            assert len({hit["id"] for hit in hits}) == len(hits) == expected
            distances = [hit["distance"] for hit in hits]
            assert distances == sorted(distances, reverse=metric == "COSINE")


async def test_a_copy_goes_to_its_server_and_back(uri: str, tmp_path: Path) -> None:
    source, back = str(tmp_path / "a.db"), str(tmp_path / "b.db")
    await fill(source, 300)
    for one, other in ((source, uri), (uri, back)):
        (report,) = await copy(one, other, record=tmp_path / "record")
        assert (report.rows, report.compared) == (300, 200)
    async with AsyncMilvusClient(uri) as client:
        assert sorted(await client.list_partitions("things")) == ["_default", "old"]
    async with AsyncMilvusClient(back) as client:
        assert len(await client.query("things", partition_names=["old"], limit=20)) == 10


async def test_its_directory_is_copied_by_path(uri: str, tmp_path: Path) -> None:
    await fill(uri, 300)
    manager.server_manager_instance.release_server(str(tmp_path / "lite.db"))
    (report,) = await copy(tmp_path / "lite.db", tmp_path / "b.db", record=tmp_path / "record")
    assert (report.rows, report.compared) == (300, 200)
