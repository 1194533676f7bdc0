"""Processes that write a collection and watch it, and are killed; what was told is compared."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from aiomilvus import MilvusClient
from aiomilvus.engine.database import Database
from aiomilvus.engine.opening import open_database
from aiomilvus.model.operations.collections import AlterCollectionProperties
from tests.support import workload
from tests.support.contents import Contents, Model, contents_of

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.support.watched_kills"])
Told = tuple[str, int, "float | None"]
"""Kind of a change, its key, and the tag of its row."""


def step(seed: int, number: int) -> workload.Step:
    """The step of this number: as those of a workload, which is begun again every few steps."""
    one = workload.step(1_000 * seed + number // 20, number % 20)
    return one._replace(tag=float(number))


class Line(NamedTuple):
    """What a watcher notes of a change, with its position in the same write."""

    change: Told
    position: str


def create(path: Path) -> None:
    """Make the collection, with its changes kept."""
    database = Database(path)
    workload.create(database)
    given = {"changes.retention.seconds": "3600"}
    database.execute(AlterCollectionProperties(collection=workload.NAME, properties=given))
    database.close()


def write(path: Path, seed: int, number: int, told: Connection) -> None:
    """Write from step `number` on until killed, telling each step before and after."""
    workload.hurry()
    database = open_database(path)
    while True:
        told.send_bytes(b"begin")
        database.execute(workload.operation(step(seed, number)))
        told.send_bytes(b"done")
        number += 1


def noted(path: Path) -> list[Line]:
    """Return what was noted; a line that a kill cut short was not."""
    if not path.exists():
        return []
    whole = path.read_bytes()
    end = whole.rfind(b"\n") + 1
    if end < len(whole):
        os.truncate(path, end)
    return [
        Line(tuple(json.loads(line)[0]), json.loads(line)[1])
        for line in whole[:end].split(b"\n")[:-1]
    ]


def watch(path: Path, notes: Path, told: Connection) -> None:
    """Note every change until killed, going on behind what was noted last."""
    workload.hurry()
    lines = noted(notes)
    position = lines[-1].position if lines else "oldest"
    client = MilvusClient(str(path))
    file = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    told.send_bytes(b"begin")
    for change in client.watch(workload.NAME, output_fields=["v"], position=position):
        os.write(file, json.dumps([_told(change), change.position]).encode() + b"\n")


def _told(change: Any) -> Told:
    return change.kind, change.key, None if change.row is None else change.row["v"][0]


class Process:
    """A process that writes or watches, until it is killed."""

    def __init__(self, work: Any, *arguments: Any) -> None:
        self._ours, its = SERVER.Pipe(duplex=False)
        self._process = SERVER.Process(target=work, args=(*arguments, its))
        self._process.start()
        its.close()

    def wait(self, count: int) -> list[bytes]:
        """Return what it tells first: so much."""
        return [self._ours.recv_bytes() for _ in range(count)]

    def kill(self, after: float) -> list[bytes]:
        """Kill it after so many seconds; return what else it had told."""
        self._process.join(after)
        assert self._process.is_alive(), "it ended by itself"
        self._process.kill()
        self._process.join()
        left = []
        with suppress(EOFError):
            while True:
                left.append(self._ours.recv_bytes())
        self._ours.close()
        return left


class Outcome(NamedTuple):
    """What is left after all kills.

    Attributes:
        noted: What the watchers noted, one after the other.
        told: What one watcher is told that begins at the oldest change.
        done: The steps that were acknowledged.
        begun: All that were begun.
        contents: What the collection holds.
    """

    noted: list[Told]
    told: list[Told]
    done: set[int]
    begun: int
    contents: Contents


def survive(folder: Path, seed: int, kills: int) -> Outcome:
    """Kill writers and watchers so many times, at random, and look at what is left."""
    path, notes = folder / "db", folder / "notes"
    create(path)
    chance = random.Random(seed)
    done: set[int] = set()
    number = 0
    watcher: Process | None = None
    while kills > 0:
        if watcher is None:
            watcher = Process(watch, path, notes)
            watcher.wait(1)
        writer = Process(write, path, seed, number)
        heard = writer.wait(chance.randrange(1, 30))
        is_watcher_first = chance.random() < 0.3
        if is_watcher_first:
            watcher.kill(chance.uniform(0, 0.02))
        heard += writer.kill(chance.uniform(0, 0.02))
        kills -= 1
        if is_watcher_first or chance.random() < 0.4:
            if not is_watcher_first:
                watcher.kill(chance.uniform(0, 0.02))
            watcher = None
            kills -= 1
        done |= set(range(number, number + heard.count(b"done")))
        number += heard.count(b"begin")
    if watcher is not None:
        watcher.kill(0)
    return Outcome(*_read(path, notes), done, number, _contents(path))


def _read(path: Path, notes: Path) -> tuple[list[Told], list[Told]]:
    """Let a last watcher go on to the end, and another one begin at the oldest change."""
    lines = noted(notes)
    position = lines[-1].position if lines else "oldest"
    with MilvusClient(str(path)) as client:
        given: dict[str, Any] = {"output_fields": ["v"], "wait": 0}
        rest = [_told(each) for each in client.watch(workload.NAME, position=position, **given)]
        told = [_told(each) for each in client.watch(workload.NAME, position="oldest", **given)]
    return [line.change for line in lines] + rest, told


def _contents(path: Path) -> Contents:
    database = Database(path, "r")
    try:
        return contents_of(database.snapshot("", workload.NAME))
    finally:
        database.close()


def check(outcome: Outcome, seed: int) -> None:
    """Compare what was told with what was written.

    A step that a killed process had sent to the one that leads may be made after a step of the
    next writer, or not at all.
    """
    assert outcome.noted == outcome.told
    told = _Told(outcome.told)
    late: list[workload.Step] = []
    for number in range(outcome.begun):
        one = step(seed, number)
        if number not in outcome.done:
            late.append(one)
            continue
        while not told.tells(one):
            made = next((each for each in late if each.keys and told.tells(each)), None)
            assert made is not None, told.description(number, one)
            late.remove(made)
    for one in late:
        told.tells(one)
    assert told.at == len(outcome.told)
    assert told.model.contents == outcome.contents


class _Told:
    """What was told, and what of it is accounted for."""

    def __init__(self, changes: list[Told]) -> None:
        self.changes = changes
        self.at = 0
        self.model = Model()

    def tells(self, one: workload.Step) -> bool:
        """Return whether a step comes next; it is accounted for then."""
        wanted = _changes(one, self.model)
        found = self.changes[self.at : self.at + len(wanted)]
        if one.kind == "delete":  # a filter finds keys in an order of its own
            wanted, found = sorted(wanted, key=repr), sorted(found, key=repr)
        if found != wanted:
            return False
        workload.apply(self.model, one)
        self.at += len(wanted)
        return True

    def description(self, number: int, one: workload.Step) -> str:
        wanted = _changes(one, self.model)
        return f"step {number}, {one.kind}: {wanted[:5]}, but {self.changes[self.at :][:5]}"


def _changes(one: workload.Step, model: Model) -> list[Told]:
    """Return what is told of a step that is made on what `model` has."""
    if one.kind in ("insert", "bulk"):
        return [("insert", key, one.tag) for key in one.keys]
    if one.kind == "upsert":
        return [("upsert", key, one.tag) for key in one.keys]
    if one.kind == "delete" and len(one.keys) % 2:  # by a filter that names keys alone
        return [("delete", key, None) for key in dict.fromkeys(one.keys)]
    return [("delete", key, None) for key in one.keys] if one.kind == "delete" else []
