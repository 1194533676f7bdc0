"""The log: what was acknowledged is read back, torn tails are cut, damage is refused."""

import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from aiomilvus.engine.storage import open_files
from aiomilvus.engine.storage.container import checksum, encode
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.frames import LogRecord
from aiomilvus.engine.storage.log import LogWriter
from aiomilvus.engine.storage.log_reader import LogReader
from aiomilvus.errors import DataCorruptedError, StorageError, WritesPoisonedError
from tests.support.disk import FailingDisk, LosingDisk


def payload(number: int, rows: int = 3):
    return LogRecord({"number": number}, {"a": np.full(rows, number, np.int32)})


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
    assert disk.operations == ["write", "write", "sync"], "the frame, zeros for those to come"
    disk.operations.clear()
    log.append([payload(n) for n in range(10)])
    assert disk.operations == ["write", "sync"]
    log.close()


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


def test_zeros_lie_ahead_of_the_frames_until_the_log_is_closed(tmp_path: Path):
    path = tmp_path / "log"
    log = LogWriter(FileSystem(), path)
    length = 0
    for number in range(300):
        log.append([payload(number, 500)])
        grown = path.stat().st_size != length
        length = path.stat().st_size
        assert length >= log.size
        if number % 50 == 0 or grown:
            reader = LogReader(FileSystem(), path)
            assert [c.meta["number"] for c in reader] == list(range(number + 1))
            assert reader.end == log.size
    log.close()
    assert path.stat().st_size == log.size


def test_a_log_that_another_one_follows_ends_with_its_last_frame_on_the_disk(tmp_path: Path):
    path, disk = tmp_path / "log", FailingDisk()
    log = LogWriter(disk, path)
    log.append([payload(1)])
    disk.operations.clear()
    log.end()
    log.end()
    assert disk.operations == ["truncate", "sync"]
    assert path.stat().st_size == log.size
    log.append([payload(2)])
    log.close()
    assert numbers(path) == [1, 2]


@pytest.mark.parametrize("failing", ["truncate", "sync"])
def test_an_end_that_the_disk_refused_is_tried_again(tmp_path: Path, failing: str):
    path, disk = tmp_path / "log", FailingDisk(once=True)
    log = LogWriter(disk, path)
    log.append([payload(1)])
    disk.operations.clear()
    disk.fail_at = ["truncate", "sync"].index(failing) + 1
    with pytest.raises(StorageError, match="nothing was written"):
        log.end()
    log.append([payload(2)])
    disk.operations.clear()
    disk.fail_at = 0
    log.end()
    assert disk.operations == ["truncate", "sync"]
    log.close()
    assert numbers(path) == [1, 2]


def test_a_disk_without_room_for_zeros_takes_the_frame(tmp_path: Path):
    path, disk = tmp_path / "log", FailingDisk(once=True)
    log = LogWriter(disk, path)
    disk.fail_at = len(disk.operations) + 2
    log.append([payload(1)])
    assert disk.operations[-4:] == ["write", "write", "truncate", "sync"]
    assert path.stat().st_size == log.size
    log.append([payload(2)])
    log.close()
    assert numbers(path) == [1, 2]


def test_a_large_frame_lays_no_zeros_ahead(tmp_path: Path):
    path = tmp_path / "log"
    log = LogWriter(FileSystem(), path)
    log.append([payload(1, 100_000), payload(2)])
    assert path.stat().st_size == log.size
    log.close()
    assert numbers(path) == [1, 2]


def older(path: Path, *frames: list[int]) -> None:
    """Write a log as versions before this one wrote it: containers, each behind its size."""
    data = b"AMVLOG01".ljust(16, b"\0")
    for frame in frames:
        body = b""
        for number in frame:
            meta, arrays = payload(number)
            whole = b"".join(bytes(part) for part in encode(arrays, meta))
            body += len(whole).to_bytes(8, "little").ljust(64, b"\0") + whole
            body += bytes(-len(whole) % 64)
        head = len(body).to_bytes(8, "little") + checksum(body).to_bytes(4, "little")
        data += head + checksum(head).to_bytes(4, "little") + body
    path.write_bytes(data)


@pytest.mark.parametrize("frames", [[], [[1]], [[1, 2], [3]]])
def test_a_log_of_an_older_version_is_read_and_appended_to(tmp_path: Path, frames: list[list[int]]):
    path = tmp_path / "log"
    older(path, *frames)
    before = [number for frame in frames for number in frame]
    assert numbers(path) == before
    log = reopened(FileSystem(), path)
    assert path.read_bytes()[:8] == b"AMVLOG01", "nothing is changed before it is written to"
    log.append([payload(8), payload(9)])
    log.close()
    assert path.read_bytes()[:8] == b"AMVLOG02", "which versions that can't read it refuse"
    assert numbers(path) == [*before, 8, 9]


def test_damage_and_torn_tails_of_an_older_log_are_told_apart(tmp_path: Path):
    path = tmp_path / "log"
    older(path, [1], [2])
    data = path.read_bytes()
    second = (len(data) - 16) // 2 + 16
    path.write_bytes(data[:-1])
    assert numbers(path) == [1]
    damaged = bytearray(data)
    damaged[second - 100] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(
        DataCorruptedError, match=f"{re.escape(str(path))} is damaged at offset 16:"
    ):
        numbers(path)


def test_no_power_loss_takes_what_an_older_log_held_when_it_is_taken_over(tmp_path: Path):
    path = tmp_path / "log"
    older(path, [1], [2])
    disk = FailingDisk()
    reopened(disk, path).append([payload(3)])
    for fail_at in range(1, len(disk.operations) + 1):
        older(path, [1], [2])
        log = reopened(FailingDisk(fail_at), path)
        with suppress(StorageError, WritesPoisonedError):
            log.append([payload(3)])
        log.close()
        assert numbers(path)[:2] == [1, 2]


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
        with pytest.raises(
            DataCorruptedError, match=f"{re.escape(str(path))} is damaged at offset {start}:"
        ):
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
    intact = path.read_bytes()[: log.size]
    before = len(disk.operations)
    log.append([payload(2)])
    count = disk.operations[before:].count("write")
    for number in range(1, count + 1):
        disk.fail_at = len(disk.operations) + number
        with pytest.raises(
            StorageError, match=f"{re.escape(str(path))}: nothing was written: .*on purpose"
        ):
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
    log.append([payload(0)])
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
    assert found[:2] == [0, 1]
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
        with pytest.raises(
            DataCorruptedError, match=f"{re.escape(str(path))} is damaged at offset {sizes[1]}:"
        ):
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


@pytest.mark.skipif(not FileSystem.lets_go, reason="a file in use is not removed there")
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


def test_a_log_is_read_on_from_where_it_was_read_to(tmp_path: Path):
    path = tmp_path / "log"
    sizes = written(path, [1, 2], [3], [4])
    reader = LogReader(FileSystem(), path, sizes[2])
    assert [c.meta["number"] for c in reader] == [4]
    assert (reader.end, reader.last) == (sizes[3], sizes[2])
    nothing_new = LogReader(FileSystem(), path, sizes[3])
    assert list(nothing_new) == []
    assert (nothing_new.end, nothing_new.last) == (sizes[3], 0)
    log = LogWriter(FileSystem(), path, nothing_new.end, nothing_new.last)
    log.append([payload(5)])
    log.close()
    assert numbers(path) == [1, 2, 3, 4, 5]


def test_damage_behind_what_was_read_is_told_by_its_place_in_the_log(tmp_path: Path):
    path = tmp_path / "log"
    sizes = written(path, [1], [2], [3])
    data = bytearray(path.read_bytes())
    data[sizes[1] + 20] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataCorruptedError, match=f"at offset {sizes[1]}:"):
        list(LogReader(FileSystem(), path, sizes[1]))
    with pytest.raises(DataCorruptedError, match="shorter than"):
        LogReader(FileSystem(), path, len(data) + 1)
