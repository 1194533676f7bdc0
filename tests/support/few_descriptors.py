"""Many collections under a low limit of open files.

    python -m tests.support.few_descriptors NEW_DIRECTORY COLLECTIONS PARTITIONS LIMIT

A thousand collections of twenty partitions fit into 256 descriptors; that takes some minutes, so
the suite asks for fewer. In a process of its own, because the limit holds for the whole of it.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
from pathlib import Path

from aiomilvus.engine.database import Database
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Insert
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.operations.partitions import CreatePartition
from tests.support.batches import batch, schema
from tests.support.contents import contents_of


def descriptors() -> int:
    """How many files this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - no path is needed


def fill(database: Database, collections: int, partitions: int) -> None:
    """Make collections with a sealed segment in each partition, and rows in the log."""
    for number in range(collections):
        name = f"c{number}"
        database.execute(CreateCollection(collection=name, schema=schema()))
        names = ["_default", *(f"p{n}" for n in range(1, partitions))]
        for place, partition in enumerate(names):
            if place:
                database.execute(CreatePartition(collection=name, partition=partition))
            rows = batch([place], 1.0)
            database.execute(Insert(collection=name, partition=partition, batch=rows))
        database.execute(Flush(collection=name))
        database.execute(Insert(collection=name, batch=batch([1_000], 2.0)))


def check(database: Database, collections: int, partitions: int) -> None:
    """All rows are there, and each collection takes another one."""
    for number in range(collections):
        name = f"c{number}"
        found = contents_of(database.snapshot("", name)).newest
        assert set(found) >= {1_000, *range(partitions)}, name
        database.execute(Insert(collection=name, batch=batch([2_000], 3.0)))


def main(path: str, collections: int, partitions: int, limit: int) -> None:
    """Fill, use, close and open a database with at most `limit` files open."""
    Database(None).close()  # loads what is loaded late
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    gc.collect()
    gc.disable()
    before = descriptors()
    database = Database(Path(path))
    fill(database, collections, partitions)
    check(database, collections, partitions)
    held = [database.snapshot("", f"c{number}") for number in range(collections)]
    database.close()
    assert descriptors() == before, "after close() without a collection of garbage"
    for _ in range(2):
        database = Database(Path(path))
        check(database, collections, partitions)
        database.close()
        assert descriptors() == before
    assert len(held) == collections


if __name__ == "__main__":
    main(sys.argv[1], *(int(each) for each in sys.argv[2:5]))
