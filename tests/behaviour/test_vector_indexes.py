"""Every vector index through the client: built, searched, filtered, ranged, reopened, refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiomilvus import AsyncMilvusClient, DataType, MilvusClient
from aiomilvus.errors import MilvusException, NotSupportedError, ParamError

ROWS, DIM = 1500, 16
CENTRES = np.random.default_rng(5).standard_normal((20, DIM))
VECTORS = (
    CENTRES[np.arange(ROWS) % 20] + 0.4 * np.random.default_rng(6).standard_normal((ROWS, DIM))
).astype(np.float32)
TYPES: dict[str, dict[str, object]] = {
    "FLAT": {},
    "AUTOINDEX": {},
    "HNSW": {"M": 16, "efConstruction": 100},
    "DISKANN": {},
    "HNSW_SQ": {"M": 16, "sq_type": "SQ8", "refine": True, "refine_type": "FP32"},
    "HNSW_PQ": {"M": 16, "m": 8, "nbits": 6},
    "HNSW_PRQ": {"M": 16, "m": 2, "nrq": 2, "nbits": 5, "refine": True, "refine_type": "BF16"},
    "IVF_FLAT": {"nlist": 16},
    "IVF_SQ8": {"nlist": 16},
    "IVF_PQ": {"nlist": 16, "m": 8},
    "IVF_RABITQ": {"nlist": 16, "refine": True, "refine_type": "SQ8"},
    "SCANN": {"nlist": 16},
    "AISAQ": {"max_degree": 32, "search_list_size": 100},
    "FAISS": {"faiss_index_name": "IVF16,SQ8"},
}
GENERAL: dict[str, Any] = {"nprobe": 16, "ef": 100, "search_list": 100}
SEARCHED: dict[str, dict[str, Any]] = dict.fromkeys(TYPES, GENERAL) | {"FAISS": {"nprobe": 16}}


def filled(client: MilvusClient, kind: str, metric: str, params: dict[str, object]) -> None:
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("tag", DataType.INT64)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=DIM)
    client.create_collection("c", schema=schema)
    client.insert("c", [{"id": i, "tag": i % 7, "v": v} for i, v in enumerate(VECTORS)])
    client.flush("c")
    index = client.prepare_index_params("v", index_type=kind, metric_type=metric, params=params)
    client.create_index("c", index)
    client.load_collection("c")


def nearest(query: np.ndarray, metric: str, allowed: np.ndarray) -> list[int]:
    apart = ((VECTORS - query) ** 2).sum(axis=1)
    if metric != "L2":
        apart = -(VECTORS @ query)
    if metric == "COSINE":
        apart = apart / np.linalg.norm(VECTORS, axis=1)
    apart[~allowed] = np.inf
    return list(np.argsort(apart, kind="stable")[:10].tolist())


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("kind", list(TYPES))
def test_an_index_answers_after_deletes_and_reopening(tmp_path, kind, metric):
    path = str(tmp_path / "m.db")
    with MilvusClient(path) as client:
        filled(client, kind, metric, TYPES[kind])
        client.delete("c", filter="id < 50")
    there = np.arange(ROWS) >= 50
    with MilvusClient(path) as client:
        told = client.describe_index("c", "v")
        assert told is not None
        assert told["index_type"] == kind
        found = wanted = 0
        for row in range(60, 80):
            for text, allowed in (("", there), ("tag == 3", there & (np.arange(ROWS) % 7 == 3))):
                hits = client.search(
                    "c", data=[VECTORS[row]], limit=10, filter=text, search_params=SEARCHED[kind]
                )[0]
                keys = [hit["id"] for hit in hits]
                assert allowed[keys].all()
                found += len(set(keys) & set(nearest(VECTORS[row], metric, allowed)))
                wanted += 10
        assert found >= 0.95 * wanted


@pytest.mark.parametrize("kind", list(TYPES))
def test_a_range_ends_at_its_radius(tmp_path, kind):
    with MilvusClient(str(tmp_path / "m.db")) as client:
        filled(client, kind, "L2", TYPES[kind])
        apart = np.sort(((VECTORS - VECTORS[3]) ** 2).sum(axis=1))
        params = {**SEARCHED[kind], "radius": float(apart[12]), "range_filter": float(apart[2])}
        hits = client.search("c", data=[VECTORS[3]], limit=50, search_params=params)[0]
        assert all(params["range_filter"] <= hit["distance"] < params["radius"] for hit in hits)
        assert 9 <= len(hits) <= 11


@pytest.mark.parametrize(
    ("kind", "params", "text"),
    [
        ("HNSW", {"ef": 5}, r"ef\(5\) should be larger than k\(10\)"),
        ("HNSW", {"ef": "many"}, "'ef' .many. should be in range"),
        ("DISKANN", {"search_list": 5}, r"search_list\(5\) should be larger than k\(10\)"),
        ("SCANN", {"reorder_k": 5}, r"reorder_k\(5\) should be larger than k\(10\)"),
        ("IVF_FLAT", {"nprobe": 0}, r"'nprobe' .0. should be in range \[1, 65536\]"),
        ("IVF_RABITQ", {"rbq_query_bits": 9}, "'rbq_query_bits' .9. should be in range"),
        ("HNSW_SQ", {"refine_k": 0.5}, "'refine_k' .0.5. should be a number of at least 1"),
        ("AUTOINDEX", {"ef": 0}, "'ef' .0. should be in range"),
    ],
)
async def test_a_search_out_of_range_is_refused_before_there_are_rows_and_with_an_index(
    kind, params, text
):
    async with AsyncMilvusClient(":memory:") as client:
        ahead = client.prepare_index_params(
            "vector", index_type=kind, metric_type="L2", params=TYPES[kind]
        )
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
        await client.create_collection("c", schema=schema, index_params=ahead)
        for rows in (0, 20, ROWS):
            await client.insert(
                "c", [{"id": i, "vector": vector} for i, vector in enumerate(VECTORS[:rows])]
            )
            for text_of_filter in ("", "id >= 0"):
                with pytest.raises(MilvusException, match=text):
                    await client.search(
                        "c",
                        data=[VECTORS[0]],
                        limit=10,
                        filter=text_of_filter,
                        search_params=params,
                    )
        await client.optimize("c")
        with pytest.raises(MilvusException, match=text):
            await client.search("c", data=[VECTORS[0]], limit=10, search_params=params)


@pytest.mark.parametrize(
    ("kind", "params", "error", "text"),
    [
        ("GPU_CAGRA", {}, NotSupportedError, "GPU"),
        ("HNSW_PQ", {"m": 5}, ParamError, "Dimension:16, m:5"),
        ("HNSW_PRQ", {"nrq": 17}, ParamError, r"'nrq' .17. should be in range \[1, 16\]"),
        ("HNSW_SQ", {"refine": "perhaps"}, ParamError, "'refine' .perhaps. should be a boolean"),
        ("HNSW_SQ", {"refine_type": "SQ1"}, ParamError, "refine_type"),
    ],
)
def test_an_index_out_of_range_is_refused(tmp_path, kind, params, error, text):
    with MilvusClient(str(tmp_path / "m.db")) as client:
        with pytest.raises(error, match=text) as raised:
            filled(client, kind, "L2", params)
        assert isinstance(raised.value, MilvusException)
        assert client.list_indexes("c") == []
