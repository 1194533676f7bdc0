"""Whatever answers pymilvus: milvus-lite by a path, a server by a URI (MILVUS_URI)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pymilvus import DataType, MilvusClient

from benchmarks.engines.base import EF_CONSTRUCTION, BaseEngine, M

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.corpus import Corpus

FILTERS = {"": "", "lexfile": "lexfile == 37", "pos": 'pos == "n"'}


def define(client: Any, dim: int) -> None:
    """Create the benchmark's collection through a pymilvus-like client."""
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("pos", DataType.VARCHAR, max_length=8)
    schema.add_field("lexfile", DataType.INT64)
    schema.add_field("gloss", DataType.VARCHAR, max_length=2_000)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    client.create_collection("bench", schema=schema)


def index_params(client: Any, index: str) -> Any:
    """Return the benchmark's indexes: the vectors' and both attributes'."""
    params = client.prepare_index_params()
    given = {"M": M, "efConstruction": EF_CONSTRUCTION} if index == "HNSW" else {}
    params.add_index(field_name="vector", index_type=index, metric_type="IP", params=given)
    params.add_index(field_name="pos", index_type="INVERTED")
    params.add_index(field_name="lexfile", index_type="INVERTED")
    return params


class Engine(BaseEngine):
    """pymilvus' synchronous client."""

    name = "milvus-lite"

    def ingest(self, corpus: Corpus) -> None:
        uri = os.environ.get("MILVUS_URI", "")
        self.name = "Milvus server" if uri else "milvus-lite"
        self.client = MilvusClient(uri or str(self.folder / "lite.db"))
        define(self.client, corpus.vectors.shape[1])
        rows = zip(corpus.pos, corpus.lexfile.tolist(), corpus.gloss, corpus.vectors, strict=True)
        batch: list[dict[str, Any]] = []
        for number, (pos, lexfile, gloss, vector) in enumerate(rows):
            row = {"id": number, "pos": pos, "lexfile": lexfile, "gloss": gloss}
            batch.append({**row, "vector": vector})
            if len(batch) == 2_000:
                self.client.insert("bench", batch)
                batch = []
        if batch:
            self.client.insert("bench", batch)

    def build(self) -> None:
        self.client.flush("bench")
        self.client.create_index("bench", index_params(self.client, self.index))
        self.client.load_collection("bench")

    def search(self, vector: NDArray[np.float32], k: int, condition: str) -> list[int]:
        found = self.client.search(
            "bench",
            data=[vector],
            limit=k,
            filter=FILTERS[condition],
            search_params={"params": {"ef": self.ef}},
        )
        return [hit["id"] for hit in found[0]]

    def get(self, keys: list[int]) -> int:
        return len(self.client.get("bench", ids=keys, output_fields=["gloss"]))

    def count(self) -> int:
        found = self.client.query("bench", filter='pos == "n"', output_fields=["count(*)"])
        return int(found[0]["count(*)"])

    def close(self) -> None:
        if os.environ.get("MILVUS_URI"):
            self.client.drop_collection("bench")
        self.client.close()
