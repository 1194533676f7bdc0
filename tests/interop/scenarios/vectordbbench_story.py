"""What VectorDBBench 2 does with a Milvus, in its order, with vectors that are made up.

    python -m tests.interop.scenarios.vectordbbench_story http://127.0.0.1:19530 --rows 100000

It fills a collection in batches, flushes, waits for the index, compacts to one size, waits until
all segments are sorted and the index is there again, and then searches from several threads, with
and without filters, and compares what is found with all distances. Prints the recall and how often
the server was asked for anything.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from pymilvus import DataType, MilvusClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NAME = "vdbbench"
BATCH = 500
TARGET_SIZE = 1 << 30
LABELS = ("label_1p", "label_50p")
LIMIT = 10


class Story(NamedTuple):
    """What came of it.

    Attributes:
        recall: Of the searches without a filter, with one by number, and with one by label.
        segments: Rows of the segments in the end.
        looks: How often each of the polls asked.
        seconds: How long the rows took to write, and then to flush, index and compact.
    """

    recall: tuple[float, float, float]
    segments: list[int]
    looks: Counter[str]
    seconds: tuple[float, float]


def tell(
    uri: str,
    rows: int,
    dim: int = 32,
    seconds: float = 600.0,
    *,
    is_old: bool = False,
    then: Callable[[str], None] = lambda uri: None,
) -> Story:
    """Carry it out on the server at `uri`.

    Args:
        uri: The server.
        rows, dim: How many vectors, and how long.
        seconds: The most that each poll may take, from the beginning.
        is_old: The server is a Milvus 2.3, which tells of no sorting and has no bitmaps.
        then: Called with the URI before the collection is dropped.

    Raises:
        TimeoutError: What is polled for did not become true.
    """
    vectors = np.random.default_rng(11).random((rows, dim), np.float32)
    labels = [LABELS[number % 100 != 0] for number in range(rows)]
    looks: Counter[str] = Counter()
    deadline = time.monotonic() + seconds

    def until(name: str, holds: Callable[[], bool]) -> None:
        while not holds():
            looks[name] += 1
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} did not become true within {seconds} s")
            time.sleep(0.02)

    client = MilvusClient(uri=uri)
    try:
        _create(client, dim, is_old=is_old)
        began = time.monotonic()
        _load(client, vectors, labels)
        loaded = time.monotonic()
        _optimize(client, until, is_old=is_old)
        took = (loaded - began, time.monotonic() - loaded)
        recall = _search(uri, vectors, labels)
        then(uri)
        found = client.list_persistent_segments(NAME)
        return Story(recall, [each.num_rows for each in found], looks, took)
    finally:
        client.drop_collection(NAME)
        client.close()


def _create(client: MilvusClient, dim: int, *, is_old: bool) -> None:
    schema = client.create_schema(auto_id=False)
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("id", DataType.INT64)
    schema.add_field("label", DataType.VARCHAR, max_length=256)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    index = client.prepare_index_params()
    build = {"M": 16, "efConstruction": 100}
    index.add_index("vector", index_type="HNSW", metric_type="COSINE", params=build)
    index.add_index("id", index_type="STL_SORT")
    index.add_index("label", index_type="Trie" if is_old else "BITMAP")
    client.drop_collection(NAME)
    client.create_collection(NAME, schema=schema, consistency_level="Session")
    client.create_index(NAME, index)
    client.load_collection(NAME, replica_number=1)


def _load(client: MilvusClient, vectors: NDArray[np.float32], labels: list[str]) -> None:
    for start in range(0, len(vectors), BATCH):
        part = range(start, min(start + BATCH, len(vectors)))
        batch = [{"pk": n, "id": n, "label": labels[n], "vector": vectors[n]} for n in part]
        done = client.insert(NAME, batch)
        assert done["insert_count"] == len(batch)


def _optimize(
    client: MilvusClient, until: Callable[[str, Callable[[], bool]], None], *, is_old: bool
) -> None:
    def is_indexed() -> bool:
        described = [client.describe_index(NAME, each) for each in client.list_indexes(NAME)]
        return all(each["pending_index_rows"] == 0 for each in described)

    def is_sorted() -> bool:
        return all(each.is_sorted for each in client.list_persistent_segments(NAME))

    client.flush(NAME)
    until("indexed", is_indexed)
    job = client.compact(NAME, target_size=TARGET_SIZE)
    if job > 0:
        until("compacted", lambda: client.get_compaction_state(job) == "Completed")
    if not is_old:
        until("sorted", is_sorted)
    until("indexed", is_indexed)
    client.refresh_load(NAME)
    until("loaded", lambda: str(client.get_load_state(NAME)["state"]) == "Loaded")


def _search(
    uri: str, vectors: NDArray[np.float32], labels: list[str]
) -> tuple[float, float, float]:
    """Return the share of the nearest rows that searches from several threads found."""
    queries = np.random.default_rng(12).random((20, vectors.shape[1]), np.float32)
    half = len(vectors) // 2
    is_labelled = np.array([each == LABELS[1] for each in labels])
    kinds = (
        ("", np.ones(len(vectors), bool)),
        (f"id >= {half}", np.arange(len(vectors)) >= half),
        (f"label == '{LABELS[1]}'", is_labelled),
    )
    client = MilvusClient(uri=uri)

    def found(query: NDArray[np.float32], expression: str, allowed: NDArray[np.bool_]) -> float:
        given: dict[str, Any] = {"filter": expression} if expression else {}
        hits = client.search(
            NAME, [query.tolist()], limit=LIMIT, search_params={"params": {"ef": 80}}, **given
        )[0]
        scores = vectors @ query / np.linalg.norm(vectors, axis=1)
        best = np.argsort(-np.where(allowed, scores, -np.inf))[:LIMIT]
        return len({*hits.ids} & {*best.tolist()}) / LIMIT

    with ThreadPoolExecutor(4) as pool:
        recall = tuple(
            sum(pool.map(lambda query, kind=kind: found(query, *kind), queries)) / len(queries)
            for kind in kinds
        )
    client.close()
    first, second, third = recall
    return first, second, third


def main() -> None:
    """Tell the story of the server that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("uri")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=128)
    given = parser.parse_args()
    sys.stdout.write(f"{tell(given.uri, given.rows, given.dim)}\n")


if __name__ == "__main__":
    main()
