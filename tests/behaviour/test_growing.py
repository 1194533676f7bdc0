"""Growing data: every acknowledged row is found at once, while graphs and files come about."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from aiomilvus import AsyncMilvusClient, MilvusClient
from aiomilvus.engine.maintenance import index_builds
from aiomilvus.engine.opening import open_database

DIM = 16
ROWS = 4_000


def clustered(rows: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((40, DIM), np.float32)
    return centres[rng.integers(0, 40, rows)] + 0.4 * rng.standard_normal((rows, DIM), np.float32)


def exact(vectors: np.ndarray, query: np.ndarray, metric: str, allowed: np.ndarray) -> set[int]:
    if metric == "L2":
        scores = ((vectors - query) ** 2).sum(axis=1)
    else:
        scores = -(vectors @ query)
        if metric == "COSINE":
            scores = scores / np.linalg.norm(vectors, axis=1)
    scores = np.where(allowed, scores, np.inf)
    return set(np.argsort(scores)[:10].tolist())


def recall(client: MilvusClient, vectors: np.ndarray, metric: str, text: str, mask) -> float:
    queries = clustered(30, seed=1)
    found = client.search("c", data=list(queries), limit=10, filter=text)
    hits = [
        len({hit["id"] for hit in each} & exact(vectors, query, metric, mask)) / 10
        for each, query in zip(found, queries, strict=True)
    ]
    return float(np.mean(hits))


def refuse_to_build(*_: object) -> None:
    raise ValueError("not in this test")


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
def test_searches_of_growing_rows_hold_their_recall(tmp_path: Path, metric: str):
    path = tmp_path / "growing.db"
    vectors = clustered(ROWS)
    engine = open_database(path)
    with MilvusClient(str(path)) as client:
        client.create_collection("c", dimension=DIM, metric_type=metric)
        for at in range(0, ROWS, 250):
            rows = [{"id": at + i, "vector": v} for i, v in enumerate(vectors[at : at + 250])]
            client.insert("c", rows)
            found = client.search("c", data=[vectors[at + 249]], limit=3, output_fields=["id"])
            if metric != "IP":
                assert found[0][0]["id"] == at + 249
        engine.local.wait_idle()
        client.delete("c", ids=list(range(0, 1_000, 2)))
        numbers = np.arange(ROWS)
        there = ~((numbers < 1_000) & (numbers % 2 == 0))
        plan = client.explain("c", data=[vectors[0]], limit=10)
        assert "growing" in str(plan)
        assert recall(client, vectors, metric, "", there) >= 0.95
        few = there & (numbers % 50 == 1)
        assert recall(client, vectors, metric, "id % 50 == 1", few) >= 0.95
        assert recall(client, vectors, metric, "id < 100", there & (numbers < 100)) >= 0.95
    engine.close()


async def test_sealing_beside_searches_shows_every_row_all_the_time(tmp_path: Path):
    vectors = clustered(3_000)
    async with AsyncMilvusClient(str(tmp_path / "sealing.db")) as client:
        await client.create_collection("c", dimension=DIM, metric_type="L2")
        over = False

        async def look() -> int:
            looked = 0
            while not over:
                count = len(done)
                if count:
                    newest = done[-1]
                    found = await client.search("c", data=[vectors[newest]], limit=1)
                    assert found[0][0]["id"] == newest
                    counted = await client.query("c", "", output_fields=["count(*)"])
                    assert counted[0]["count(*)"] >= count
                    looked += 1
                await asyncio.sleep(0)
            return looked

        done: list[int] = []
        looking = asyncio.ensure_future(look())
        for at in range(0, 3_000, 100):
            rows = [{"id": at + i, "vector": v} for i, v in enumerate(vectors[at : at + 100])]
            await client.insert("c", rows)
            done += range(at, at + 100)
            if at % 1_000 == 900:
                await client.flush("c")
        over = True
        assert await looking > 10
        assert (await client.query("c", "", output_fields=["count(*)"]))[0]["count(*)"] == 3_000


@pytest.mark.timeout(240)  # it writes until memory is full
def test_writers_wait_while_too_much_is_in_memory(tmp_path: Path):
    path = tmp_path / "small.db"
    limit = 64 << 20
    vectors = np.random.default_rng(0).random((3_000, 1_024), np.float32)
    with MilvusClient(str(path), memory=limit, threads=1) as client:
        client.create_collection("c", dimension=1_024)
        engine = open_database(path)
        collection = next(iter(engine.local.collections.values()))
        for at in range(0, 40_000, 3_000):
            client.insert("c", {"id": np.arange(at, at + 3_000), "vector": vectors})
            assert collection.unsealed <= limit // 2 + vectors.nbytes
        assert client.query("c", "", output_fields=["count(*)"])[0]["count(*)"] == 42_000
        engine.close()


@pytest.mark.parametrize("metric", ["L2", "COSINE"])
def test_rows_without_those_deleted_keep_their_graph_until_their_index_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metric: str
):
    path = tmp_path / "thinned.db"
    vectors = clustered(2_600)
    engine = open_database(path)
    monkeypatch.setattr(index_builds, "build_index", refuse_to_build)
    with MilvusClient(str(path)) as client:
        client.create_collection("c", dimension=DIM, metric_type=metric)
        for at in (0, 2_000):
            rows = [{"id": at + i, "vector": v} for i, v in enumerate(vectors[at : at + 2_000])]
            client.insert("c", rows)
            if not at:
                engine.local.wait_idle()
        there = np.arange(len(vectors)) % 9 != 4
        client.delete("c", ids=np.flatnonzero(~there).tolist())
        client.flush("c")
        engine.local.wait_idle()
        (segment,) = client.explain("c", data=[vectors[0]], limit=10).segments
        assert (segment.kind, segment.rows) == ("sealed", int(there.sum()))
        assert segment.index.startswith("faiss HNSW")
        assert recall(client, vectors, metric, "", there) >= 0.95
        for divisor in (2, 50):
            mask = there & (np.arange(len(vectors)) % divisor == 0)
            assert recall(client, vectors, metric, f"id % {divisor} == 0", mask) >= 0.95
        client.delete("c", ids=[0, 1, 2])
        assert recall(client, vectors, metric, "", there & (np.arange(len(vectors)) > 2)) >= 0.95
    engine.close()
