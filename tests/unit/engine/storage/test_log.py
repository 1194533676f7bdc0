"""The log: what was acknowledged is read back, torn tails are cut, damage is refused."""

from pathlib import Path

import numpy as np
import pytest

from aiomilvus.engine.storage import open_files
from aiomilvus.engine.storage.container import encode
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.log import LogReader, LogWriter
from aiomilvus.errors import DataCorruptedError, StorageError, WritesPoisonedError
from tests.support.disk import FailingDisk, LosingDisk


def payload(number: int, rows: int = 3):
    return encode({"a": np.full(rows, number, np.int32)}, {"number": number})


def numbers(path: Path) -> list[int]:
    return [container.meta["number"] for container in LogReader(FileSystem(), path)]


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
    payloads = list(LogReader(FileSystem(), tmp_path / "log"))
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
        reader = LogReader(FileSystem(), path)
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
    reader = LogReader(FileSystem(), path)
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
            list(LogReader(FileSystem(), path))


@pytest.mark.parametrize("size", range(17))
def test_a_log_whose_header_is_torn_is_empty(tmp_path: Path, size: int):
    path = tmp_path / "log"
    written(path)
    path.write_bytes(path.read_bytes()[:size])
    reader = LogReader(FileSystem(), path)
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


def test_a_frame_lost_in_any_of_its_pages_is_torn_if_none_follows(tmp_path: Path):
    path = tmp_path / "log"
    sizes = written(path, [1], [2], [3, 4, 5, 6])
    data = path.read_bytes()
    for start in range(sizes[2], len(data), 64):
        for fill in (bytes(64), b"\xa5" * 64):
            lost = bytearray(data)
            lost[start : start + 64] = fill[: len(data) - start]
            path.write_bytes(lost)
            reader = LogReader(FileSystem(), path)
            assert [c.meta["number"] for c in reader][:2] == [1, 2]
            assert reader.end in (sizes[2], len(data))


def test_a_lost_frame_with_an_intact_one_behind_it_is_damage(tmp_path: Path):
    path = tmp_path / "log"
    sizes = written(path, [1], [2, 3], [4])
    data = path.read_bytes()
    for start in range(sizes[1], sizes[2] - 64, 64):
        lost = bytearray(data)
        lost[start : start + 64] = bytes(64)
        if lost == data:
            continue
        path.write_bytes(lost)
        with pytest.raises(DataCorruptedError, match=f"{path} is damaged at offset {sizes[1]}:"):
            list(LogReader(FileSystem(), path))


def test_a_log_of_a_later_format_is_refused_not_emptied(tmp_path: Path):
    path = tmp_path / "log"
    written(path, [1])
    data = bytearray(path.read_bytes())
    data[7] += 1
    path.write_bytes(data)
    with pytest.raises(DataCorruptedError, match="offset 0: not a log of this format"):
        list(LogReader(FileSystem(), path))


def reopened(disk: FileSystem, path: Path) -> LogWriter:
    reader = LogReader(disk, path)
    list(reader)
    return LogWriter(disk, path, reader.end, reader.last)


def test_what_a_failed_sync_left_behind_is_synced_before_anything_follows_it(tmp_path: Path):
    path, disk = tmp_path / "log", LosingDisk()
    log = LogWriter(disk, path)
    log.append([payload(1)])
    disk.fail_syncs = 1
    with pytest.raises(WritesPoisonedError):
        log.append([payload(2)])
    log.close()
    log = reopened(disk, path)
    log.append([payload(3)])
    log.close()
    disk.lose_power()
    assert numbers(path) == [1, 2, 3]


def test_syncs_may_fail_again_and_again_and_no_acknowledged_frame_is_lost(tmp_path: Path):
    for seed in range(60):
        rng = np.random.default_rng(seed)
        path, disk = tmp_path / f"log{seed}", LosingDisk()
        log: LogWriter | None = LogWriter(disk, path)
        acknowledged: list[int] = []
        for number in range(12):
            disk.fail_syncs = int(rng.integers(1, 3)) if rng.random() < 0.4 else 0
            try:
                log = log or reopened(disk, path)
                log.append([payload(number, int(rng.integers(1, 400)))])
            except (WritesPoisonedError, StorageError):
                if log is not None:
                    log.close()
                log = None
            else:
                acknowledged.append(number)
            disk.fail_syncs = 0
        disk.lose_power()
        found = numbers(path)
        assert set(acknowledged) <= set(found), seed
        assert found == sorted(found), seed


def test_a_log_that_was_removed_takes_no_more_frames(tmp_path: Path):
    path = tmp_path / "log"
    log = LogWriter(FileSystem(), path)
    log.append([payload(1)])
    data = path.read_bytes()
    path.unlink()
    with pytest.raises(StorageError, match="nothing was written"):
        log.append([payload(2)])
    path.write_bytes(data)  # another file of the same name is not the one it was
    with pytest.raises(StorageError, match="nothing was written"):
        log.append([payload(2)])
    log.close()
    assert path.read_bytes() == data


def test_logs_beyond_the_number_that_stays_open_are_opened_again_when_they_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(open_files, "MOST", 3)
    logs = [LogWriter(FileSystem(), tmp_path / f"log{n}") for n in range(10)]
    for number in range(4):
        for log in logs:
            log.append([payload(number)])
        descriptors = [log._file._descriptor for log in logs if log._file is not None]
        assert sum(each >= 0 for each in descriptors) <= 3
    for number, log in enumerate(logs):
        log.close()
        assert numbers(tmp_path / f"log{number}") == [0, 1, 2, 3]
