"""What is tried on a full disk, in a process of its own: ``python -m tests.support.full_disk``.

Two disks run full: a file system of a few megabytes that a file fills to the last byte (ENOSPC),
and one where no file of the process may grow (EFBIG), for systems that let nobody mount.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pytest

from aiomilvus import DataType, MilvusClient, MilvusException
from aiomilvus.engine.maintenance import job_queue, worker
from aiomilvus.engine.write import direct
from aiomilvus.errors import DatabaseNotOpenedError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

DIM = 16
NAME = "c"
_CHUNK = 1 << 16
_PATIENCE = 60.0
_LONGEST = 120
"""Seconds after which a scenario hangs."""


class SmallDisk:
    """A file system of its own; a file of zeros takes what is free."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave not a byte."""
        with self._ballast.open("ab", buffering=0) as file:
            size = _CHUNK
            while size:
                try:
                    file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def free(self) -> None:
        """Make room again."""
        self._ballast.unlink()


class NoGrowth:
    """No file of this process may be written to."""

    def fill(self) -> None:
        """Forbid it."""
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))

    def free(self) -> None:
        """Allow it."""
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


Disk = SmallDisk | NoGrowth


def rows(keys: range) -> list[dict[str, Any]]:
    """Rows whose vectors are told by their keys."""
    return [{"id": key, "vector": vector(key)} for key in keys]


def vector(key: int) -> np.ndarray[Any, Any]:
    """The vector of a key; its own nearest one."""
    return np.random.default_rng(key).standard_normal(DIM, np.float32)


def make(client: MilvusClient, count: int, *, index: bool = True) -> None:
    """Make the collection with `count` rows."""
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    client.create_collection(NAME, schema=schema)
    if index:
        client.create_index(NAME, index_params(client))
        client.load_collection(NAME)
    if count:
        client.insert(NAME, rows(range(count)))


def index_params(client: MilvusClient) -> Any:
    """An index whose file is large."""
    params = client.prepare_index_params()
    params.add_index(
        "vector", index_type="HNSW", index_name="vector", metric_type="L2", M=8, efConstruction=20
    )
    return params


def index_state(client: MilvusClient) -> str:
    """How far the index is."""
    told = client.describe_index(NAME, "vector")
    assert told is not None
    return str(told["state"])


def check(client: MilvusClient, keys: range) -> None:
    """These rows are there, no others, and each finds itself."""
    found = client.query(NAME, filter="id >= 0", output_fields=["id"], limit=16_000)
    assert sorted(row["id"] for row in found) == list(keys)
    some = [keys[0], keys[len(keys) // 2], keys[-1]]
    hits = client.search(NAME, [vector(key) for key in some], limit=1)
    assert [hit[0]["id"] for hit in hits] == some


def refused(action: Callable[[], object]) -> StorageError:
    """The error that a full disk answers `action` with."""
    with pytest.raises(StorageError) as caught:
        action()
    told = ("No space left", "File too large", "disk is full", "disk I/O error")
    assert any(text in caught.value.message for text in told), caught.value
    assert type(caught.value) in (StorageError, DatabaseNotOpenedError), caught.value
    return caught.value


def use_up(client: MilvusClient, done: int) -> int:
    """Insert for as long as the log has room that it took ahead; return how many rows there are."""
    for count in (100, 1):
        with suppress(StorageError):
            while done < 100_000:
                client.insert(NAME, rows(range(done, done + count)))
                done += count
    return done


def nothing_left_behind(path: Path) -> None:
    """No unfinished file, and no folder of a segment that does not count, takes room.

    Maintenance tries again beside, and may be writing a file just now: it must end without it.
    """
    until = time.monotonic() + _PATIENCE
    while left := unfinished(path):
        assert time.monotonic() < until, left
        time.sleep(0.01)


def unfinished(path: Path) -> list[Path]:
    """Return the files and folders that are not whole."""
    folders = path.glob("collection-*/segment-*")
    return [*path.rglob("*.tmp"), *(f for f in folders if not (f / "times.amv").exists())]


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until something is so that happens in the background."""
    limit = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.02)


def reopened(client: MilvusClient, path: Path, keys: range) -> None:
    """Close, open, and find the same rows."""
    client.close()
    client = MilvusClient(str(path))
    check(client, keys)
    client.close()


def insert(path: Path, disk: Disk) -> None:
    """Inserts are refused whole; with room they go on in the same process."""
    client = MilvusClient(str(path))
    make(client, 100)
    disk.fill()
    done = use_up(client, 100)
    for _ in range(3):
        refused(lambda: client.insert(NAME, rows(range(done, done + 100))))
        refused(lambda: client.upsert(NAME, rows(range(50))))
        refused(lambda: client.delete(NAME, ids=list(range(-4_000, 50))))
        check(client, range(done))
    disk.free()
    for _ in range(3):
        client.insert(NAME, rows(range(done, done + 100)))
        done += 100
    check(client, range(done))
    reopened(client, path, range(done))


def first_insert(path: Path, disk: Disk) -> None:
    """The very first write is what finds no room for a log."""
    client = MilvusClient(str(path))
    make(client, 0)
    disk.fill()
    for _ in range(3):
        refused(lambda: client.insert(NAME, rows(range(10))))
    disk.free()
    client.insert(NAME, rows(range(10)))
    reopened(client, path, range(10))


def flush(path: Path, disk: Disk) -> None:
    """What can't be sealed stays in the log."""
    client = MilvusClient(str(path))
    make(client, 2_000)
    disk.fill()
    for _ in range(3):
        refused(lambda: client.flush(NAME))
        check(client, range(2_000))
        nothing_left_behind(path)
    disk.free()
    client.flush(NAME)
    assert client.get_collection_stats(NAME) == {"row_count": 2_000}
    assert len(client.list_persistent_segments(NAME)) == 1
    check(client, range(2_000))
    reopened(client, path, range(2_000))


def bulk(path: Path, disk: Disk) -> None:
    """Rows that are not logged, but written to files at once."""
    direct.ROWS = 500
    client = MilvusClient(str(path))
    make(client, 500)
    disk.fill()
    for _ in range(3):
        refused(lambda: client.insert(NAME, rows(range(500, 1_500))))
        check(client, range(500))
        nothing_left_behind(path)
    disk.free()
    client.insert(NAME, rows(range(500, 1_500)))
    check(client, range(1_500))
    reopened(client, path, range(1_500))


def compaction(path: Path, disk: Disk) -> None:
    """A merge that finds no room is told by its job, and changes nothing."""
    client = MilvusClient(str(path))
    make(client, 0)
    client.alter_collection_properties(NAME, {"collection.autocompaction.enabled": "false"})
    for first in range(0, 1_500, 500):
        client.insert(NAME, rows(range(first, first + 500)))
        client.flush(NAME)
    segments = {each.segment_id for each in client.list_persistent_segments(NAME)}
    eventually(lambda: index_state(client) == "Finished")
    disk.fill()
    job = client.compact(NAME)
    eventually(lambda: client.get_compaction_state(job) == "Completed")
    (task,) = client.list_compaction_tasks(NAME).plans
    assert task.state.name == "Failed", task
    assert {each.segment_id for each in client.list_persistent_segments(NAME)} == segments
    check(client, range(1_500))
    nothing_left_behind(path)
    disk.free()
    job = client.compact(NAME)
    eventually(lambda: client.get_compaction_state(job) == "Completed")
    assert len(client.list_persistent_segments(NAME)) == 1
    check(client, range(1_500))
    reopened(client, path, range(1_500))


def index(path: Path, disk: Disk) -> None:
    """A build that finds no room tells so instead of letting its caller wait, and goes on."""
    client = MilvusClient(str(path))
    make(client, 2_000, index=False)
    client.flush(NAME)
    database = client._backend._handle.open()  # type: ignore[attr-defined]
    real = database.local.files.write_new

    def full(target: Path, parts: Any) -> None:
        if not target.name.startswith("i"):
            real(target, parts)
            return
        # Only now, because the catalog has to take the index first, and nobody writes there
        # meanwhile: a build is tried again in the background.
        with database.local.catalog.steady():
            disk.fill()
            try:
                real(target, parts)
            finally:
                disk.free()

    database.local.files.write_new = full
    with pytest.raises(MilvusException, match="index vector can't be built"):
        client.create_index(NAME, index_params(client))
    assert index_state(client) == "Failed"
    client.load_collection(NAME)
    check(client, range(2_000))
    nothing_left_behind(path)
    del database.local.files.write_new
    eventually(lambda: index_state(client) == "Finished")
    check(client, range(2_000))
    reopened(client, path, range(2_000))


def definitions(path: Path, disk: Disk) -> None:
    """Changes of definitions are done or refused, never half."""
    client = MilvusClient(str(path))
    make(client, 100)
    client.create_collection("idle", dimension=4)
    client.create_alias(NAME, "before")
    client.create_partition(NAME, "p")
    client.create_snapshot("kept", NAME)
    changes: list[Callable[[], object]] = [
        lambda: client.create_collection("new", dimension=4),
        lambda: client.create_alias(NAME, "after"),
        lambda: client.drop_alias("before"),
        lambda: client.create_partition(NAME, "q"),
        lambda: client.add_collection_field(NAME, "more", DataType.INT64, nullable=True),
        lambda: client.rename_collection(NAME, "other"),
        lambda: client.create_database("d"),
        lambda: client.create_snapshot("s", NAME),
        lambda: client.restore_snapshot("kept", NAME, "restored"),
        lambda: client.truncate_collection(NAME),
        lambda: client.create_user("u", "Secret-123"),
        lambda: client.drop_collection("idle"),
    ]
    before = _names(client)
    client.flush(NAME)  # else the log has room to give back, which is enough for some changes
    disk.fill()
    for change in changes:
        refused(change)
        assert _names(client) == before
        check(client, range(100))
    disk.free()
    assert _names(client) == before
    for change in changes[:2]:
        change()
    client.close()
    client = MilvusClient(str(path))
    check(client, range(100))
    assert sorted(client.list_collections()) == [NAME, "idle", "new"]
    assert len(list(path.glob("collection-*"))) == 3
    client.close()


def _names(client: MilvusClient) -> list[Any]:
    return [
        client.list_collections(),
        client.list_aliases(NAME),
        client.list_partitions(NAME),
        client.describe_collection(NAME),
        client.list_databases(),
        client.list_snapshots(NAME),
        client.list_users(),
    ]


def opening(path: Path, disk: Disk) -> None:
    """A database can be opened and read while there is no room, and written to afterwards."""
    client = MilvusClient(str(path))
    make(client, 1_000)
    client.flush(NAME)
    client.insert(NAME, rows(range(1_000, 1_100)))
    client.close()
    disk.fill()
    for mode in ("r", "rw"):
        client = MilvusClient(str(path), mode=mode)
        check(client, range(1_100))
        client.close()
    client = MilvusClient(str(path))
    refused(lambda: client.insert(NAME, rows(range(1_100, 1_200))))
    disk.free()
    client.insert(NAME, rows(range(1_100, 1_200)))
    reopened(client, path, range(1_200))


def creating(path: Path, disk: Disk) -> None:
    """A database that finds no room is made once there is some."""
    disk.fill()
    refused(lambda: MilvusClient(str(path)).list_collections())
    disk.free()
    client = MilvusClient(str(path))
    make(client, 10)
    reopened(client, path, range(10))


SCENARIOS: dict[str, Callable[[Path, Disk], None]] = {
    each.__name__: each
    for each in (
        insert,
        first_insert,
        flush,
        bulk,
        compaction,
        index,
        definitions,
        opening,
        creating,
    )
}


def main(folder: str, kind: str) -> int:
    """Run all scenarios in `folder`, which is the small disk if `kind` is "small".

    Each has a process of its own, forked from this one, which has imported what all need; what one
    finds wrong is on the error stream.

    Returns:
        How many went wrong.
    """
    logging.disable(logging.CRITICAL)  # maintenance logs each refusal
    job_queue.FIRST_PAUSE = 0.05
    worker.SEAL_ROWS = 100_000
    wrong = 0
    for name in SCENARIOS:
        child = os.fork()
        if not child:
            _run(Path(folder), kind, name)
        wrong += os.waitpid(child, 0)[1] != 0
        for left in Path(folder).iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return wrong


def _run(folder: Path, kind: str, name: str) -> NoReturn:
    """Run one scenario, and end the process."""
    code = 1
    try:
        signal.alarm(_LONGEST)
        SCENARIOS[name](folder / "db", SmallDisk(folder) if kind == "small" else NoGrowth())
        code = 0
    except BaseException:  # noqa: BLE001 - told, and the process ends
        sys.stderr.write(f"scenario {name}:\n{traceback.format_exc()}")
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
