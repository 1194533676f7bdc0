"""LanceDB, an embedded database on the Lance columnar format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lancedb
import pyarrow as pa

from benchmarks.engines.base import EF_CONSTRUCTION, BaseEngine, M

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus

FILTERS = {"lexfile": "lexfile = 37", "pos": "pos = 'n'"}


class Engine(BaseEngine):
    """IVF_HNSW_SQ with one partition per million rows, refined with the raw vectors."""

    name = "lancedb"

    def ingest(self, corpus: Corpus) -> None:
        dim = corpus.vectors.shape[1]
        table = pa.table(
            {
                "id": pa.array(range(len(corpus.vectors)), pa.int64()),
                "pos": corpus.pos,
                "lexfile": corpus.lexfile,
                "gloss": corpus.gloss,
                "vector": pa.FixedSizeListArray.from_arrays(corpus.vectors.ravel(), dim),
            }
        )
        self.table = lancedb.connect(self.folder / "lance").create_table("bench", table)

    def build(self) -> None:
        self.table.create_index(
            "dot",
            num_partitions=1,
            vector_column_name="vector",
            index_type="IVF_HNSW_SQ",
            m=M,
            ef_construction=EF_CONSTRUCTION,
        )
        self.table.create_scalar_index("pos", index_type="BITMAP")
        self.table.create_scalar_index("lexfile", index_type="BITMAP")
        self.table.create_scalar_index("id")

    def reopen(self) -> None:
        self.table = lancedb.connect(self.folder / "lance").open_table("bench")

    def search(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        query = self.table.search(vector).distance_type("dot").limit(k).select(["id"])
        query = query.ef(self.ef).refine_factor(2)
        if condition:
            query = query.where(FILTERS[condition], prefilter=True)
        return query.to_arrow()["id"].to_pylist()

    def get(self, keys: list[int]) -> int:
        listed = ", ".join(map(str, keys))
        return self.table.search().where(f"id in ({listed})").limit(len(keys)).to_arrow().num_rows

    def count(self) -> int:
        return self.table.count_rows("pos = 'n'")
