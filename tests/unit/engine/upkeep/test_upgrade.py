"""What older versions wrote is rewritten, and nothing else is."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import DataType, MilvusClient
from aiomilvus.engine.catalog.file import FORMAT
from aiomilvus.engine.segment.key_index import sort_order
from aiomilvus.engine.storage.container import map_container, write_container
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.upkeep.check import check
from aiomilvus.engine.upkeep.upgrade import Upgraded, upgrade
from aiomilvus.errors import DatabaseLockedError, StorageError
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = 300
FILES = FileSystem()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one segment: text keys, a graph under COSINE, an inverted index."""
    path = tmp_path_factory.mktemp("whole") / "app.db"
    rng = np.random.default_rng(1)
    with MilvusClient(str(path)) as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=20)
        schema.add_field("n", DataType.INT64)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=8)
        indexes = client.prepare_index_params()
        indexes.add_index("v", index_type="HNSW", metric_type="COSINE")
        indexes.add_index("n", index_type="INVERTED")
        client.create_collection("c", schema=schema, index_params=indexes)
        data = [{"id": f"k{n}", "n": n, "v": rng.normal(size=8)} for n in range(ROWS)]
        client.insert("c", data)
        client.optimize("c")
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "app.db")
    return tmp_path / "app.db"


def rewritten(file: Path, change: Callable[[dict[str, Any], Any], None]) -> None:
    """Write a container again, changed as an older version would have written it."""
    stored = map_container(FILES, file)
    arrays = {name: array.copy() for name, array in stored.arrays.items()}
    meta = stored.meta
    change(arrays, meta)
    write_container(FILES, file, arrays, meta)


def one(path: Path, name: str) -> Path:
    (found,) = path.glob(f"collection-*/segment-*/{name}")
    return found


def without_times(path: Path) -> str:
    one(path, "times.amv").unlink()
    return "no times of writing"


def with_ordered_keys(path: Path) -> str:
    column = map_container(FILES, one(path, "f100.amv")).arrays
    keys = BytesColumn(column["offsets"], column["data"])

    def change(arrays: dict[str, Any], _meta: object) -> None:
        arrays.clear()
        arrays["order"] = sort_order(keys)

    rewritten(one(path, "keys.amv"), change)
    return "text keys in their order, without hashes"


def with_vectors_in_the_index(path: Path) -> str:
    vectors = map_container(FILES, one(path, "f102.amv")).arrays["values"]

    def change(arrays: dict[str, Any], meta: dict[str, Any]) -> None:
        del arrays["lengths"]
        arrays["vectors"] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        meta["format"] = 1

    rewritten(one(path, "i1.amv"), change)
    return "index v of an older format"


def with_an_index_that_is_read_no_more(path: Path) -> str:
    def change(_arrays: object, meta: dict[str, Any]) -> None:
        meta["format"] = 1

    rewritten(one(path, "i2.amv"), change)
    return "index n of a format that is read no more"


OLDER = [
    without_times,
    with_ordered_keys,
    with_vectors_in_the_index,
    with_an_index_that_is_read_no_more,
]


@pytest.mark.parametrize("make_older", OLDER)
def test_a_segment_of_an_older_format_is_rewritten(
    path: Path, make_older: Callable[[Path], str]
) -> None:
    (before,) = path.glob("collection-*/segment-*")
    was = make_older(path)
    told: list[tuple[int, int]] = []
    place = f"c, segment {before.name.removeprefix('segment-')}"
    assert upgrade(path, tell=lambda *seen: told.append(seen)) == (Upgraded(place, was),)
    assert told == [(0, 1), (1, 1)]
    (after,) = path.glob("collection-*/segment-*")
    assert after.name != before.name
    assert check(path).problems == ()
    with MilvusClient(str(path)) as client:
        assert client.query("c", "n == 7", ["n"]) == [{"n": 7, "id": "k7"}]
        assert client.get("c", ["k299"], ["n"]) == [{"n": 299, "id": "k299"}]
    assert upgrade(path) == ()


def test_a_catalog_of_an_older_format_is_brought_to_the_present_one(path: Path) -> None:
    sql = sqlite3.connect(path / "catalog.sqlite")
    sql.executescript("DELETE FROM facts WHERE name = 'digest'; PRAGMA user_version = 2;")
    sql.close()
    assert upgrade(path) == (Upgraded("catalog", f"format 2, now {FORMAT}"),)
    assert upgrade(path) == ()
    assert check(path).problems == ()


def test_where_all_is_present_nothing_is_written(path: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in path.rglob("*")}
    assert upgrade(path) == ()
    assert {file: file.stat().st_mtime_ns for file in path.rglob("*")} == before


def test_a_database_in_use_is_not_upgraded(path: Path) -> None:
    without_times(path)
    with MilvusClient(str(path)) as client:
        client.list_collections()
        with pytest.raises(DatabaseLockedError, match="is in use: close it"):
            upgrade(path)
    with pytest.raises(StorageError, match="there is no database"):
        upgrade(path.parent / "nothing.db")
