"""Histories that a seed decides: writers, definitions and maintenance at the same time.

Each actor does its steps one after the other and has rows or collections of its own, so what it
may find again does not depend on what the others do meanwhile.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from aiomilvus.engine.maintenance import worker
from aiomilvus.engine.write import direct
from aiomilvus.errors import MilvusException, WritesPoisonedError
from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.operations.aliases import AlterAlias, CreateAlias, DropAlias
from aiomilvus.model.operations.collections import (
    CreateCollection,
    DropCollection,
    RenameCollection,
    TruncateCollection,
)
from aiomilvus.model.operations.data import Delete, Insert, Upsert
from aiomilvus.model.operations.indexes import CreateIndex, DropIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Compact, Flush
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.batches import batch, keys, schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.database import Database
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.operations.base import Operation

MAIN = "main"
WRITERS = 3
_KEYS = 20
STEPS = 9
"""Of each actor in one life."""

Rows: TypeAlias = "tuple[tuple[int, float, int], ...]"
"""Key, tag of the newest row, number of rows; by key."""


class State(NamedTuple):
    """What one actor has made.

    Attributes:
        rows: Of the main collection, those with its keys.
        collections: Name to rows, of its own ones.
        aliases: Alias to name.
    """

    rows: Rows = ()
    collections: tuple[tuple[str, Rows], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()


class Step(NamedTuple):
    """One call.

    Attributes:
        kind: What it does.
        name: The collection.
        keys: Keys of rows.
        tag: Of the rows.
        other: A new name, or an alias.
    """

    kind: str
    name: str = MAIN
    keys: tuple[int, ...] = ()
    tag: float = 0.0
    other: str = ""


def hurry() -> None:
    """Let sealing, graphs and writing past the log happen at sizes that a history reaches."""
    direct.ROWS = 60
    worker.SEAL_ROWS = 120


def rows_of(chosen: tuple[int, ...], tag: float) -> ColumnBatch:
    """Rows that tell their tag in each of their fields."""
    texts = [f"w{int(tag)} k{key % 5}".encode() for key in chosen]
    numbers = FixedColumn(np.full(len(chosen), int(tag), np.int64))
    return batch(list(chosen), tag, n=numbers, t=BytesColumn.of(texts))


def set_up(database: Database) -> None:
    """Make the main collection, with an index on each field that has one."""
    text = {"enable_analyzer": "true", "enable_match": "true"}
    fields = (
        Field(name="n", dtype=DataType.INT64),
        Field(name="t", dtype=DataType.VARCHAR, max_length=64, params=text),
    )
    database.execute(CreateCollection(collection=MAIN, schema=schema(*fields)))
    graph = {"index_type": "HNSW", "metric_type": "L2", "M": "4", "efConstruction": "8"}
    database.execute(CreateIndex(collection=MAIN, field="v", params=graph))
    database.execute(CreateIndex(collection=MAIN, field="n", params={"index_type": "INVERTED"}))
    database.execute(LoadCollection(collection=MAIN))


def operation(step: Step) -> Operation[Any]:
    """The call of a step."""
    kind, name = step.kind, step.name
    filled = rows_of if name == MAIN else lambda ids, tag: batch(list(ids), tag)
    makers: dict[str, Callable[[], Operation[Any]]] = {
        "insert": lambda: Insert(collection=name, batch=filled(step.keys, step.tag)),
        "upsert": lambda: Upsert(collection=name, batch=filled(step.keys, step.tag)),
        "delete": lambda: Delete(collection=name, ids=keys(step.keys)),
        "delete by filter": lambda: Delete(collection=name, filter=f"id in {list(step.keys)}"),
        "flush": lambda: Flush(collection=name),
        "compact": lambda: Compact(collection=name),
        "create": lambda: CreateCollection(collection=name, schema=schema()),
        "drop": lambda: DropCollection(collection=name),
        "truncate": lambda: TruncateCollection(collection=name),
        "rename": lambda: RenameCollection(collection=name, new_name=step.other),
        "alias": lambda: CreateAlias(collection=name, alias=step.other),
        "move alias": lambda: AlterAlias(collection=name, alias=step.other),
        "drop alias": lambda: DropAlias(alias=step.other),
        "index": lambda: CreateIndex(collection=name, field="n", params={"index_type": "STL_SORT"}),
        "drop index": lambda: DropIndex(collection=name, name="n"),
    }
    return makers[kind]()


def after(state: State, step: Step) -> State:
    """What a step makes of a state."""
    collections, aliases = dict(state.collections), dict(state.aliases)
    if step.name == MAIN:
        return state._replace(rows=_written(state.rows, step))
    if step.kind in ("create", "truncate"):
        collections[step.name] = ()
    elif step.kind == "drop":
        del collections[step.name]
    elif step.kind == "rename":
        collections[step.other] = collections.pop(step.name)
        aliases = {a: step.other if n == step.name else n for a, n in aliases.items()}
    elif step.kind in ("alias", "move alias"):
        aliases[step.other] = step.name
    elif step.kind == "drop alias":
        del aliases[step.other]
    else:
        collections[step.name] = _written(collections[step.name], step)
    return State(state.rows, tuple(sorted(collections.items())), tuple(sorted(aliases.items())))


def _written(before: Rows, step: Step) -> Rows:
    rows = {key: (tag, count) for key, tag, count in before}
    if step.kind in ("upsert", "delete", "delete by filter"):
        for key in step.keys:
            rows.pop(key, None)
    if step.kind in ("insert", "upsert"):
        for key in step.keys:
            rows[key] = (step.tag, rows.get(key, (0.0, 0))[1] + 1)
    return tuple((key, *rows[key]) for key in sorted(rows))


class Actor:
    """Does its steps one after the other.

    Args:
        number: Among the actors.
        start: What it has made in earlier lives.
        seed: Of its steps.

    Attributes:
        may_be: What it may have made: one state, unless a step was refused.
        refusals: What its steps were refused with.
    """

    most_refusals = 4
    """After so many it stops: each doubles what it may have made."""

    def __init__(self, number: int, start: State, seed: int) -> None:
        self.number = number
        self.may_be: tuple[State, ...] = (start,)
        self._random = random.Random(seed)
        self.refusals: list[MilvusException] = []
        self._tag = seed % 1_000_000 * 16

    def act(self, database: Database, note: Callable[[Any], None]) -> None:
        """Do all steps; note what may be true before each, and after.

        A step that is refused did nothing, or everything.
        """
        for _ in range(STEPS):
            step = self.step()
            done = tuple(after(state, step) for state in self.may_be)
            either = tuple(dict.fromkeys((*self.may_be, *done)))
            note((self.number, either))
            try:
                database.execute(operation(step))
            except MilvusException as error:
                self.may_be = either
                self.refusals.append(error)
                poisoned = isinstance(error, WritesPoisonedError)
                if poisoned or len(self.refusals) == self.most_refusals:
                    return
            else:
                self.may_be = tuple(dict.fromkeys(done))
            note((self.number, self.may_be))

    def step(self) -> Step:
        """Choose what to do next."""
        raise NotImplementedError


class Writer(Actor):
    """Writes rows of the main collection whose keys are its own."""

    def step(self) -> Step:
        """Choose rows."""
        rng = self._random
        self._tag += 1
        kinds = ("insert", "insert", "upsert", "upsert", "delete", "delete by filter", "insert")
        kind = rng.choice(kinds)
        count = 70 if rng.random() < 0.15 else rng.randrange(1, 12)
        most = 200 if count == 70 else _KEYS
        chosen = [self.number + WRITERS * key for key in rng.sample(range(most), count)]
        return Step(kind, keys=tuple(chosen), tag=float(self._tag))


class Maintainer(Actor):
    """Flushes, compacts, and makes and drops an index of the main collection."""

    most_refusals = STEPS + 1

    def step(self) -> Step:
        """Choose a kind of work; dropping what is gone, or making what is there, is fine."""
        return Step(self._random.choice(("flush", "flush", "compact", "index", "drop index")))


class Definer(Actor):
    """Makes, fills, renames and drops collections of its own, and aliases."""

    most_refusals = 1

    def step(self) -> Step:
        """Choose a change that fits what it has."""
        rng = self._random
        self._tag += 1
        state = self.may_be[0]
        names, aliases = [name for name, _ in state.collections], dict(state.aliases)
        new = f"d{self._tag}"
        if not names or rng.random() < 0.2:
            return Step("create", new)
        name = rng.choice(names)
        free = name not in aliases.values()
        chosen = rng.choice(("insert", "insert", "flush", "truncate", "rename", "alias", "drop"))
        if chosen == "alias":
            alias = rng.choice(sorted(aliases)) if aliases and rng.random() < 0.6 else ""
            if not alias:
                return Step("alias", name, other=f"a{self._tag}")
            return Step(rng.choice(("move alias", "drop alias")), name, other=alias)
        if chosen == "drop" and not free:
            return Step("flush", name)
        if chosen == "insert":
            some = tuple(rng.sample(range(50), rng.randrange(1, 20)))
            return Step("insert", name, some, float(self._tag))
        return Step(chosen, name, other=new if chosen == "rename" else "")


def actors(seed: int, before: tuple[State, ...]) -> list[Actor]:
    """The actors of one life, with what they have made in earlier ones."""
    kinds: list[type[Actor]] = [*[Writer] * WRITERS, Maintainer, Definer]
    starts = before or (State(),) * len(kinds)
    return [
        kind(number, start, seed * 7919 + number)
        for number, (kind, start) in enumerate(zip(kinds, starts, strict=True))
    ]


def is_made(database: Database) -> bool:
    """Whether the main collection is there."""
    return MAIN in database.names.collections_in("")
