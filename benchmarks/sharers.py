"""Databases in a directory, as `benchmarks.processes` drives them: several processes open one.

Vectors have length 1; `kind` is a key modulo ten, for searches with a filter. What an engine
can't do beside another process it raises, in its own words.
"""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

NAME = "rows"
K = 10
KINDS = 10
_BATCH = 5000
_POLL = 0.05
_PATIENCE = 20.0
_TIMES = 100


def unit_vectors(rows: int, dim: int, seed: int) -> Vector:
    """Return vectors of length 1, float32 (rows, dim)."""
    vectors = np.random.default_rng(seed).standard_normal((rows, dim), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


class Sharer(Protocol):
    """A database that is open."""

    def fill(self, vectors: Vector) -> None:
        """Store vectors, float32 (n, dim), under their numbers, and index them."""

    def warm_up(self, vector: Vector) -> None:
        """Return when searches are as fast as they get."""

    def search(self, vector: Vector, *, filtered: bool) -> None:
        """Search for the ten nearest, of one kind only if `filtered`."""

    def insert(self, key: int, vector: Vector) -> None:
        """Store one more, durably."""

    def has(self, key: int) -> bool:
        """Return whether a key is there."""


class Aiomilvus:
    """This package."""

    def __init__(self, folder: Path) -> None:
        from aiomilvus import MilvusClient  # noqa: PLC0415 - each engine loads its own library

        self.client = MilvusClient(str(folder / "shared.db"))
        self.is_warm = False

    def fill(self, vectors: Vector) -> None:
        client = self.client
        index = client.prepare_index_params()
        index.add_index("vector", index_type="HNSW", metric_type="COSINE")
        dim = vectors.shape[1]
        client.create_collection(NAME, dimension=dim, metric_type="COSINE", index_params=index)
        for first in range(0, len(vectors), _BATCH):
            part = enumerate(vectors[first : first + _BATCH], first)
            client.insert(NAME, [{"id": n, "vector": v, "kind": n % KINDS} for n, v in part])
        client.flush(NAME)
        while (client.describe_index(NAME, "vector") or {}).get("pending_index_rows"):
            time.sleep(_POLL)

    def warm_up(self, vector: Vector) -> None:
        # With numba, kernels are loaded and codes read in the background after many searches.
        if self.is_warm or find_spec("numba") is None:
            return
        self.is_warm = True
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and "codes" not in str(self.client.explain(NAME, [vector])):
            for _ in range(_TIMES):
                self.search(vector, filtered=False)
            time.sleep(_POLL)

    def search(self, vector: Vector, *, filtered: bool) -> None:
        self.client.search(NAME, [vector], limit=K, filter="kind == 3" if filtered else "")

    def insert(self, key: int, vector: Vector) -> None:
        self.client.insert(NAME, {"id": key, "vector": vector, "kind": key % KINDS})

    def has(self, key: int) -> bool:
        return bool(self.client.get(NAME, [key]))


class Peer:
    """What is as fast from its first searches on."""

    def warm_up(self, vector: Vector) -> None:
        """Do nothing."""


class LanceDb(Peer):
    """LanceDB: each write is a new version, which a table that is open looks for when told to."""

    def __init__(self, folder: Path) -> None:
        import lancedb  # noqa: PLC0415 - as above

        self.database = lancedb.connect(folder / "lance")
        self.table: Any = None
        if NAME in self.database.table_names():
            self.table = self.database.open_table(NAME)

    def fill(self, vectors: Vector) -> None:
        rows = [{"id": n, "kind": n % KINDS, "vector": v} for n, v in enumerate(vectors)]
        self.table = self.database.create_table(NAME, rows)
        self.table.create_index(
            "cosine", num_partitions=1, vector_column_name="vector", index_type="IVF_HNSW_SQ"
        )

    def search(self, vector: Vector, *, filtered: bool) -> None:
        query = (
            self.table.search(vector).distance_type("cosine").limit(K).select(["id", "_distance"])
        )
        (query.where("kind = 3", prefilter=True) if filtered else query).to_arrow()

    def insert(self, key: int, vector: Vector) -> None:
        self.table.add([{"id": key, "kind": key % KINDS, "vector": vector}])

    def has(self, key: int) -> bool:
        return bool(self.table.count_rows(f"id = {key}"))


class SqliteVec(Peer):
    """sqlite-vec: SQLite's locks, and a scan of all vectors."""

    def __init__(self, folder: Path) -> None:
        import sqlite3  # noqa: PLC0415 - as above

        import sqlite_vec  # type: ignore[import-not-found]  # noqa: PLC0415 - as above

        self.sql = sqlite3.connect(folder / "vec.sqlite", isolation_level=None)
        self.sql.execute("PRAGMA journal_mode=WAL")
        self.sql.execute("PRAGMA busy_timeout=5000")
        self.sql.enable_load_extension(True)
        sqlite_vec.load(self.sql)

    def fill(self, vectors: Vector) -> None:
        columns = f"id INTEGER PRIMARY KEY, kind INTEGER, vector FLOAT[{vectors.shape[1]}]"
        self.sql.execute(f"CREATE VIRTUAL TABLE {NAME} USING vec0({columns})")
        rows = ((n, n % KINDS, v.tobytes()) for n, v in enumerate(vectors))
        self.sql.execute("BEGIN")
        self.sql.executemany(f"INSERT INTO {NAME} VALUES (?, ?, ?)", rows)  # noqa: S608 - a constant
        self.sql.execute("COMMIT")

    def search(self, vector: Vector, *, filtered: bool) -> None:
        where = f"vector MATCH ? AND k = {K}" + (" AND kind = 3" if filtered else "")
        query = f"SELECT id FROM {NAME} WHERE {where}"  # noqa: S608 - constants
        self.sql.execute(query, (vector.tobytes(),)).fetchall()

    def insert(self, key: int, vector: Vector) -> None:
        row = (key, key % KINDS, vector.tobytes())
        self.sql.execute(f"INSERT INTO {NAME} VALUES (?, ?, ?)", row)  # noqa: S608 - a constant

    def has(self, key: int) -> bool:
        query = f"SELECT id FROM {NAME} WHERE id = ?"  # noqa: S608 - a constant
        return self.sql.execute(query, (key,)).fetchone() is not None


class Chroma(Peer):
    """Chroma's persistent client, which is meant for one process."""

    def __init__(self, folder: Path) -> None:
        import chromadb  # noqa: PLC0415 - as above

        self.client = chromadb.PersistentClient(str(folder / "chroma"))
        hnsw = {"hnsw": {"space": "cosine"}}
        self.rows = self.client.get_or_create_collection(NAME, configuration=hnsw)

    def fill(self, vectors: Vector) -> None:
        for first in range(0, len(vectors), _BATCH):
            part = vectors[first : first + _BATCH]
            keys = range(first, first + len(part))
            kinds = [{"kind": key % KINDS} for key in keys]
            self.rows.add(ids=[str(key) for key in keys], embeddings=part, metadatas=kinds)

    def search(self, vector: Vector, *, filtered: bool) -> None:
        where = {"kind": 3} if filtered else None
        self.rows.query(query_embeddings=[vector], n_results=K, where=where, include=[])

    def insert(self, key: int, vector: Vector) -> None:
        self.rows.add(ids=[str(key)], embeddings=[vector], metadatas=[{"kind": key % KINDS}])

    def has(self, key: int) -> bool:
        return bool(self.rows.get(ids=[str(key)], include=[])["ids"])


class Zvec(Peer):
    """zvec, which locks its directory."""

    def __init__(self, folder: Path) -> None:
        import zvec  # noqa: PLC0415 - as above

        self.zvec = zvec
        self.path = folder / "zvec"
        self.rows: Any = zvec.open(str(self.path)) if self.path.exists() else None

    def fill(self, vectors: Vector) -> None:
        zvec = self.zvec
        hnsw = zvec.HnswIndexParam(metric_type=zvec.MetricType.IP)
        kind = zvec.FieldSchema("kind", zvec.DataType.INT64, index_param=zvec.InvertIndexParam())
        field = zvec.VectorSchema(
            "vector", zvec.DataType.VECTOR_FP32, vectors.shape[1], index_param=hnsw
        )
        schema = zvec.CollectionSchema(name=NAME, fields=[kind], vectors=field)
        self.rows = zvec.create_and_open(str(self.path), schema)
        for first in range(0, len(vectors), 1000):
            part = enumerate(vectors[first : first + 1000], first)
            self.rows.insert([self._row(key, vector) for key, vector in part])
        self.rows.flush()
        self.rows.optimize()

    def _row(self, key: int, vector: Vector) -> object:
        fields = {"kind": key % KINDS}
        return self.zvec.Doc(id=str(key), vectors={"vector": vector}, fields=fields)

    def search(self, vector: Vector, *, filtered: bool) -> None:
        query = self.zvec.VectorQuery("vector", vector=vector)
        self.rows.query(query, topk=K, filter="kind = 3" if filtered else None)

    def insert(self, key: int, vector: Vector) -> None:
        self.rows.insert(self._row(key, vector))
        self.rows.flush()

    def has(self, key: int) -> bool:
        return bool(self.rows.fetch(str(key)))


SHARERS: dict[str, Callable[[Path], Sharer]] = {
    "aiomilvus": Aiomilvus,
    "lancedb": LanceDb,
    "sqlite-vec": SqliteVec,
    "chroma": Chroma,
    "zvec": Zvec,
}
"""By name, each a class that opens its database in a folder, or makes it there."""
