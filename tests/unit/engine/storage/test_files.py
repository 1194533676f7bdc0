"""Files that appear wholly or not at all, and files that only grow."""

import sys
from pathlib import Path

import pytest

from aiomilvus.engine.storage.files import FileSystem
from tests.support.disk import FailingDisk


def test_a_new_file_holds_all_its_parts(tmp_path: Path):
    FileSystem().write_new(tmp_path / "f", [b"ab", memoryview(b"cd"), b""])
    assert (tmp_path / "f").read_bytes() == b"abcd"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("kind", ["write", "sync", "rename"])
def test_a_new_file_that_fails_leaves_the_old_one_as_it_was(tmp_path: Path, kind: str):
    target = tmp_path / "f"
    FileSystem().write_new(target, [b"old"])
    rehearsal = FailingDisk()
    rehearsal.write_new(tmp_path / "rehearsal", [b"new"])
    disk = FailingDisk(rehearsal.operations.index(kind) + 1, once=True)
    with pytest.raises(OSError, match="fails on purpose"):
        disk.write_new(target, [b"new"])
    assert target.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f", "rehearsal"]


def test_a_folder_that_could_not_be_filled_is_gone(tmp_path: Path):
    disk = FailingDisk(3, once=True)
    with (  # noqa: PT012 - the second file is what fails
        pytest.raises(OSError, match="fails on purpose"),
        disk.new_folder(tmp_path / "new"),
    ):
        (tmp_path / "new" / "first").write_bytes(b"1")
        disk.write_new(tmp_path / "new" / "second", [b"2"])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_can_not_be_cut_is_closed_again(tmp_path: Path):
    path = tmp_path / "f"
    path.write_bytes(b"keep-torn")
    descriptors = Path("/proc/self/fd")
    if sys.platform != "linux":
        pytest.skip("this system does not list open files")
    before = len(list(descriptors.iterdir()))
    with pytest.raises(OSError, match="truncate 1 fails on purpose"):
        FailingDisk(1).open_append(path, 4)
    assert len(list(descriptors.iterdir())) == before


def test_a_new_file_and_its_name_are_synced_before_it_counts(tmp_path: Path):
    disk = FailingDisk()
    disk.write_new(tmp_path / "f", [b"a", b"b"])
    names = ["sync"] if disk.has_directory_sync else []
    assert disk.operations == ["write", "write", "sync", "rename", *names]


def test_opening_for_append_cuts_off_what_lies_behind_the_size(tmp_path: Path):
    path = tmp_path / "f"
    path.write_bytes(b"keep-torn")
    file = FileSystem().open_append(path, 4)
    file.append([b"+", b"more"])
    file.sync()
    assert file.size == 9
    file.close()
    file.close()
    assert path.read_bytes() == b"keep+more"


def test_removing_a_file_that_is_gone_is_no_error(tmp_path: Path):
    FileSystem().unlink(tmp_path / "nothing")
