"""Vectors so long that squares and products are beyond float32: no warning, no end of process."""

from __future__ import annotations

import time

import numpy as np
import pytest

from aiomilvus import DataType, MilvusClient

LONG = np.float32(3e38)
DIM = 8


@pytest.mark.parametrize("index_type", ["FLAT", "AUTOINDEX", "HNSW", "IVF_FLAT", "SCANN"])
@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("rows", [60, 2000])
def test_long_vectors_are_kept_indexed_and_searched_like_others(
    metric: str, index_type: str, rows: int
) -> None:
    rng = np.random.default_rng(rows)
    vectors = rng.random((rows, DIM), np.float32)
    vectors[0], vectors[1], vectors[2, 0] = LONG, -LONG, LONG
    with MilvusClient(":memory:") as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
        index = client.prepare_index_params()
        index.add_index("vector", index_type=index_type, metric_type=metric)
        client.create_collection("c", schema=schema, index_params=index)
        client.insert("c", {"id": np.arange(rows), "vector": vectors})
        queries = [vectors[7], np.full(DIM, LONG, np.float32), *vectors[20:50]]
        growing = [client.search("c", queries[:few], limit=rows) for few in (1, 3, len(queries))]
        client.flush("c")
        while (client.describe_index("c", "vector") or {})["pending_index_rows"]:
            time.sleep(0.01)  # built beside; the test's own timeout is the limit
        sealed = [client.search("c", queries[:few], limit=rows) for few in (1, 3, len(queries))]
        ranged = client.search(
            "c", queries, search_params={"params": {"radius": 1e30 if metric == "L2" else 0.1}}
        )
        few = client.search("c", queries, limit=3, filter="id < 9")
        assert all(len(hits) == 3 for hits in few)
        assert all(len(hits) for number, hits in enumerate(ranged) if number != 1)
        assert client.get("c", 1)[0]["vector"] == [-LONG] * DIM
    for found in (*growing, *sealed):
        for hits in found:
            assert len({*hits.ids}) == rows
        if metric == "L2":
            assert found[0][0]["id"] == 7
            assert {hit["id"] for hit in found[0][-3:]} == {0, 1, 2}
        if metric == "IP":
            assert {found[0][0]["id"], found[0][1]["id"]} == {0, 2}
            assert found[0][-1]["id"] == 1
