"""Backups are of one moment, are compared before they count, and overwrite nothing."""

from __future__ import annotations

import shutil
import threading
import time
from typing import TYPE_CHECKING

import pytest

from aiomilvus import MilvusClient
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.upkeep import pinning
from aiomilvus.engine.upkeep.backup import back_up, check_backup, restore
from aiomilvus.engine.upkeep.manifest import NAME, Entry, Manifest, read_manifest, write_manifest
from aiomilvus.errors import DatabaseLockedError, DataCorruptedError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STRONG = "Strong"


def rows(numbers: range) -> list[dict[str, object]]:
    return [{"id": n, "vector": [float(n), 1.0], "text": f"row {n}"} for n in numbers]


def keys_in(client: MilvusClient, name: str) -> list[int]:
    found = client.query(name, "id >= 0", ["id"], consistency_level=STRONG)
    return sorted(row["id"] for row in found)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with sealed rows, deleted ones, a snapshot, and rows in the log alone."""
    path = tmp_path_factory.mktemp("whole") / "app.db"
    with MilvusClient(str(path)) as client:
        client.create_collection("one", dimension=2)
        client.create_collection("empty", dimension=2)
        client.create_alias("one", "first")
        client.insert("one", rows(range(50)))
        client.flush("one")
        client.delete("one", filter="id < 5")
        client.create_snapshot("before", "one")
        client.insert("one", rows(range(50, 60)))
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "app.db")
    return tmp_path / "app.db"


def until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        time.sleep(0.001)


def names_below(folder: Path) -> set[str]:
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}


@pytest.mark.parametrize("link", [False, True])
def test_what_was_in_the_database_is_in_the_restored_one(
    path: Path, tmp_path: Path, *, link: bool
) -> None:
    told: list[tuple[int, int]] = []
    manifest = back_up(path, tmp_path / "b", link=link, tell=lambda *seen: told.append(seen))
    assert told[0] == (0, manifest.nbytes)
    assert told[-1] == (manifest.nbytes, manifest.nbytes)
    assert names_below(tmp_path / "b" / "data") == {entry.path for entry in manifest.files}
    with MilvusClient(str(path)) as client:
        client.insert("one", rows(range(60, 70)))
        client.drop_collection("empty")
    restore(tmp_path / "b", tmp_path / "new.db")
    with MilvusClient(str(tmp_path / "new.db")) as client:
        assert keys_in(client, "first") == list(range(5, 60))
        assert sorted(client.list_collections()) == ["empty", "one"]
        client.restore_snapshot("before", "one", "again")
        client.load_collection("again")
        assert keys_in(client, "again") == list(range(5, 50))
    check_backup(tmp_path / "b")


def test_a_backup_of_a_database_in_use_is_of_one_moment(tmp_path: Path) -> None:
    """A row goes to `one` first, then to `two`: at no moment has `two` more, or two fewer."""
    path, stop = tmp_path / "app.db", threading.Event()
    with MilvusClient(str(path)) as client:
        for name in ("one", "two"):
            client.create_collection(name, dimension=2)

        def write() -> None:
            n = 0
            while not stop.is_set():
                client.insert("one", rows(range(n, n + 1)))
                client.insert("two", rows(range(n, n + 1)))
                if n % 20 == 19:
                    client.flush("one")
                n += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(3):
                until(lambda: len(keys_in(client, "two")) > 0)
                before = len(keys_in(client, "two"))
                back_up(path, tmp_path / f"b{number}")
                restore(tmp_path / f"b{number}", tmp_path / f"r{number}")
                with MilvusClient(str(tmp_path / f"r{number}"), mode="r") as restored:
                    one, two = keys_in(restored, "one"), keys_in(restored, "two")
                assert one == list(range(len(one)))
                assert two == list(range(len(two)))
                assert len(two) >= before
                assert 0 <= len(one) - len(two) <= 1
        finally:
            stop.set()
            writer.join()
    assert not (path / pinning.STAGING).exists()


def test_files_that_go_while_they_are_copied_are_in_the_backup(path: Path, tmp_path: Path) -> None:
    """Between the moment that a backup is of and its copies, the collection is dropped."""
    with MilvusClient(str(path)) as client:

        def drop(done: int, _total: int) -> None:
            if done == 0:
                client.drop_snapshot("before", "one")
                client.drop_collection("one")

        client.drop_alias("first")
        back_up(path, tmp_path / "b", tell=drop)
        assert not client.has_collection("one")
    restore(tmp_path / "b", tmp_path / "new.db")
    with MilvusClient(str(tmp_path / "new.db")) as client:
        assert keys_in(client, "one") == list(range(5, 60))


def test_nothing_is_overwritten_and_nothing_is_made_inside(path: Path, tmp_path: Path) -> None:
    before = names_below(tmp_path)
    with pytest.raises(StorageError, match=r"app\.db exists and is not empty"):
        back_up(path, path)
    with pytest.raises(StorageError, match="is in the database"):
        back_up(path, path / "b")
    with pytest.raises(StorageError, match=r"there is no database at .*nothing\.db"):
        back_up(tmp_path / "nothing.db", tmp_path / "b")
    assert names_below(tmp_path) <= before | {"app.db/backup.lock", "app.db/board.amv"}
    assert not (tmp_path / "nothing.db").exists()
    back_up(path, tmp_path / "b")
    with pytest.raises(StorageError, match=r"app\.db exists and is not empty"):
        restore(tmp_path / "b", path)
    with pytest.raises(StorageError, match="is in the backup"):
        restore(tmp_path / "b", tmp_path / "b" / "new.db")
    with pytest.raises(StorageError, match="is no backup"):
        restore(path, tmp_path / "new.db")
    (tmp_path / "new.db.partial").mkdir()
    with pytest.raises(StorageError, match=r"new\.db\.partial exists"):
        restore(tmp_path / "b", tmp_path / "new.db")


def test_a_second_backup_at_the_same_time_is_refused(path: Path, tmp_path: Path) -> None:
    files = FileSystem()
    with pinning.pinned(files, path) as found:
        assert found.files
        with pytest.raises(DatabaseLockedError, match=r"another backup of .* is under way"):
            back_up(path, tmp_path / "b")
    assert not (tmp_path / "b.partial").exists()
    back_up(path, tmp_path / "b")


def test_what_a_killed_backup_left_is_removed_by_the_next(path: Path, tmp_path: Path) -> None:
    (path / pinning.STAGING / "collection-1").mkdir(parents=True)
    (path / pinning.STAGING / "collection-1" / "log-00000001.amv").write_bytes(b"old")
    back_up(path, tmp_path / "b")
    assert not (path / pinning.STAGING).exists()
    check_backup(tmp_path / "b")


@pytest.mark.parametrize("pattern", ["*/segment-*/f101.amv", "*/segment-*/keys.amv"])
@pytest.mark.parametrize("what", ["flipped", "longer", "missing"])
def test_a_damaged_database_makes_no_backup(
    path: Path, tmp_path: Path, pattern: str, what: str
) -> None:
    file = next(path.glob(pattern))
    if what == "missing":
        file.unlink()
    elif what == "longer":
        file.write_bytes(file.read_bytes() + b"ZZZZ")
    else:
        content = bytearray(file.read_bytes())
        content[-64] ^= 1
        file.write_bytes(content)
    with pytest.raises(DataCorruptedError) as raised:
        back_up(path, tmp_path / "b")
    assert raised.value.message.startswith(f"{file} "), "the database's file, not its copy"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["app.db"]
    assert not (path / pinning.STAGING).exists()


def test_damage_to_any_file_of_a_backup_is_named_and_nothing_is_restored(
    path: Path, tmp_path: Path
) -> None:
    back_up(path, tmp_path / "b")
    files = sorted(each for each in (tmp_path / "b").rglob("*") if each.is_file())
    assert any(each.name == NAME for each in files)
    for file in files:
        content = file.read_bytes()
        for damaged in (
            bytes([content[0] ^ 1]) + content[1:],
            content[:-1] + bytes([content[-1] ^ 1]),
            content[:-1],
            None,
        ):
            file.unlink()
            if damaged is not None:
                file.write_bytes(damaged)
            with pytest.raises(StorageError, match=file.name) as raised:
                restore(tmp_path / "b", tmp_path / "new.db")
            is_gone = file.name == NAME and damaged is None  # then it is no backup at all
            assert isinstance(raised.value, DataCorruptedError) is not is_gone
            assert not list(tmp_path.glob("new.db*"))
        file.write_bytes(content)
    restore(tmp_path / "b", tmp_path / "new.db")


def test_a_manifest_leads_to_no_file_outside(path: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("../evil", "/etc/passwd", "a/../../evil", "a/b/c/d", "", "a//b"):
        manifest = Manifest(version="1", created="", database="", files=(Entry(name, 1, ""),))
        write_manifest(FileSystem(), tmp_path / "b", manifest)
        with pytest.raises(DataCorruptedError, match="manifest"):
            read_manifest(FileSystem(), tmp_path / "b")
        (tmp_path / "b" / NAME).unlink()
    assert path.exists()


def test_a_backup_of_a_later_format_is_refused_by_its_number(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"manifest": {"format": 2, "parts": []}, "md9": ""}')
    with pytest.raises(StorageError, match="format 2; this version reads 1 to 1"):
        restore(tmp_path, tmp_path.parent / "new.db")
