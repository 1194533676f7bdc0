"""A stream of changes of names and definitions, to be cut short anywhere and compared."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.model.operations.access import CreateUser, DropUser, ListUsers
from aiomilvus.model.operations.aliases import AlterAlias, CreateAlias, DropAlias
from aiomilvus.model.operations.collections import (
    AlterCollectionProperties,
    CreateCollection,
    RenameCollection,
    TruncateCollection,
)
from aiomilvus.model.operations.data import Insert
from aiomilvus.model.operations.databases import CreateDatabase, DropDatabase
from aiomilvus.model.operations.indexes import CreateIndex, DropIndex
from aiomilvus.model.operations.loading import LoadCollection, ReleaseCollection
from aiomilvus.model.operations.partitions import CreatePartition, DropPartition
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.batches import batch, schema
from tests.support.contents import contents_of
from tests.support.tables import fixed

if TYPE_CHECKING:
    from aiomilvus.engine.database import Database
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.operations.base import Operation

ROWS = 10
PRICE = Field(name="price", dtype=DataType.INT32)
KINDS = (
    "partition insert alias index rename database insert move truncate user insert release "
    "property unalias fill drop-partition unindex load drop-database drop-user"
).split()


@dataclass
class Model:
    """What the database should hold.

    Attributes:
        name: What the first collection is called now; the other one is always "other".
        partitions: Added partition to its keys; "" is the default one.
        aliases: Alias to the collection it stands for: "first" or "other".
        indexes: Names of the indexes on scalars.
        databases: Added databases.
        users: Added users.
        loaded: Whether the first collection is loaded.
        note: A property of it.
    """

    name: str = "c0"
    partitions: dict[str, list[int]] = field(default_factory=lambda: {"": []})
    aliases: dict[str, str] = field(default_factory=dict)
    indexes: list[str] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    loaded: bool = True
    note: str = ""


def step(model: Model, number: int) -> tuple[Operation[Any] | None, Model]:
    """The operation of a step and the model after it; None where there is nothing to do."""
    after = deepcopy(model)
    kind = KINDS[number % len(KINDS)]
    made = _rows(after, kind, number) or _names(after, kind, number)
    return made or _definitions(after, kind, number), after


def _rows(model: Model, kind: str, number: int) -> Operation[Any] | None:
    """Change rows, or the partitions they are in."""
    name = model.name
    added = [part for part in model.partitions if part]
    if kind in ("insert", "fill"):
        part = added[-1] if kind == "fill" and added else ""
        keys = list(range(ROWS * number, ROWS * (number + 1)))
        model.partitions[part] += keys
        rows = batch(keys, price=fixed([1] * ROWS, "i4"))
        return Insert(collection=name, partition=part, batch=rows)
    if kind == "truncate":
        model.partitions = {part: [] for part in model.partitions}
        return TruncateCollection(collection=name)
    if kind == "partition":
        model.partitions[f"p{number}"] = []
        return CreatePartition(collection=name, partition=f"p{number}")
    if kind == "drop-partition" and len(added) > 1 and not model.loaded:
        del model.partitions[added[0]]
        return DropPartition(collection=name, partition=added[0])
    return None


def _names(model: Model, kind: str, number: int) -> Operation[Any] | None:
    """Change names and what they stand for."""
    if kind == "alias":
        model.aliases[f"a{number}"] = "first"
        return CreateAlias(collection=model.name, alias=f"a{number}")
    if kind == "move" and model.aliases:
        alias = next(reversed(model.aliases))
        model.aliases[alias] = "other"
        return AlterAlias(collection="other", alias=alias)
    if kind == "unalias" and len(model.aliases) > 1:
        alias = next(iter(model.aliases))
        del model.aliases[alias]
        return DropAlias(alias=alias)
    if kind == "rename":
        before, model.name = model.name, f"c{number}"
        return RenameCollection(collection=before, new_name=model.name)
    if kind == "database":
        model.databases.append(f"d{number}")
        return CreateDatabase(db=f"d{number}")
    if kind == "drop-database" and len(model.databases) > 1:
        return DropDatabase(db=model.databases.pop(0))
    return None


def _definitions(model: Model, kind: str, number: int) -> Operation[Any] | None:
    """Change indexes, load state, properties and users."""
    name = model.name
    if kind == "index" and not model.indexes:
        model.indexes = [f"i{number}"]
        params = {"index_type": "INVERTED"}
        return CreateIndex(collection=name, field="price", name=f"i{number}", params=params)
    if kind == "unindex" and model.indexes:
        return DropIndex(collection=name, name=model.indexes.pop())
    if kind in ("load", "release"):
        model.loaded = kind == "load"
        return (LoadCollection if model.loaded else ReleaseCollection)(collection=name)
    if kind == "property":
        model.note = str(number)
        return AlterCollectionProperties(collection=name, properties={"note": model.note})
    if kind == "user":
        model.users.append(f"u{number}")
        return CreateUser(user=f"u{number}", password="Secret-123")
    if kind == "drop-user" and len(model.users) > 1:
        return DropUser(user=model.users.pop(0))
    return None


def create(database: Database) -> None:
    """Make both collections, the first one indexed and loaded."""
    for name in ("c0", "other"):
        database.execute(CreateCollection(collection=name, schema=schema(PRICE)))
    params = {"index_type": "FLAT", "metric_type": "L2"}
    database.execute(CreateIndex(collection="c0", field="v", params=params))
    database.execute(LoadCollection(collection="c0"))


def found_in(database: Database) -> Model:
    """What the database holds, every row read."""
    (name,) = set(database.names.collections_in("")) - {"other"}
    collection = database.collection("", name)
    record = collection.record
    kept = {part.id: "" if part.name == "_default" else part.name for part in record.partitions}
    rows: dict[str, list[int]] = {part: [] for part in kept.values()}
    for view in collection.snapshot.views:
        part = _with_one(collection.snapshot, view)
        rows[kept[view.segment.partition_id]] += [int(key) for key in contents_of(part).newest]
    numbers = {record.id: "first", database.collection("", "other").record.id: "other"}
    aliases = database.names.aliases_in("")
    return Model(
        name=name,
        partitions={part: sorted(keys) for part, keys in rows.items()},
        aliases={alias: numbers[database.collection("", alias).record.id] for alias in aliases},
        indexes=[spec.name for spec in record.indexes if spec.field == "price"],
        databases=[each for each in database.names.databases if each != "default"],
        users=sorted(set(database.execute(ListUsers())) - {"root"}, key=lambda user: int(user[1:])),
        loaded=bool(record.loaded),
        note=record.properties.get("note", ""),
    )


def _with_one(snapshot: Snapshot, view: SegmentView) -> Snapshot:
    """The snapshot with one view only."""
    return msgspec.structs.replace(snapshot, views=(view,))
