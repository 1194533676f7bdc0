"""qdrant-client's local mode: exact search in numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdrant_client import QdrantClient, models

from benchmarks.engines.base import BaseEngine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus


class Engine(BaseEngine):
    """The local mode on a folder."""

    name = "qdrant-client, local mode"

    def ingest(self, corpus: Corpus) -> None:
        self.client = QdrantClient(path=str(self.folder / "qdrant"))
        size = corpus.vectors.shape[1]
        config = models.VectorParams(size=size, distance=models.Distance.DOT)
        self.client.create_collection("bench", vectors_config=config)
        payload = [
            {"pos": pos, "lexfile": int(number)}
            for pos, number in zip(corpus.pos, corpus.lexfile, strict=True)
        ]
        for start in range(0, len(corpus.vectors), 1_000):
            rows = slice(start, start + 1_000)
            vectors = corpus.vectors[rows]
            points = models.Batch(
                ids=list(range(start, start + len(vectors))),
                vectors=vectors.tolist(),
                payloads=payload[rows],
            )
            self.client.upsert("bench", points)

    def search(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        found = self.client.query_points(
            "bench", query=vector.tolist(), limit=k, query_filter=self._filter(condition)
        )
        return [int(point.id) for point in found.points]

    @staticmethod
    def _filter(condition: str) -> models.Filter | None:
        if not condition:
            return None
        value: int | str = 37 if condition == "lexfile" else "n"
        match = models.FieldCondition(key=condition, match=models.MatchValue(value=value))
        return models.Filter(must=[match])

    def get(self, keys: list[int]) -> int:
        return len(self.client.retrieve("bench", ids=keys))
