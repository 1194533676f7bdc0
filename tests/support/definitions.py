"""A stream of schema changes and snapshots, to be cut short anywhere and compared."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiomilvus.model.operations.collections import (
    AddField,
    CreateCollection,
    DescribeCollection,
    DropCollection,
    DropField,
)
from aiomilvus.model.operations.data import Insert, Query
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Compact, Flush
from aiomilvus.model.operations.snapshots import (
    CreateSnapshot,
    DropSnapshot,
    ListSnapshots,
    RestoreSnapshot,
)
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.batches import batch, schema

if TYPE_CHECKING:
    from aiomilvus.engine.database import Database
    from aiomilvus.model.operations.base import Operation

NAME = "c"
ROWS = 20
KINDS = ["add", "insert", "keep", "insert", "drop", "flush", "restore", "add", "forget", "compact"]


@dataclass
class Model:
    """What the database should hold.

    Attributes:
        fields: Added field to its default, in the order of addition.
        rows: How many rows.
        snapshots: Name to the number of rows in it.
        restored: Collections made from snapshots, and their numbers of rows.
    """

    fields: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    snapshots: dict[str, int] = field(default_factory=dict)
    restored: dict[str, int] = field(default_factory=dict)


def step(model: Model, number: int) -> tuple[Operation[Any] | None, Model]:
    """The operation of a step and the model after it; None where there is nothing to do."""
    after = deepcopy(model)
    kind = KINDS[number % len(KINDS)]
    if kind == "add":
        after.fields[f"f{number}"] = number
        added = Field(name=f"f{number}", dtype=DataType.INT64, nullable=True, default=number)
        return AddField(collection=NAME, field=added), after
    if kind == "insert":
        first = ROWS * number
        after.rows += ROWS
        return Insert(collection=NAME, batch=batch(list(range(first, first + ROWS)))), after
    if kind == "keep":
        after.snapshots[f"s{number}"] = model.rows
        return CreateSnapshot(collection=NAME, name=f"s{number}"), after
    if kind == "drop" and len(model.fields) > 1:
        name = next(iter(model.fields))
        del after.fields[name]
        return DropField(collection=NAME, field=name), after
    if kind == "restore" and model.snapshots:
        name, rows = next(iter(model.snapshots.items()))
        after.restored[f"r{number}"] = rows
        return RestoreSnapshot(collection=NAME, name=name, target=f"r{number}"), after
    if kind == "forget" and len(model.snapshots) > 1:
        name = next(iter(model.snapshots))
        del after.snapshots[name]
        return DropSnapshot(collection=NAME, name=name), after
    if kind == "forget" and len(model.restored) > 2:
        name = next(iter(model.restored))
        del after.restored[name]
        return DropCollection(collection=name), after
    if kind in ("flush", "compact"):
        return (Flush if kind == "flush" else Compact)(collection=NAME), after
    return None, after


def create(database: Database) -> None:
    """Make the collection, indexed and loaded."""
    database.execute(CreateCollection(collection=NAME, schema=schema()))
    params = {"index_type": "FLAT", "metric_type": "L2"}
    database.execute(CreateIndex(collection=NAME, field="v", params=params))
    database.execute(LoadCollection(collection=NAME))


def found_in(database: Database) -> Model:
    """What the database holds, every row of every collection read."""
    fields = database.execute(DescribeCollection(collection=NAME)).schema.fields[2:]
    asked = Query(collection=NAME, filter="id >= 0", output_fields=("*",))
    rows = database.execute(asked).batch
    defaults = {}
    for each in fields:
        values = set(rows[each.name].arrays()["values"].tolist()) if len(rows) else {each.default}
        assert values == {each.default}
        defaults[each.name] = int(each.default)
    names = database.execute(ListSnapshots(collection=NAME))
    restored = {}
    for name in set(database.names.collections_in("")) - {NAME}:
        database.execute(LoadCollection(collection=name))
        counted = Query(collection=name, output_fields=("count(*)",))
        restored[name] = int(database.execute(counted).count or 0)
    kept = {record.name: record for record in database.catalog.snapshots()}
    snapshots = {name: sum(part.num_rows for part in kept[name].segments) for name in names}
    return Model(defaults, len(rows), snapshots, restored)
