"""faiss' own HNSW, called directly: the yardstick. No rows, no durability, no filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import faiss

from benchmarks.corpus import recall
from benchmarks.engines.base import EF_CONSTRUCTION, BaseEngine, M, Skip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus


ENOUGH = 0.95


class Engine(BaseEngine):
    """`IndexHNSWFlat` with inner products.

    As the yardstick of AUTOINDEX it is searched with the smallest ef that finds `ENOUGH`.
    """

    name = "faiss HNSW, called directly"
    stores = False

    def ingest(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.vectors = corpus.vectors
        self.parameters = faiss.SearchParametersHNSW(efSearch=self.ef)

    def build(self) -> None:
        faiss.omp_set_num_threads(self.threads)
        self.hnsw = faiss.IndexHNSWFlat(self.vectors.shape[1], M, faiss.METRIC_INNER_PRODUCT)
        self.hnsw.hnsw.efConstruction = EF_CONSTRUCTION
        self.hnsw.add(self.vectors)
        if self.index == "AUTOINDEX":
            self.parameters = faiss.SearchParametersHNSW(efSearch=self._fastest())
            self.name = f"faiss HNSW at ef {self.parameters.efSearch}, for"

    def _fastest(self) -> int:
        """Return the smallest ef, in steps of 4, at which recall@10 is `ENOUGH`."""
        truth = self.corpus.truth("")
        for ef in range(12, self.ef, 4):
            given = faiss.SearchParametersHNSW(efSearch=ef)
            _, ids = self.hnsw.search(self.corpus.queries, truth.shape[1], params=given)
            if recall(ids.tolist(), truth) >= ENOUGH:
                return ef
        return self.ef

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
