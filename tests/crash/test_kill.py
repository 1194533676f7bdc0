"""A process that is killed while it writes loses nothing that it acknowledged, and adds nothing."""

import multiprocessing
import random
from pathlib import Path

import pytest

from aiomilvus.engine.database import Database
from tests.support import workload
from tests.support.contents import Model, contents_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
KILLS = 13
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.support.workload"])


def killed(path: Path, seed: int, number: int, least: int, seconds: float) -> list[bytes]:
    """Let a process write until it has told so much, kill it a moment later; return it all."""
    ours, its = SERVER.Pipe(duplex=False)
    process = SERVER.Process(target=workload.run, args=(path, seed, number, its))
    process.start()
    its.close()
    told = [ours.recv_bytes() for _ in range(least)]
    process.join(seconds)
    assert process.is_alive(), "the writer ended by itself"
    process.kill()
    process.join()
    while True:
        try:
            told.append(ours.recv_bytes())
        except EOFError:
            ours.close()
            return told


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_exactly_the_acknowledged_writes_are_found_after_every_kill(tmp_path: Path, seed: int):
    chance = random.Random(seed)
    database = Database(tmp_path / "db")
    workload.create(database)
    database.close()
    model = Model()
    number = 0
    kinds = set()
    for _ in range(KILLS):
        told = killed(
            tmp_path / "db", seed, number, chance.randrange(1, 60), chance.uniform(0, 0.05)
        )
        done = told.count(b"done")
        for _ in range(done):
            one = workload.step(seed, number)
            kinds.add(one.kind)
            workload.apply(model, one)
            number += 1
        # The step under way may have been made durable without being told.
        further = Model(model)
        if told[-1] == b"begin":
            workload.apply(further, workload.step(seed, number))
        database = Database(tmp_path / "db")
        found = contents_of(database.snapshot("", workload.NAME))
        workload.check_search(database, found.newest)
        database.close()
        assert found in (model.contents, further.contents)
        model = model if found == model.contents else further
        number += 1
    assert {"insert", "upsert", "delete", "bulk", "flush", "compact"} <= kinds
