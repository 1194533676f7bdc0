"""Opening a database: one instance for each path and process, reading only, forks, memory."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.opening import open_database
from aiomilvus.errors import (
    DatabaseClosedError,
    DatabaseLockedError,
    DataCorruptedError,
    MilvusException,
    ReadOnlyError,
    StorageError,
)
from aiomilvus.model.operations.collections import (
    CollectionStatistics,
    CreateCollection,
    DropCollection,
)
from aiomilvus.model.operations.data import Delete, Insert, Upsert
from aiomilvus.model.operations.databases import CreateDatabase
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.operations.partitions import CreatePartition
from tests.support.batches import batch, keys, schema
from tests.support.contents import Contents, contents_of


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A database with a sealed row and one in the log."""
    database = Database(tmp_path / "db")
    database.execute(CreateCollection(collection="c", schema=schema()))
    database.execute(Insert(collection="c", batch=batch([1], 1)))
    database.execute(Flush(collection="c"))
    database.execute(Insert(collection="c", batch=batch([2], 2)))
    database.close()
    return tmp_path / "db"


FILLED = Contents({1: 1.0, 2: 2.0}, {1: 1, 2: 1})


def test_users_of_a_path_share_one_instance_until_the_last_lets_go(tmp_path: Path):
    first = open_database(tmp_path / "db")
    second = open_database(str(tmp_path / "x" / ".." / "db"))
    assert first is second
    first.close()
    second.execute(CreateCollection(collection="c", schema=schema()))
    second.close()
    with pytest.raises(DatabaseClosedError):
        second.execute(CollectionStatistics(collection="c"))
    third = open_database(tmp_path / "db")
    assert third.schema("", "c").primary.name == "id"
    third.close()


def test_threads_that_open_at_once_share_one_instance(tmp_path: Path):
    opened = []
    threads = [
        threading.Thread(target=lambda: opened.append(open_database(tmp_path / "db")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(database) for database in opened}) == 1
    for database in opened:
        assert not database.closed
        database.close()
    assert opened[0].closed


def test_closing_an_instance_again_does_not_touch_its_successor(tmp_path: Path):
    first = open_database(tmp_path / "db")
    first.close()
    second = open_database(tmp_path / "db")
    first.close()
    assert open_database(tmp_path / "db") is second
    second.close()
    assert not second.closed
    second.close()
    assert second.closed


def test_closing_frees_the_lock_and_the_threads_at_once(filled: Path):
    before = set(threading.enumerate())
    for _ in range(3):
        database = Database(filled)
        database.execute(Flush(collection="c"))
        database.close()
        database.close()
    assert set(threading.enumerate()) <= before


def test_a_process_that_ends_without_closing_lets_a_running_job_end(tmp_path: Path):
    code = (
        "import sys, threading, time; from pathlib import Path\n"
        "from aiomilvus.engine.maintenance.job_queue import Lane\n"
        "begun = threading.Event()\n"
        "def job(): begun.set(); time.sleep(0.3); Path(sys.argv[1]).write_text('done')\n"
        "Lane('build', threading.Condition(), yields=False).ask(('build', 1), job)\n"
        "begun.wait()\n"
        "raise SystemExit(3)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path / "told")], check=False)
    assert ended.returncode == 3
    assert (tmp_path / "told").read_text() == "done"


def test_a_place_where_no_directory_can_be_is_refused_and_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "db"
    with pytest.raises(StorageError, match=f"the disk under {place} failed: .*Not a directory"):
        Database(place)


def test_a_second_process_is_refused_and_told_who_holds_it(filled: Path):
    code = (
        "import sys; from aiomilvus.engine.database import Database; "
        "from pathlib import Path; Database(Path(sys.argv[1]))"
    )
    database = Database(filled)
    other = subprocess.run(
        [sys.executable, "-c", code, str(filled)], capture_output=True, text=True, check=False
    )
    database.close()
    assert "DatabaseLockedError" in other.stderr
    assert f"process {os.getpid()}" in other.stderr


def test_one_process_can_not_open_a_directory_twice_for_writing(filled: Path):
    database = Database(filled)
    with pytest.raises(DatabaseLockedError):
        Database(filled)
    database.close()


WRITES = [
    Insert(collection="c", batch=batch([3])),
    Upsert(collection="c", batch=batch([1])),
    Delete(collection="c", ids=keys([1])),
    Flush(collection="c"),
    CreateCollection(collection="d", schema=schema()),
    DropCollection(collection="c"),
    CreatePartition(collection="c", partition="p"),
    CreateDatabase(db="other"),
]


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: type(operation).__name__)
def test_reading_only_sees_all_and_writes_nothing(filled: Path, operation):
    before = {p: p.read_bytes() for p in filled.rglob("*") if p.is_file()}
    database = Database(filled, "r")
    assert contents_of(database.snapshot("", "c")) == FILLED
    with pytest.raises(ReadOnlyError, match="read-only"):
        database.execute(operation)
    assert contents_of(database.snapshot("", "c")) == FILLED
    database.close()
    assert {p: p.read_bytes() for p in filled.rglob("*") if p.is_file()} == before


def test_reading_only_needs_no_write_permission(filled: Path):
    # Root may write anywhere, so a child gives that up first.
    code = (
        "import mmap, os, sys\nfrom pathlib import Path\n"
        "from aiomilvus.engine.database import Database\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "database = Database(Path(sys.argv[1]), 'r')\n"
        "print(sum(view.num_rows for view in database.snapshot('', 'c').views))\n"
        "database.close()\n"
    )
    folders = [filled, *(p for p in filled.rglob("*") if p.is_dir())]
    for folder in filled.parents:
        if folder == Path("/tmp"):  # noqa: S108
            break
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(0o755)
    for folder in folders:
        folder.chmod(0o555)
    child = subprocess.run(
        [sys.executable, "-c", code, str(filled)], capture_output=True, text=True, check=False
    )
    for folder in folders:
        folder.chmod(0o755)
    assert child.stdout == "2\n", child.stderr


def test_reading_only_goes_beside_a_writer(filled: Path):
    writer = Database(filled)
    reader = Database(filled, "r")
    assert contents_of(reader.snapshot("", "c")) == FILLED
    reader.close()
    writer.close()


def test_reading_only_makes_no_database(tmp_path: Path):
    with pytest.raises(StorageError, match="is not a database"):
        Database(tmp_path / "none", "r")
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_gets_a_clear_error(filled: Path):
    database = Database(filled)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            database.execute(Insert(collection="c", batch=batch([9])))
        except DatabaseClosedError as error:
            status = 0 if "fork" in error.message else 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    database.execute(Insert(collection="c", batch=batch([3], 3)))
    assert 3 in contents_of(database.snapshot("", "c")).newest
    database.close()


def test_a_database_in_memory_is_its_users_own_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    first, second = open_database(":memory:"), open_database(":memory:")
    assert first is not second
    first.execute(CreateCollection(collection="c", schema=schema()))
    first.execute(Insert(collection="c", batch=batch([1, 2], 1)))
    first.execute(Flush(collection="c"))
    first.execute(Upsert(collection="c", batch=batch([2], 2)))
    assert contents_of(first.local.snapshot("", "c")) == Contents({1: 1.0, 2: 2.0}, {1: 1, 2: 1})
    first.close()
    second.close()
    assert list(tmp_path.iterdir()) == []


def test_a_closed_database_says_so(filled: Path):
    database = Database(filled)
    database.close()
    with pytest.raises(DatabaseClosedError, match="is closed"):
        database.execute(CollectionStatistics(collection="c"))


def test_a_file_is_no_database(tmp_path: Path):
    (tmp_path / "f").write_text("x")
    with pytest.raises(StorageError, match="is a file"):
        Database(tmp_path / "f")


def test_a_damaged_catalog_is_refused_by_name(filled: Path):
    catalog = filled / "catalog.sqlite"
    catalog.write_bytes(b"not a database at all" * 300)
    with pytest.raises(DataCorruptedError, match="catalog"):
        Database(filled)


def test_a_newer_format_is_refused(filled: Path):
    import sqlite3

    connection = sqlite3.connect(filled / "catalog.sqlite")
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StorageError, match="format 99"):
        Database(filled)


def test_concurrent_writers_all_get_their_own_answer(tmp_path: Path):
    database = Database(tmp_path / "db")
    database.execute(CreateCollection(collection="c", schema=schema()))
    failures: list[MilvusException] = []

    def write(worker: int) -> None:
        for at in range(20):
            key = worker * 100 + at
            try:
                result = database.execute(Insert(collection="c", batch=batch([key], worker)))
                assert result.insert_count == 1
            except MilvusException as error:
                failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    expected = {n * 100 + at: float(n) for n in range(8) for at in range(20)}
    assert contents_of(database.snapshot("", "c")).newest == expected
    database.close()
    again = Database(tmp_path / "db")
    assert contents_of(again.snapshot("", "c")).newest == expected
    again.close()


def test_opening_loads_no_heavy_library(filled: Path):
    code = (
        "import sys; from pathlib import Path; from aiomilvus.engine.database import Database; "
        "database = Database(Path(sys.argv[1])); database.snapshot('', 'c'); "
        "heavy = {'faiss', 'pyarrow', 'pandas', 'numba', 'scipy', 'tantivy'}; "
        "print(sorted(heavy & {*sys.modules})); "
        "database.close()"
    )
    child = subprocess.run(
        [sys.executable, "-c", code, str(filled)], capture_output=True, text=True, check=True
    )
    assert child.stdout == "[]\n"


def test_a_write_that_waits_while_the_database_is_closed_says_so(tmp_path: Path):
    database = Database(tmp_path / "db")
    database.execute(CreateCollection(collection="c", schema=schema()))
    collection = database.collection("", "c")
    errors: list[MilvusException] = []

    def write() -> None:
        try:
            database.execute(Insert(collection="c", batch=batch([1])))
        except MilvusException as error:
            errors.append(error)

    waiting = threading.Thread(target=write)
    with collection.writes.turn:
        waiting.start()
        while not collection.writes._queue:
            time.sleep(0.001)
        database.close()
    waiting.join(30)
    assert [type(error) for error in errors] == [DatabaseClosedError]
