"""Small writes of a group become one record, where that changes nothing."""

import threading
import time
from pathlib import Path
from typing import Literal

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.log_reader import LogReader
from aiomilvus.engine.write.merging import MOST_ROWS, merged
from aiomilvus.engine.write.records import Record, Step
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Delete, Insert, Upsert
from tests.support.batches import batch, key_values, keys, schema
from tests.support.contents import contents_of


def rows(
    op: Literal["insert", "upsert"],
    timestamp: int,
    given: list[int],
    partition: int = 1,
    request: str = "",
) -> Step:
    record = Record(
        op=op, timestamp=timestamp, partition=partition, rows=len(given), request=request
    )
    return Step(record, batch=batch(given, float(timestamp)))


def deletion(timestamp: int, given: list[int], partition: int = 0) -> Step:
    record = Record(op="delete", timestamp=timestamp, partition=partition)
    return Step(record, keys=keys(given))


def shape(steps: list[Step]) -> list[tuple[str, int, list[int]]]:
    found: list[tuple[str, int, list[int]]] = []
    for step in steps:
        column = step.keys if step.batch is None else step.batch["id"]
        assert column is not None
        assert step.batch is None or step.record.rows == step.batch.num_rows == len(column)
        found.append((step.record.op, step.record.timestamp, key_values(column)))
    return found


def test_neighbours_that_do_the_same_become_one_step():
    steps = [
        rows("insert", 1, [1, 2]),
        rows("insert", 2, [1]),
        deletion(3, [1]),
        deletion(4, [7, 8]),
        rows("upsert", 5, [1]),
        rows("upsert", 6, [2]),
    ]
    assert shape(merged(schema(), steps)) == [
        ("insert", 2, [1, 2, 1]),
        ("delete", 4, [1, 7, 8]),
        ("upsert", 6, [1, 2]),
    ]


@pytest.mark.parametrize(
    "second",
    [
        rows("insert", 2, [2], partition=2),
        rows("insert", 2, list(range(MOST_ROWS + 1))),
        rows("insert", 2, [2], request="a call of another process"),
        rows("upsert", 2, [2]),
        deletion(2, [1]),
    ],
)
def test_what_differs_in_more_than_its_rows_stays_a_step_of_its_own(second: Step):
    first = rows("insert", 1, [1])
    assert merged(schema(), [first, second]) == [first, second]
    assert merged(schema(), [second, first]) == [second, first]


def test_of_two_upserts_of_one_key_the_later_one_replaces_the_other():
    steps = [rows("upsert", n, [key]) for n, key in enumerate([1, 2, 1, 3])]
    assert shape(merged(schema(), steps)) == [("upsert", 1, [1, 2]), ("upsert", 3, [1, 3])]


def test_writes_that_wait_together_are_one_record_and_each_gets_its_own_answer(tmp_path: Path):
    database = Database(tmp_path / "db")
    database.execute(CreateCollection(collection="c", schema=schema()))
    database.execute(Insert(collection="c", batch=batch([100, 101, 102], 0)))
    collection = database.collection("", "c")
    answers: dict[int, object] = {}

    def write(number: int) -> None:
        if number < 8:
            done = database.execute(Insert(collection="c", batch=batch([number], number)))
        elif number < 12:
            done = database.execute(Upsert(collection="c", batch=batch([number % 2], number)))
        else:
            done = database.execute(Delete(collection="c", ids=keys([88 + number])))
        answers[number] = (done.insert_count, done.upsert_count, done.delete_count)

    with collection.writes.turn:
        threads = [threading.Thread(target=write, args=(n,)) for n in range(15)]
        for number, thread in enumerate(threads):
            thread.start()
            while len(collection.writes._queue) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert answers == {
        n: (1, 0, 0) if n < 8 else (0, 1, 0) if n < 12 else (0, 0, 1) for n in range(15)
    }
    expected = {0: 10.0, 1: 11.0, **{n: float(n) for n in range(2, 8)}}
    assert contents_of(database.snapshot("", "c")).newest == expected
    path = collection.log.path(1)
    assert path is not None
    assert len(list(LogReader(FileSystem(), path))) == 5
    database.close()
    database = Database(tmp_path / "db")
    assert contents_of(database.snapshot("", "c")).newest == expected
    database.close()
