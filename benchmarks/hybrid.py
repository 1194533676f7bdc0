"""What a hybrid search costs beside its parts, as Markdown.

    python -m benchmarks.hybrid --corpus ../shared/data/wordnet-minilm
    python -m benchmarks.hybrid --rows 20000

The synchronous client asks the embedded engine, one at a time, for the 10 nearest by vector, the
10 best by BM25, and both fused by reciprocal rank. The three take turns on each query, so that
what else happens on the machine happens to all. The goal: fused costs at most the sum + 10 %.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiomilvus import (
    AnnSearchRequest,
    DataType,
    Function,
    FunctionType,
    MilvusClient,
    RRFRanker,
)
from benchmarks import corpus

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 10
BATCH = 10_000


def filled(path: Path, given: corpus.Corpus) -> MilvusClient:
    """Return a client of a sealed, indexed database with the corpus."""
    client = MilvusClient(str(path))
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=8_192, enable_analyzer=True)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=given.vectors.shape[1])
    schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
    index = client.prepare_index_params()
    index.add_index("words", index_type="AUTOINDEX", metric_type="BM25")
    index.add_index("v", index_type="AUTOINDEX", metric_type="COSINE")
    client.create_collection("c", schema=schema, index_params=index)
    for at in range(0, len(given.vectors), BATCH):
        rows = range(at, min(at + BATCH, len(given.vectors)))
        client.insert("c", [{"id": i, "text": given.gloss[i], "v": given.vectors[i]} for i in rows])
    client.flush("c")
    client.optimize("c")
    return client


def measured(client: MilvusClient, given: corpus.Corpus, count: int) -> dict[str, float]:
    """Return the median milliseconds of each kind of search."""
    texts = [given.gloss[i * 7 % len(given.gloss)] for i in range(count)]
    vectors = [given.queries[i % len(given.queries)] for i in range(count)]
    ranker = RRFRanker()

    def dense(at: int) -> Any:
        return client.search("c", [vectors[at]], anns_field="v", limit=LIMIT)

    def sparse(at: int) -> Any:
        return client.search("c", [texts[at]], anns_field="words", limit=LIMIT)

    def fused(at: int) -> Any:
        requests = [
            AnnSearchRequest([vectors[at]], "v", {}, LIMIT),
            AnnSearchRequest([texts[at]], "words", {}, LIMIT),
        ]
        return client.hybrid_search("c", requests, ranker, limit=LIMIT)

    kinds: dict[str, Callable[[int], Any]] = {"dense": dense, "BM25": sparse, "hybrid": fused}
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for at in range(count):
        for name, search in kinds.items():
            began = time.perf_counter()
            search(at)
            taken[name].append((time.perf_counter() - began) * 1e3)
    warm = count // 10
    return {name: statistics.median(times[warm:]) for name, times in taken.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=1_000)
    options = parser.parse_args()
    given = corpus.load(options.corpus, options.rows, options.queries)
    with tempfile.TemporaryDirectory() as folder:
        client = filled(Path(folder) / "hybrid.db", given)
        found = measured(client, given, options.queries)
        client.close()
    total = found["dense"] + found["BM25"]
    print(f"{given.name}: {len(given.vectors):,} rows, {options.queries:,} queries\n")
    print("| dense ms | BM25 ms | sum ms | hybrid ms | hybrid / sum |\n|---|---|---|---|---|")
    print(
        f"| {found['dense']:.3f} | {found['BM25']:.3f} | {total:.3f} | {found['hybrid']:.3f} "
        f"| {found['hybrid'] / total:.2f} |"
    )


if __name__ == "__main__":
    main()
