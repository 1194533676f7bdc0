"""A process that is killed while it changes definitions leaves each change whole or undone."""

import multiprocessing
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from aiomilvus.engine.database import Database
from tests.support import definitions, namings, steps

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
KILLS = 12
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.support.definitions", "tests.support.namings"])


def killed(
    stream: ModuleType, path: Path, model: Any, number: int, least: int, seconds: float
) -> list[bytes]:
    """Let a process change things until it has told so much, kill it; return all it told."""
    ours, its = SERVER.Pipe(duplex=False)
    process = SERVER.Process(target=steps.run, args=(stream.step, path, model, number, its))
    process.start()
    its.close()
    told = [ours.recv_bytes() for _ in range(least)]
    process.join(seconds)
    assert process.is_alive(), "the process ended by itself"
    process.kill()
    process.join()
    while True:
        try:
            told.append(ours.recv_bytes())
        except EOFError:
            ours.close()
            return told


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("stream", [definitions, namings], ids=["schemas", "names"])
def test_definitions_survive_every_kill(tmp_path: Path, stream: ModuleType, seed: int):
    chance = random.Random(seed)
    path = tmp_path / "db"
    database = Database(path)
    stream.create(database)
    database.close()
    model, number = stream.Model(), 0
    for _ in range(KILLS):
        told = killed(stream, path, model, number, chance.randrange(1, 30), chance.uniform(0, 0.05))
        for _ in range(told.count(b"done")):
            _, model = stream.step(model, number)
            number += 1
        # The step under way may have been made durable without being told.
        further = stream.step(model, number)[1] if told[-1] == b"begin" else model
        database = Database(path)
        found = stream.found_in(database)
        folders = {each.name for each in path.glob("snapshot-*")}
        assert folders == {f"snapshot-{each.id}" for each in database.catalog.snapshots()}
        database.close()
        assert found in (model, further)
        model = found
        number += 1
    assert number > 3 * KILLS
