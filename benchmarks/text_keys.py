"""Writing and reading by text key: bulk upsert over a large collection, and `get` of two keys.

python -m benchmarks.text_keys [rows] [upserted]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from aiomilvus.engine.database import Database
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, VectorColumn
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Insert, Query, Upsert
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType

SCHEMA = Schema(
    fields=(
        Field(id=100, name="id", dtype=DataType.VARCHAR, is_primary=True, max_length=64),
        Field(id=101, name="v", dtype=DataType.FLOAT_VECTOR, dim=4),
    )
)


def rows(numbers: np.ndarray) -> ColumnBatch:
    """Return rows with keys made of the numbers."""
    keys = BytesColumn.of([b"document-%08d" % number for number in numbers.tolist()])
    vectors = np.ones((len(numbers), 4), np.float32)
    return ColumnBatch(len(numbers), {"id": keys, "v": VectorColumn(vectors)})


def main(total: int, upserted: int) -> None:
    """Fill a collection of `total` rows, then upsert and read by key."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "db")
        database.execute(CreateCollection(collection="c", schema=SCHEMA))
        params = {"index_type": "FLAT", "metric_type": "L2"}
        database.execute(CreateIndex(collection="c", field="v", params=params))
        database.execute(LoadCollection(collection="c"))
        numbers = random.permutation(total)
        started = time.perf_counter()
        for part in np.array_split(numbers, 5):
            database.execute(Insert(collection="c", batch=rows(part)))
        database.execute(Flush(collection="c"))
        print(f"insert of {total:,} rows and flush: {time.perf_counter() - started:.2f} s")
        database.wait_idle(60)
        batch = rows(random.choice(total, upserted, replace=False))
        started = time.perf_counter()
        database.execute(Upsert(collection="c", batch=batch))
        print(f"upsert of {upserted:,} rows: {time.perf_counter() - started:.2f} s")
        database.execute(Flush(collection="c"))
        database.wait_idle(60)
        wanted = BytesColumn.of([b"document-00000007", b"document-%08d" % (total - 1)])
        query = Query(collection="c", ids=wanted, output_fields=("id",))
        database.execute(query)
        started = time.perf_counter()
        for _ in range(2_000):
            database.execute(query)
        micros = (time.perf_counter() - started) / 2_000 * 1e6
        segments = len(database.snapshot("", "c").views)
        print(f"get of two keys over {segments} segments: {micros:.0f} µs")
        database.close()


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:] or ["500000", "100000"])))
