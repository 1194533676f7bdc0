"""A loss of power keeps what was synced, and of the rest what a file system may keep."""

from __future__ import annotations

import errno
import random
from typing import TYPE_CHECKING

import pytest

from tests.simulation.disk import Faults, SimulatedDisk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def disk(tmp_path: Path) -> SimulatedDisk:
    (tmp_path / "db").mkdir()
    return SimulatedDisk(tmp_path / "db", Faults(), lambda: None)


def left(disk: SimulatedDisk, *, kept: bool, cut: int | None = None) -> dict[str, bytes]:
    """What is there after a loss of power that keeps all that was not synced, or nothing."""
    path = disk.root.parent / "left"
    events = disk.trace.events
    chooser = random.Random(0)
    chooser.random = lambda: 0.5  # type: ignore[method-assign]  # nothing is torn
    disk.trace.loss(len(events) if cut is None else cut, lambda: kept, chooser, path)
    files = [each for each in path.rglob("*") if each.is_file()]
    found = {str(each.relative_to(path)): each.read_bytes() for each in files}
    path.rename(path.with_name(f"left {len(list(disk.root.parent.iterdir()))}"))
    return found


def test_what_was_not_synced_is_kept_or_not(disk: SimulatedDisk):
    file = disk.open_append(disk.root / "a")
    file.append([b"old"])
    file.sync()
    assert left(disk, kept=False) == {}, "the name was not synced"
    disk.sync_directory(disk.root)
    file.append([b"new"])
    assert left(disk, kept=False) == {"a": b"old"}
    assert left(disk, kept=True) == {"a": b"oldnew"}
    file.close()


def test_a_rename_is_done_or_not(disk: SimulatedDisk):
    disk.write_new(disk.root / "a", [b"1"])
    before = len(disk.trace.events)
    disk.write_new(disk.root / "a", [b"2"])
    names = [number for number, e in enumerate(disk.trace.events) if e.kind == "rename"]
    assert left(disk, kept=False, cut=names[-1] + 1) == {"a": b"1"}
    assert left(disk, kept=True, cut=names[-1] + 1) == {"a": b"2"}
    assert left(disk, kept=False, cut=before) == {"a": b"1"}
    assert left(disk, kept=False) == {"a": b"2"}


def test_pages_are_kept_whatever_was_written_before_them(disk: SimulatedDisk):
    disk.write_new(disk.root / "a", [b""])
    file = disk.open_append(disk.root / "a")
    file.append([b"1" * 4096, b"2" * 4096])
    chooser, kept = random.Random(0), iter([False, True])
    chooser.random = lambda: 0.5  # type: ignore[method-assign]
    disk.trace.loss(len(disk.trace.events), lambda: next(kept), chooser, disk.root.parent / "left")
    assert (disk.root.parent / "left" / "a").read_bytes() == bytes(4096) + b"2" * 4096
    file.close()


def test_what_a_failed_sync_was_for_stays_doubtful(disk: SimulatedDisk):
    disk.write_new(disk.root / "a", [b""])
    file = disk.open_append(disk.root / "a")
    file.append([b"1"])
    disk.faults = Faults(at=1)
    with pytest.raises(OSError, match="on purpose") as caught:
        file.sync()
    assert caught.value.errno == errno.EIO
    file.append([b"2"])
    file.sync()
    assert left(disk, kept=False) == {"a": b"\x002"}
    assert left(disk, kept=True) == {"a": b"12"}
    file.close()
