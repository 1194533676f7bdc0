"""Chroma's persistent client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import chromadb

from benchmarks.engines.base import EF_CONSTRUCTION, BaseEngine, M

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus

FILTERS: dict[str, dict[str, Any] | None] = {
    "": None,
    "lexfile": {"lexfile": 37},
    "pos": {"pos": "n"},
}


class Engine(BaseEngine):
    """HNSW as Chroma configures it."""

    name = "chroma"

    def ingest(self, corpus: Corpus) -> None:
        self.client = chromadb.PersistentClient(str(self.folder / "chroma"))
        hnsw = {"space": "ip", "max_neighbors": M, "ef_construction": EF_CONSTRUCTION}
        hnsw["ef_search"] = self.ef
        self.collection = self.client.create_collection("bench", configuration={"hnsw": hnsw})
        for start in range(0, len(corpus.vectors), 5_000):
            rows = slice(start, start + 5_000)
            self.collection.add(
                ids=[str(i) for i in range(start, start + len(corpus.pos[rows]))],
                embeddings=corpus.vectors[rows],
                documents=corpus.gloss[rows],
                metadatas=[
                    {"pos": pos, "lexfile": int(number)}
                    for pos, number in zip(corpus.pos[rows], corpus.lexfile[rows], strict=True)
                ],
            )

    def search(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        found = self.collection.query(
            query_embeddings=[vector], n_results=k, where=FILTERS[condition], include=[]
        )
        return [int(key) for key in found["ids"][0]]

    def get(self, keys: list[int]) -> int:
        return len(
            self.collection.get(ids=[str(key) for key in keys], include=["documents"])["ids"]
        )
