"""zvec, an embedded vector database in C++."""

from __future__ import annotations

from typing import TYPE_CHECKING

import zvec

from benchmarks.engines.base import EF_CONSTRUCTION, BaseEngine, M

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus

FILTERS = {"": None, "lexfile": "lexfile = 37", "pos": "pos = 'n'"}


class Engine(BaseEngine):
    """HNSW with inverted indexes on both attributes."""

    name = "zvec"

    def ingest(self, corpus: Corpus) -> None:
        indexed = zvec.InvertIndexParam()
        schema = zvec.CollectionSchema(
            name="bench",
            fields=[
                zvec.FieldSchema("pos", zvec.DataType.STRING, index_param=indexed),
                zvec.FieldSchema("lexfile", zvec.DataType.INT64, index_param=indexed),
                zvec.FieldSchema("gloss", zvec.DataType.STRING),
            ],
            vectors=zvec.VectorSchema(
                "vector",
                zvec.DataType.VECTOR_FP32,
                corpus.vectors.shape[1],
                index_param=zvec.HnswIndexParam(
                    metric_type=zvec.MetricType.IP, m=M, ef_construction=EF_CONSTRUCTION
                ),
            ),
        )
        self.path = str(self.folder / "zvec")
        self.collection = zvec.create_and_open(self.path, schema)
        rows = zip(corpus.pos, corpus.lexfile.tolist(), corpus.gloss, corpus.vectors, strict=True)
        batch = []
        for number, (pos, lexfile, gloss, vector) in enumerate(rows):
            fields = {"pos": pos, "lexfile": lexfile, "gloss": gloss}
            batch.append(zvec.Doc(id=str(number), vectors={"vector": vector}, fields=fields))
            if len(batch) == 1_000:
                self.collection.insert(batch)
                batch = []
        if batch:
            self.collection.insert(batch)
        self.collection.flush()

    def build(self) -> None:
        self.collection.optimize()

    def reopen(self) -> None:
        self.collection.close()
        self.collection = zvec.open(self.path)

    def search(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        query = zvec.Query(
            field_name="vector", vector=vector, param=zvec.HnswQueryParam(ef=self.ef)
        )
        found = self.collection.query(query, topk=k, filter=FILTERS[condition], output_fields=[])
        return [int(doc.id) for doc in found]

    def get(self, keys: list[int]) -> int:
        return len(self.collection.fetch([str(key) for key in keys]))

    def close(self) -> None:
        self.collection.close()
