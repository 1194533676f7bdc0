"""One seed: lives of a database that end in losses of power, with and without failing calls."""

from __future__ import annotations

import gc
import random
import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiomilvus.engine.database import Database
from aiomilvus.engine.settings import Settings
from aiomilvus.errors import MilvusException
from tests.simulation.checks import check, found_in, opened
from tests.simulation.disk import Faults, SimulatedDisk
from tests.simulation.history import Actor, Maintainer, State, actors, is_made, set_up
from tests.simulation.scheduler import Scheduler, Task, simulated
from tests.simulation.sqlite import simulated_sqlite
from tests.support.disk import crash

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.simulation.trace import Trace

_MADE = "made"
_LIVES = 3
_GOES_ON = 0.15
_CHANCES = (0.0, 0.1, 0.5, 0.9, 1.0)


@dataclass
class Figures:
    """How much was tried.

    Attributes:
        lives: Histories that were run to their ends.
        states: Losses of power after which a database was opened and compared.
        after_failed_syncs: Those of them before which a sync had failed.
        failures: Calls that failed on purpose.
        calls: Calls to the disk.
    """

    lives: int = 0
    states: int = 0
    after_failed_syncs: int = 0
    failures: int = 0
    calls: int = 0

    def add(self, other: Figures) -> None:
        """Add what somebody else tried."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def live(path: Path, seed: int, before: tuple[State, ...], faults: Faults) -> Trace:
    """Open a database, let all actors act at the same time, and close it; return what was done.

    Raises:
        Hang: Threads wait for each other for ever.
        AssertionError: A step was refused though no call failed.
    """
    scheduler = Scheduler(seed)
    disk = SimulatedDisk(path, faults, scheduler.pause)
    crew = actors(seed, before)
    collects = gc.isenabled()
    gc.disable()  # when garbage is collected is nothing that a seed decides
    try:
        with simulated(scheduler), simulated_sqlite(disk):
            scheduler.run(lambda: _act(path, disk, scheduler, crew))
    finally:
        if collects:
            gc.enable()
    for actor in crew:
        if actor.refusals and not faults.struck and not isinstance(actor, Maintainer):
            raise actor.refusals[0]
    return disk.trace


def _act(path: Path, disk: SimulatedDisk, scheduler: Scheduler, crew: list[Actor]) -> None:
    try:
        database = Database(path, files=disk, settings=Settings(threads=1))
    except MilvusException:
        if not disk.faults.struck:
            raise
        return
    try:
        if not is_made(database):
            set_up(database)
        disk.trace.mark(_MADE)
        tasks = [
            Task(scheduler, _acting(actor, database, disk), f"actor {actor.number}")
            for actor in crew
        ]
        for task in tasks:
            task.start()
        for task in tasks:
            task.join()
        database.wait_idle(600)
    except MilvusException:
        if not disk.faults.struck:
            raise
    finally:
        database.close()


def _acting(actor: Actor, database: Database, disk: SimulatedDisk) -> Callable[[], None]:
    return lambda: actor.act(database, disk.trace.mark)


def may_be(
    trace: Trace, cut: int, before: tuple[State, ...]
) -> dict[int, tuple[State, ...]] | None:
    """What each actor may find after `cut` events; None if the collection may not be there."""
    found: dict[int, tuple[State, ...]] = {n: (state,) for n, state in enumerate(before)}
    is_there = bool(before)
    for event in trace.events[:cut]:
        if event.kind == "mark" and event.detail == _MADE:
            is_there = True
            found = found or {number: (State(),) for number in range(5)}
        elif event.kind == "mark":
            number, options = event.detail
            found[number] = options
    return found if is_there else None


def chances(rng: random.Random) -> Callable[[], bool]:
    """How likely an unsynced change is kept: never, always, sometimes, or up to a moment."""
    if rng.random() < 0.25:
        left = iter([True] * rng.randrange(30))
        return lambda: next(left, False)
    share = rng.choice(_CHANCES)
    return lambda: rng.random() < share


def torture(folder: Path, seed: int, states: int, lives: int = _LIVES) -> Figures:
    """Do all that a seed stands for; the failed state stays in `folder`.

    Args:
        folder: An empty folder.
        seed: Of everything.
        states: Losses of power to try in each life.
        lives: Lives, one after the other; in each second one calls fail.
    """
    rng = random.Random(seed)
    figures = Figures()
    path = folder / "db"
    before: tuple[State, ...] = ()
    calls: Counter[str] = Counter()
    for number in range(lives):
        faults = _faults(rng, calls) if number % 2 else Faults()
        trace = live(path, seed * 31 + number, before, faults)
        figures.lives += 1
        figures.failures += len(faults.struck)
        figures.calls += len(faults.calls)
        calls = calls if number % 2 else Counter(faults.calls)
        for _ in range(states):
            _lose(folder, trace, before, rng, figures)
        path, before = _next(folder / f"db after {number}", trace, before, rng)
    return figures


def _faults(rng: random.Random, calls: Counter[str]) -> Faults:
    """Choose which calls of a life fail, given how many of each kind one like it has."""
    only = rng.choice(["", *sorted(calls)])
    at = rng.randrange(1, 1 + (calls[only] or calls.total()))
    return Faults(at, rng.choice((1, 1, 1, 3, 30, 1_000_000)), rng.randrange(12), only)


def _lose(
    folder: Path, trace: Trace, before: tuple[State, ...], rng: random.Random, figures: Figures
) -> None:
    cut = rng.randrange(len(trace.events) + 1)
    left, choices = folder / "left", random.Random(rng.randrange(1 << 48))
    as_before = choices.getstate()
    trace.loss(cut, chances(choices), choices, left)
    try:
        check(left, may_be(trace, cut, before), goes_on=rng.random() < _GOES_ON)
    except BaseException:
        choices.setstate(as_before)
        trace.loss(cut, chances(choices), choices, folder / "before it was opened")
        raise
    figures.states += 1
    figures.after_failed_syncs += any(e.kind == "failed sync" for e in trace.events[:cut])
    shutil.rmtree(left)


def _next(
    path: Path, trace: Trace, before: tuple[State, ...], rng: random.Random
) -> tuple[Path, tuple[State, ...]]:
    """Lose power, and let the next life begin with what is left, in `path`."""
    cut = rng.randrange(len(trace.events) * 2 // 3, len(trace.events) + 1)
    if may_be(trace, cut, before) is None:
        cut = len(trace.events)
    trace.loss(cut, chances(rng), rng, path)
    options = may_be(trace, cut, before)
    if options is None:
        shutil.rmtree(path)
        return path, before
    looked = path.with_name("looked")
    shutil.copytree(path, looked)
    database = opened(looked)
    try:
        found = found_in(database)
    finally:
        crash(database)
    shutil.rmtree(looked)
    assert all(found[number] in states for number, states in options.items()), (found, options)
    return path, found
