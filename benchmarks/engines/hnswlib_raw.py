"""hnswlib, called directly: another index library. No rows, no durability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hnswlib

from benchmarks.engines.base import EF_CONSTRUCTION, BaseEngine, M, Skip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus


class Engine(BaseEngine):
    """hnswlib's graph with inner products."""

    name = "hnswlib, called directly"
    stores = False

    def ingest(self, corpus: Corpus) -> None:
        self.vectors = corpus.vectors

    def build(self) -> None:
        self.hnsw = hnswlib.Index(space="ip", dim=self.vectors.shape[1])
        self.hnsw.init_index(len(self.vectors), M=M, ef_construction=EF_CONSTRUCTION)
        self.hnsw.add_items(self.vectors, num_threads=self.threads)
        self.hnsw.set_ef(self.ef)

    def search(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        if condition:
            raise Skip
        ids, _ = self.hnsw.knn_query(vector, k, num_threads=1)
        return ids[0].tolist()

    def search_many(self, vectors: NDArray[np.float32], k: int, tasks: int) -> list[list[int]]:
        found: list[list[int]] = []
        for start in range(0, len(vectors), tasks):
            batch = vectors[start : start + tasks]
            ids, _ = self.hnsw.knn_query(batch, k, num_threads=self.threads)
            found.extend(ids.tolist())
        return found
