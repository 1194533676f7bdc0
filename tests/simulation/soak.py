"""Use one database for a long time: ``python -m tests.simulation.soak 60``.

Writers, searches, definitions and maintenance go on in one process; each minute memory,
descriptors, threads and disk are told. It fails if rows are not those of the model, or if after a
tenth of the time, when all that is kept has been filled once, any of the four still grows much.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

from aiomilvus.engine.database import Database
from aiomilvus.model.operations.aliases import DropAlias
from aiomilvus.model.operations.collections import DropCollection
from tests.simulation.checks import agree, found_in
from tests.simulation.history import STEPS, Maintainer, State, actors, hurry, set_up

_GROWTH = {"memory": 1.5, "descriptors": 1.2, "threads": 1.5, "disk": 3.0}
"""By what each may grow at most, from the end of the first tenth of the time on."""


_MANY = 20
"""Collections, after which they are dropped."""


class Use(NamedTuple):
    """What the process takes.

    Attributes:
        memory: MiB that are resident.
        descriptors: Open files.
        threads: Threads.
        disk: MiB in the directory.
        steps: Calls so far.
    """

    memory: float
    descriptors: int
    threads: int
    disk: float
    steps: int


def use(path: Path, steps: int) -> Use:
    """Measure this process; Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    sizes = [each.stat().st_size for each in path.rglob("*") if each.is_file()]
    return Use(
        memory=round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1),
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        threads=threading.active_count(),
        disk=round(sum(sizes) / 2**20, 2),
        steps=steps,
    )


def round_of(database: Database, seed: int, before: tuple[State, ...]) -> tuple[State, ...]:
    """Let all actors act at the same time; return what they have made."""
    crew = actors(seed, before)
    threads = [
        threading.Thread(target=actor.act, args=(database, lambda _: None)) for actor in crew
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for actor in crew:
        if actor.refusals and not isinstance(actor, Maintainer):
            raise actor.refusals[0]
    made = tuple(actor.may_be[0] for actor in crew)
    found = found_in(database)
    assert found == made, (found, made)
    agree(database)
    return made


def tidied(database: Database, made: tuple[State, ...]) -> tuple[State, ...]:
    """Drop the collections that were made once there are many; return what is left."""
    *others, definer = made
    if len(definer.collections) < _MANY:
        return made
    for alias, _ in definer.aliases:
        database.execute(DropAlias(alias=alias))
    for name, _ in definer.collections:
        database.execute(DropCollection(collection=name))
    return (*others, State())


def soak(path: Path, seconds: float, every: float = 60.0) -> list[Use]:
    """Use a database in `path` for so long; return what it took, each `every` seconds."""
    database = Database(path)
    set_up(database)
    told: list[Use] = []
    before: tuple[State, ...] = ()
    seed = steps = 0
    begun = time.monotonic()
    try:
        while time.monotonic() - begun < seconds:
            seed += 1
            before = tidied(database, round_of(database, seed, before))
            steps += STEPS * len(before)
            if time.monotonic() - begun >= every * (len(told) + 1):
                gc.collect()
                told.append(use(path, steps))
                sys.stdout.write(json.dumps(told[-1]._asdict()) + "\n")
                sys.stdout.flush()
        return told
    finally:
        database.close()


def grown(told: list[Use]) -> list[str]:
    """Return what grew more than it may."""
    if len(told) < 2:
        return []
    first, last = told[len(told) // 10], told[-1]
    return [
        f"{name}: {getattr(first, name)} → {getattr(last, name)}"
        for name, most in _GROWTH.items()
        if getattr(last, name) > most * getattr(first, name)
    ]


def main() -> int:
    """Soak, and tell what grew."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak")
    parser.add_argument("minutes", type=float)
    arguments = parser.parse_args()
    hurry()
    with tempfile.TemporaryDirectory() as folder:
        told = soak(Path(folder) / "db", arguments.minutes * 60)
    too_much = grown(told)
    sys.stdout.writelines(f"grew too much: {each}\n" for each in too_much)
    return len(too_much)


if __name__ == "__main__":
    sys.exit(bool(main()))
