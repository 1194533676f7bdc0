"""The log: what was acknowledged is read back, torn tails are cut, damage is refused."""

from pathlib import Path

import numpy as np
import pytest

from aiomilvus.engine.storage.container import encode
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.log import LogReader, LogWriter
from aiomilvus.errors import DataCorruptedError, StorageError, WritesPoisonedError
from tests.support.disk import FailingDisk


def payload(number: int, rows: int = 3):
    return encode({"a": np.full(rows, number, np.int32)}, {"number": number})


def numbers(path: Path) -> list[int]:
    return [container.meta["number"] for container in LogReader(path)]


def written(path: Path, *frames: list[int]) -> list[int]:
    """Write a log with these frames; return the size of the file after each."""
    log = LogWriter(FileSystem(), path)
    sizes = [log.size]
    for frame in frames:
        log.append([payload(number) for number in frame])
        sizes.append(log.size)
    log.close()
    return sizes


def test_payloads_come_back_in_order_with_their_arrays(tmp_path: Path):
    written(tmp_path / "log", [1, 2], [3])
    payloads = list(LogReader(tmp_path / "log"))
    assert [c.meta["number"] for c in payloads] == [1, 2, 3]
    assert payloads[2].arrays["a"].tolist() == [3, 3, 3]


def test_a_group_costs_one_sync(tmp_path: Path):
    disk = FailingDisk()
    log = LogWriter(disk, tmp_path / "log")
    disk.operations.clear()
    log.append([payload(n) for n in range(10)])
    log.close()
    assert disk.operations.count("sync") == 1
    assert disk.operations[-1] == "sync"


def test_a_tail_torn_at_any_byte_loses_only_the_last_group(tmp_path: Path):
    path = tmp_path / "log"
    sizes = written(path, [1], [2], [3, 4])
    data = path.read_bytes()
    for size in range(sizes[2], len(data)):
        path.write_bytes(data[:size])
        reader = LogReader(path)
        assert [c.meta["number"] for c in reader] == [1, 2]
        assert reader.end == sizes[2]


def test_appending_goes_on_after_a_torn_tail(tmp_path: Path):
    path = tmp_path / "log"
    sizes = written(path, [1], [2])
    path.write_bytes(path.read_bytes()[:-1])
    log = LogWriter(FileSystem(), path, sizes[1])
    log.append([payload(9)])
    log.close()
    assert numbers(path) == [1, 9]


def test_a_tail_of_zeros_is_torn_not_damaged(tmp_path: Path):
    path = tmp_path / "log"
    sizes = written(path, [1])
    path.write_bytes(path.read_bytes() + bytes(500))
    reader = LogReader(path)
    assert [c.meta["number"] for c in reader] == [1]
    assert reader.end == sizes[1]


def test_a_damaged_byte_before_the_last_group_is_refused_with_file_and_offset(tmp_path: Path):
    path = tmp_path / "log"
    sizes = written(path, [1], [2], [3])
    data = path.read_bytes()
    for at in range(sizes[2]):
        damaged = bytearray(data)
        damaged[at] ^= 0x40
        path.write_bytes(damaged)
        start = max(size for size in [0, *sizes] if size <= at)
        with pytest.raises(DataCorruptedError, match=f"{path} is damaged at offset {start}:"):
            list(LogReader(path))


@pytest.mark.parametrize("size", range(17))
def test_a_log_whose_header_is_torn_is_empty(tmp_path: Path, size: int):
    path = tmp_path / "log"
    written(path)
    path.write_bytes(path.read_bytes()[:size])
    reader = LogReader(path)
    assert list(reader) == []
    log = LogWriter(FileSystem(), path, reader.end)
    log.append([payload(1)])
    log.close()
    assert numbers(path) == [1]


def test_a_write_that_the_disk_refuses_leaves_nothing_and_the_next_goes_on(tmp_path: Path):
    path = tmp_path / "log"
    disk = FailingDisk(once=True)
    log = LogWriter(disk, path)
    log.append([payload(1)])
    intact = path.read_bytes()
    before = len(disk.operations)
    log.append([payload(2)])
    count = disk.operations[before:].count("write")
    for number in range(1, count + 1):
        disk.fail_at = len(disk.operations) + number
        with pytest.raises(StorageError, match=f"{path}: nothing was written: .*on purpose"):
            log.append([payload(3)])
        assert log.size == path.stat().st_size
        assert path.read_bytes()[: len(intact)] == intact
    log.append([payload(4)])
    log.close()
    assert numbers(path) == [1, 2, 4]


@pytest.mark.parametrize("kind", ["write", "sync"])
def test_an_interrupted_append_leaves_no_torn_frame_behind_the_next(tmp_path: Path, kind: str):
    path = tmp_path / "log"
    disk = FailingDisk()
    log = LogWriter(disk, path)
    log.append([payload(1)])
    disk.operations.clear()
    log.append([payload(2)])
    places = [n for n, name in enumerate(disk.operations, 1) if name == kind]
    for number in places:
        disk.interrupt_at = len(disk.operations) + number
        with pytest.raises(KeyboardInterrupt):
            log.append([payload(3)])
    log.append([payload(4)])
    log.close()
    assert numbers(path) == [1, 2, 4]


@pytest.mark.parametrize(("once", "kind"), [(True, "sync"), (False, "write"), (False, "sync")])
def test_a_log_of_unknown_content_is_poisoned_until_it_is_reopened(
    tmp_path: Path, once: bool, kind: str
):
    path = tmp_path / "log"
    disk = FailingDisk(once=once)
    log = LogWriter(disk, path)
    before = len(disk.operations)
    log.append([payload(1)])
    frame = disk.operations[before:]
    disk.fail_at = len(disk.operations) + frame.index(kind) + 1
    with pytest.raises(WritesPoisonedError, match="fails on purpose"):
        log.append([payload(2)])
    with pytest.raises(WritesPoisonedError, match="refuses writes"):
        log.append([payload(3)])
    log.close()
    found = numbers(path)
    assert found[0] == 1
    assert 3 not in found
