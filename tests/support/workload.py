"""A stream of writes that is a pure function of a seed, to be cut short anywhere and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.database import Database
from aiomilvus.engine.maintenance import worker
from aiomilvus.engine.write import direct
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Delete, Insert, Search, Upsert
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Compact, Flush
from tests.support.batches import batch, key_values, keys, schema

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from aiomilvus.model.operations.base import Operation
    from tests.support.contents import Model

NAME = "c"
KEYS = 400


class Step(NamedTuple):
    """One step: its kind, its keys (where it has some) and the tag of its rows."""

    kind: str
    keys: list[int]
    tag: float


def step(seed: int, number: int) -> Step:
    """The step of this number; the same on every call."""
    rng = np.random.default_rng([seed, number])
    kinds = ["insert"] * 6 + ["upsert"] * 4 + ["delete"] * 4 + ["bulk", "flush", "compact"]
    kind = kinds[rng.integers(len(kinds))]
    count = int(rng.integers(1, 60))
    tag = float(number)
    if kind == "bulk":
        # New keys, so that the rows need not go through the log.
        first = 1_000 + 1_000 * number
        return Step(kind, list(range(first, first + 200)), tag)
    chosen = rng.integers(0, KEYS, count).tolist()
    if kind == "upsert":
        chosen = list(dict.fromkeys(chosen))
    if kind == "delete" and number > 20:
        # Some of the bulk rows too.
        chosen += range(1_000 * int(rng.integers(1, number)), 1_000 * number, 37)
    return Step(kind, chosen, tag)


def operation(one: Step) -> Operation[Any]:
    """The operation of a step."""
    if one.kind in ("insert", "bulk"):
        return Insert(collection=NAME, batch=batch(one.keys, one.tag))
    if one.kind == "upsert":
        return Upsert(collection=NAME, batch=batch(one.keys, one.tag))
    if one.kind == "delete":
        if len(one.keys) % 2:
            return Delete(collection=NAME, filter=f"id in {one.keys}")
        return Delete(collection=NAME, ids=keys(one.keys))
    return Flush(collection=NAME) if one.kind == "flush" else Compact(collection=NAME)


def apply(model: Model, one: Step) -> None:
    """Do to the model what the step does to the collection."""
    if one.kind in ("insert", "bulk"):
        model.insert(one.keys, one.tag)
    elif one.kind == "upsert":
        model.upsert(one.keys, one.tag)
    elif one.kind == "delete":
        model.delete(one.keys)


def hurry() -> None:
    """Let sealing and writing past the log happen at sizes that a test reaches."""
    direct.ROWS = 150
    worker.SEAL_ROWS = 700


def create(database: Database) -> None:
    """Make the collection and its index, a graph that every sealed segment has a file of."""
    database.execute(CreateCollection(collection=NAME, schema=schema()))
    params = {"index_type": "HNSW", "metric_type": "L2", "M": "4", "efConstruction": "8"}
    database.execute(CreateIndex(collection=NAME, field="v", params=params))
    database.execute(LoadCollection(collection=NAME))


def check_search(database: Database, newest: dict[int | str, float]) -> None:
    """Ask for the rows nearest to a row's vector: they must be there, with their own tags."""
    query = np.array([[max(newest.values(), default=0.0), 0, 0, 1]], np.float32)
    search = Search(collection=NAME, data=VectorColumn(query), output_fields=("v",))
    found = database.execute(search)
    hits = key_values(found.ids)
    assert len(set(hits)) == len(hits) == min(10, len(newest))
    assert found.batch is not None
    tags = found.batch["v"].arrays()["values"][:, 0].tolist()
    assert tags == [newest[key] for key in hits]


def run(path: Path, seed: int, number: int, told: Connection) -> None:
    """Write from step `number` on until killed, telling each step before and after."""
    hurry()
    database = Database(path)
    while True:
        told.send_bytes(b"begin")
        database.execute(operation(step(seed, number)))
        told.send_bytes(b"done")
        number += 1
