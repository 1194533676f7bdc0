"""A flipped bit, a cut end, a missing file: whatever it strikes, an error names the file."""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.errors import DataCorruptedError, StorageError
from tests.support import namings, whole_database, workload
from tests.support.contents import contents_of
from tests.support.disk import FailingDisk, crash
from tests.support.workload import NAME, Step

if TYPE_CHECKING:
    from collections.abc import Callable


KINDS = {
    "catalog": "catalog.sqlite",
    "log": "collection-*/log-*.amv",
    "key column": "collection-*/segment-*/f100.amv",
    "vectors": "collection-*/segment-*/f101.amv",
    "keys": "collection-*/segment-*/keys.amv",
    "times": "collection-*/segment-*/times.amv",
    "index": "collection-*/segment-*/i*.amv",
    "masks": "collection-*/segment-*/masks-*.amv",
    "words of an analyzer": "files/*",
    "vectors of a snapshot": "snapshot-*/segment-*/f101.amv",
    "index of a snapshot": "snapshot-*/segment-*/i*.amv",
    "masks of a snapshot": "snapshot-*/segment-*/masks-*.amv",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with files of every kind."""
    folder = tmp_path_factory.mktemp("whole")
    whole_database.make(folder)
    return folder / "db"


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "db")
    return tmp_path / "db"


def test_a_database_that_can_not_be_opened_leaves_no_file_open_and_no_thread(path: Path):
    descriptors = Path("/proc/self/fd")
    path = path.resolve()
    if sys.platform != "linux":
        pytest.skip("this system does not list open files")
    (words,) = path.glob("files/*")
    log = max(path.glob("collection-*/log-*.amv"), key=lambda each: each.stat().st_size)
    for file in (words, log):
        intact = file.read_bytes()
        file.write_bytes(b"?" + intact[1:])
        before = set(threading.enumerate())
        for _ in range(3):
            with pytest.raises(DataCorruptedError, match=file.name):
                Database(path)
        # A descriptor may be gone before it is looked at.
        opened = [os.path.realpath(each) for each in descriptors.iterdir()]
        assert [name for name in opened if name.startswith(str(path))] == []
        assert set(threading.enumerate()) <= before
        file.write_bytes(intact)
    Database(path).close()


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    # The last byte that is not padding.
    at = max(number for number, byte in enumerate(data) if byte)
    data[at if file.suffix == ".amv" else len(data) // 2] ^= 128
    file.write_bytes(data)


def cut(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


def remove(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("damage", [flip, cut, remove])
@pytest.mark.parametrize("kind", KINDS)
def test_damage_to_any_file_is_named_and_nothing_is_lost_by_looking(
    path: Path, kind: str, damage: Callable[[Path], None]
):
    file = min(path.glob(KINDS[kind]))
    if kind == "log":
        file = max(path.glob(KINDS[kind]), key=lambda log: log.stat().st_size)
    before = {each.name for each in path.rglob("*.amv")}
    intact = file.read_bytes()
    damage(file)
    if kind == "times" and damage is remove:
        pytest.skip("segments of older versions have none, and then all rows are of one time")
    number = file.parent.name if file.parent.name.startswith("segment-") else ""
    name = file.name if "snapshot" in kind else str(Path(number, file.name))
    for _ in range(2):
        with pytest.raises((DataCorruptedError, StorageError), match=re.escape(name)):
            whole_database.look(path)
        assert before <= {each.name for each in path.rglob("*.amv")} | {file.name}
    file.write_bytes(intact)
    whole_database.look(path)


def opened(path: Path, model: namings.Model) -> str:
    """Open the database and find what it should hold, or return why it can't be opened."""
    try:
        database = Database(path)
    except StorageError as error:
        return error.message
    # Damage where no row is.
    assert namings.found_in(database) == model
    database.close()
    return ""


def test_no_flipped_bit_of_the_catalog_goes_unnoticed_or_costs_a_file(tmp_path: Path):
    path = tmp_path / "db"
    database = Database(path)
    namings.create(database)
    model = namings.Model()
    for number in range(20):
        operation, model = namings.step(model, number)
        if operation is not None:
            database.execute(operation)
    database.close()
    catalog = path / "catalog.sqlite"
    data = catalog.read_bytes()
    files = sorted(path.rglob("*.amv"))
    refused = 0
    for at in range(0, len(data), 97):
        damaged = bytearray(data)
        damaged[at] ^= 0x10
        catalog.write_bytes(damaged)
        message = opened(path, model)
        refused += bool(message)
        assert not message or str(catalog) in message
        assert sorted(path.rglob("*.amv")) == files
    assert refused
    catalog.write_bytes(data)
    database = Database(path)
    assert namings.found_in(database) == model
    database.close()


def test_no_zeroed_block_of_the_catalog_hides_a_segment_and_lets_its_files_go(path: Path):
    """An index of the catalog, or a page above others, leads to fewer rows than there are."""
    catalog = path / "catalog.sqlite"
    data = catalog.read_bytes()
    files = sorted(path.rglob("*.amv"))
    refused = 0
    for at in range(0, len(data), 512):
        if not any(data[at : at + 512]):
            continue
        catalog.write_bytes(data[:at] + bytes(512) + data[at + 512 :])
        with pytest.raises(StorageError, match=re.escape(str(catalog))):
            Database(path)
        assert sorted(path.rglob("*.amv")) == files
        refused += 1
    assert refused
    catalog.write_bytes(data)
    whole_database.look(path)


def damages(log: Path, frames: list[int]) -> dict[str, Callable[[], object]]:
    """What may happen to a log; `frames` are the places where its frames begin."""
    data = log.read_bytes()

    def flipped(at: int) -> None:
        changed = bytearray(data)
        changed[at] ^= 1
        log.write_bytes(changed)

    return {
        "removed": log.unlink,
        "emptied": lambda: log.write_bytes(b""),
        "only its header": lambda: log.write_bytes(data[:16]),
        "zeros": lambda: log.write_bytes(bytes(len(data))),
        "without its last frame": lambda: log.write_bytes(data[: frames[-1]]),
        "cut in its last frame": lambda: log.write_bytes(data[:-70]),
        "flipped in its last frame": lambda: flipped(frames[-1] + 100),
        "flipped in its last header": lambda: flipped(frames[-1] + 3),
        "zeros in its last frame": lambda: log.write_bytes(
            data[: frames[-1] + 16] + bytes(len(data) - frames[-1] - 16)
        ),
    }


def test_after_a_clean_close_no_damage_to_a_log_goes_unnoticed(tmp_path: Path):
    path = tmp_path / "db"
    database = Database(path)
    workload.create(database)
    for key in (1, 2, 3):
        database.execute(workload.operation(Step("insert", [key], 1.0)))
    database.close()
    for _ in range(2):  # as it was closed first, and once more after more was written
        (log,) = path.glob("collection-*/log-*.amv")
        data, starts = log.read_bytes(), [16]
        while starts[-1] < len(data):
            size = int.from_bytes(data[starts[-1] : starts[-1] + 8], "little")
            starts.append(starts[-1] + 16 + size)
        for what, damage in damages(log, starts[:-1]).items():
            damage()
            for mode in ("rw", "r", "rw"):
                with pytest.raises(DataCorruptedError, match=log.name):
                    pytest.fail(f"{what}: {Database(path, mode).names}")
            log.write_bytes(data)
        database = Database(path)
        database.execute(workload.operation(Step("insert", [4], 1.0)))
        crash(database)
        database = Database(path)  # a process that was killed leaves an older mark, which holds
        found = contents_of(database.snapshot("", NAME)).newest
        assert set(found) == {1, 2, 3, 4}
        database.close()


def test_a_clean_close_on_a_disk_that_fails_is_a_close_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    disk = FailingDisk()
    database = Database(tmp_path / "db", files=disk)
    workload.create(database)
    database.execute(workload.operation(Step("insert", [1], 1.0)))
    database.wait_idle()
    disk.fail_at = len(disk.operations) + 1
    database.close()
    assert "closed without noting the logs' lengths" in caplog.text
    database = Database(tmp_path / "db")
    assert set(contents_of(database.snapshot("", NAME)).newest) == {1}
    database.close()
