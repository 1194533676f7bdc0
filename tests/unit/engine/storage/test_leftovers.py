"""What can't be removed yet is removed later, and never what has its name by then."""

from pathlib import Path

import pytest

from aiomilvus.engine.storage import leftovers
from aiomilvus.engine.storage.append_file import BINARY
from aiomilvus.engine.storage.files import FileSystem
from tests.support.windows_disk import WindowsDisk


def test_a_file_in_use_goes_with_the_next_removal_after_its_use(tmp_path: Path):
    disk = WindowsDisk()
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    with (tmp_path / "a").open("rb"):
        disk.unlink(tmp_path / "a")
        assert len(disk.leftovers) == 1
        assert (tmp_path / "a").exists()
    disk.unlink(tmp_path / "b")
    assert not list(tmp_path.iterdir())
    assert not len(disk.leftovers)


def test_what_is_written_anew_under_the_name_stays(tmp_path: Path):
    disk = WindowsDisk()
    (tmp_path / "a").write_bytes(b"a")
    with (tmp_path / "a").open("rb"):
        disk.unlink(tmp_path / "a")
    disk.write_new(tmp_path / "a", [b"new"])
    disk.unlink(tmp_path / "other")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_folder_goes_once_nothing_in_it_is_in_use(tmp_path: Path):
    disk = WindowsDisk()
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "folder" / "inner" / "a").write_bytes(b"a")
    with (tmp_path / "folder" / "inner" / "a").open("rb"):
        disk.remove_folder(tmp_path / "folder")
        assert (tmp_path / "folder" / "inner" / "a").exists()
    disk.unlink(tmp_path / "other")
    assert not list(tmp_path.iterdir())


def test_a_rename_that_stays_refused_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leftovers, "_PAUSES", (0.0, 0.0))
    disk = WindowsDisk()
    (tmp_path / "a").write_bytes(b"old")
    with (tmp_path / "a").open("rb"), pytest.raises(PermissionError):
        disk.write_new(tmp_path / "a", [b"new"])
    assert disk.refusals.count("rename a") == 3
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_elsewhere_a_refusal_is_an_error_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(_: Path, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(FileSystem, "lets_go", True)
    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(PermissionError):
        FileSystem().unlink(tmp_path / "a")


def test_newlines_are_written_as_they_are(tmp_path: Path):
    FileSystem().write_new(tmp_path / "a", [b"1\n2\r\n"])
    assert (tmp_path / "a").read_bytes() == b"1\n2\r\n"
    assert isinstance(BINARY, int)
