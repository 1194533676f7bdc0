"""Many threads write, seal and merge at once; each finds its own rows, and so does a reopening."""

import threading
from pathlib import Path

import numpy as np
import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.maintenance import worker
from aiomilvus.engine.write import direct
from tests.support import workload
from tests.support.contents import Model, contents_of
from tests.support.workload import NAME, Step

WRITERS = 4
STEPS = 60


def write(database: Database, number: int, model: Model, failures: list[BaseException]) -> None:
    """Write to keys of one's own, and compare after each step."""
    rng = np.random.default_rng(number)
    base = 10_000 * (number + 1)
    kinds = ["insert", "insert", "upsert", "delete", "bulk", "flush", "compact"]
    try:
        for at in range(STEPS):
            kind = kinds[rng.integers(len(kinds))]
            chosen = np.unique(base + rng.integers(0, 300, 40)).tolist()
            if kind == "bulk":
                chosen = list(range(base + 1_000 + 100 * at, base + 1_100 + 100 * at))
            if kind in ("flush", "compact"):
                chosen = []
            one = Step(kind, chosen, float(at))
            database.execute(workload.operation(one))
            workload.apply(model, one)
            found = contents_of(database.snapshot("", NAME)).newest
            own = {key: tag for key, tag in found.items() if base <= int(key) < base + 10_000}
            assert own == model.newest, f"writer {number}, step {at}, {kind}"
    except BaseException as error:  # noqa: BLE001 - raised by the test's own thread
        failures.append(error)


@pytest.mark.timeout(120)
def test_each_writer_finds_its_own_rows_while_others_write_seal_and_merge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(direct, "ROWS", 90)
    monkeypatch.setattr(worker, "SEAL_ROWS", 300)
    database = Database(tmp_path / "db")
    workload.create(database)
    models = [Model() for _ in range(WRITERS)]
    failures: list[BaseException] = []
    threads = [
        threading.Thread(target=write, args=(database, number, models[number], failures))
        for number in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    whole = Model()
    for model in models:
        whole.newest.update(model.newest)
        whole.copies.update(model.copies)
    database.wait_idle()
    assert contents_of(database.snapshot("", NAME)) == whole.contents
    database.close()
    database = Database(tmp_path / "db")
    assert contents_of(database.snapshot("", NAME)) == whole.contents
    database.close()
