"""What is opened as a database: nothing that is something else; and that stays as it is."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.errors import StorageError
from aiomilvus.model.operations.collections import CreateCollection, DropCollection
from aiomilvus.model.operations.data import Insert
from aiomilvus.model.operations.maintenance import Flush
from tests.support.batches import batch, schema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOREIGN = {
    "milvus-lite 3": ["LOCK", "collections/c/manifest.json", "databases/"],
    "Chroma": ["chroma.sqlite3", "0e9d3a/data_level0.bin"],
    "LanceDB": ["vectors.lance/_versions/1.manifest"],
    "Qdrant server": ["raft_state.json", "collections/c/config.json"],
    "local Qdrant": ["meta.json", "collection/c/storage.sqlite"],
    "git checkout": [".git/HEAD", "README.md"],
    "it holds a.txt, b.txt, c.txt and 1 more": ["a.txt", "b.txt", "c.txt", "d.txt"],
    "it holds collection-photos": ["collection-photos/a.jpg"],
    "it holds collection-7": ["collection-7/a.jpg"],
    "it holds lock": ["lock/a"],
}


def fill(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"this is {name}")


def contents(folder: Path) -> dict[str, bytes]:
    found = sorted(folder.rglob("*"))
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in found}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("mode", ["rw", "r"])
def test_a_folder_of_something_else_is_refused_by_what_it_looks_like(
    tmp_path: Path, what: str, mode: str
):
    fill(tmp_path / "it", FOREIGN[what])
    before = contents(tmp_path / "it")
    with pytest.raises(StorageError) as caught:
        Database(tmp_path / "it", mode)  # type: ignore[arg-type]
    assert what.split(maxsplit=1)[0] in caught.value.message
    assert what.rsplit(maxsplit=1)[-1] in caught.value.message
    assert "Nothing was changed" in caught.value.message
    assert contents(tmp_path / "it") == before


def test_a_folder_of_milvus_lite_is_refused_with_the_command_that_moves_it(tmp_path: Path):
    fill(tmp_path / "lite.db", FOREIGN["milvus-lite 3"])
    with pytest.raises(StorageError) as caught:
        Database(tmp_path / "lite.db")
    assert f"aiomilvus copy {tmp_path / 'lite.db'} NEW_DIRECTORY" in caught.value.message


@pytest.mark.parametrize("version", [0, 1, 3, 9])
def test_an_sqlite_file_of_another_program_is_no_catalog(tmp_path: Path, version: int):
    path = tmp_path / "it"
    path.mkdir()
    sql = sqlite3.connect(path / "catalog.sqlite")
    sql.execute("CREATE TABLE books (title TEXT)")
    sql.execute(f"PRAGMA user_version={version}")
    sql.commit()
    sql.close()
    before = (path / "catalog.sqlite").read_bytes()
    for mode in ("rw", "r"):
        with pytest.raises(StorageError, match="not a catalog of aiomilvus"):
            Database(path, mode)
    assert (path / "catalog.sqlite").read_bytes() == before


def test_a_file_in_the_place_of_the_directory_is_named(tmp_path: Path):
    (tmp_path / "text").write_text("a")
    with pytest.raises(StorageError, match="is a file, but a database is a directory"):
        Database(tmp_path / "text")
    sql = sqlite3.connect(tmp_path / "lite.db")
    sql.execute("CREATE TABLE a (b)")
    sql.close()
    with pytest.raises(StorageError, match="milvus-lite 2"):
        Database(tmp_path / "lite.db")


@pytest.mark.parametrize(
    "left",
    [
        [],
        ["lock"],
        ["lock", "catalog.sqlite"],
        ["lock", "catalog.sqlite", "catalog.sqlite-journal"],
        ["lost+found/"],
        [".DS_Store"],
    ],
)
def test_an_empty_folder_or_one_whose_making_was_cut_short_becomes_a_database(
    tmp_path: Path, left: list[str]
):
    fill(tmp_path / "it", [name for name in left if name not in ("lock", "catalog.sqlite")])
    (tmp_path / "it").mkdir(exist_ok=True)
    for name in left:
        if name.startswith(("lock", "catalog")):
            (tmp_path / "it" / name).write_bytes(b"4711" if name == "lock" else b"")
    for _ in range(2):
        Database(tmp_path / "it").close()


def collections(path: Path) -> list[Path]:
    return list(path.glob("collection-*"))


def filled(path: Path, name: str = "c") -> Database:
    database = Database(path)
    database.execute(CreateCollection(collection=name, schema=schema()))
    database.execute(Insert(collection=name, batch=batch([1, 2, 3], 1)))
    return database


def test_a_dropped_collection_leaves_no_folder(tmp_path: Path):
    database = filled(tmp_path / "db")
    database.execute(DropCollection(collection="c"))
    assert collections(tmp_path / "db") == []
    for _ in range(2):
        database.execute(CreateCollection(collection="c", schema=schema()))
        database.execute(Insert(collection="c", batch=batch([1, 2, 3], 1)))
        database.execute(Flush(collection="c"))
        database.execute(Insert(collection="c", batch=batch([4], 1)))
    database.wait_idle()
    held = database.snapshot("", "c")
    database.execute(DropCollection(collection="c"))
    assert [
        each.name[:8] for (folder,) in [collections(tmp_path / "db")] for each in folder.iterdir()
    ]
    assert len(held.views) == 2
    del held
    database.wait_idle()
    assert collections(tmp_path / "db") == []
    database.close()


def test_nothing_is_acknowledged_once_the_directory_was_removed(tmp_path: Path):
    path = tmp_path / "db"
    database = filled(path)
    database.execute(CreateCollection(collection="d", schema=schema()))
    many = list(range(100, 60_100))
    shutil.rmtree(path)
    for operation in (
        Insert(collection="c", batch=batch([4], 1)),
        Insert(collection="d", batch=batch([4], 1)),
        Insert(collection="c", batch=batch(many, 1)),
        CreateCollection(collection="e", schema=schema()),
        Flush(collection="c"),
    ):
        with pytest.raises(StorageError):
            database.execute(operation)
        assert not path.exists()
    database.close()
    assert not path.exists()
