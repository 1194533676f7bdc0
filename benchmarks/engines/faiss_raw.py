"""faiss' own HNSW, called directly: the yardstick. No rows, no durability, no filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import faiss

from benchmarks.engines.base import EF_CONSTRUCTION, BaseEngine, M, Skip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus


class Engine(BaseEngine):
    """`IndexHNSWFlat` with inner products."""

    name = "faiss HNSW, called directly"

    def ingest(self, corpus: Corpus) -> None:
        self.vectors = corpus.vectors
        self.parameters = faiss.SearchParametersHNSW(efSearch=self.ef)

    def build(self) -> None:
        faiss.omp_set_num_threads(self.threads)
        self.hnsw = faiss.IndexHNSWFlat(self.vectors.shape[1], M, faiss.METRIC_INNER_PRODUCT)
        self.hnsw.hnsw.efConstruction = EF_CONSTRUCTION
        self.hnsw.add(self.vectors)

    def search(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        if condition:
            raise Skip
        faiss.omp_set_num_threads(1)
        _, ids = self.hnsw.search(vector[None], k, params=self.parameters)
        return ids[0].tolist()

    def search_many(self, vectors: NDArray[np.float32], k: int, tasks: int) -> list[list[int]]:
        faiss.omp_set_num_threads(self.threads)
        found: list[list[int]] = []
        for start in range(0, len(vectors), tasks):
            _, ids = self.hnsw.search(vectors[start : start + tasks], k, params=self.parameters)
            found.extend(ids.tolist())
        return found
