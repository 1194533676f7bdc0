"""What schema changes do to files, logs and the catalog."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aiomilvus.engine.database import Database
from aiomilvus.engine.segment import derived_columns
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import MilvusException, ParamError, ReadOnlyError, StorageError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn, SparseColumn, VectorColumn
from aiomilvus.model.operations.aliases import CreateAlias
from aiomilvus.model.operations.collections import (
    AddField,
    AddFunction,
    AddStructField,
    CreateCollection,
    DescribeCollection,
    DropField,
    DropFunction,
)
from aiomilvus.model.operations.data import Insert, Query
from aiomilvus.model.operations.indexes import CreateIndex, DescribeIndexes, DropIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Compact, Flush
from aiomilvus.model.operations.snapshots import CreateSnapshot, ListSnapshots, RestoreSnapshot
from aiomilvus.model.schema import Field, FunctionSpec, Schema, StructSpec
from aiomilvus.model.types import DataType, FunctionType

NUMBER = Field(name="n", dtype=DataType.INT64, nullable=True, default=7)
SPARSE = Field(name="s", dtype=DataType.SPARSE_FLOAT_VECTOR)
BM25 = FunctionSpec(name="f", type=FunctionType.BM25, inputs=("text",), outputs=("s",))
ADD_BM25 = AddFunction(
    collection="c",
    function=BM25,
    field=SPARSE,
    index_params={"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25"},
)


class Disk(FileSystem):
    """A disk that refuses the next commit of the catalog when it is told to."""

    fails = False

    def commit(self) -> None:
        if self.fails:
            raise OSError("full")


def made(path: Path | None, files: FileSystem | None = None) -> Database:
    database = Database(path, files=files or FileSystem())
    text = Field(
        name="text", dtype=DataType.VARCHAR, max_length=50, params={"enable_analyzer": "true"}
    )
    fields = (
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=2),
        text,
    )
    database.execute(CreateCollection(collection="c", schema=Schema(fields=fields)))
    params = {"index_type": "FLAT", "metric_type": "L2"}
    database.execute(CreateIndex(collection="c", field="v", params=params))
    database.execute(LoadCollection(collection="c"))
    insert(database, 0, 4)
    return database


def insert(database: Database, first: int, stop: int, **more: Column) -> None:
    numbers = np.arange(first, stop)
    columns: dict[str, Column] = {
        "id": FixedColumn(numbers),
        "v": VectorColumn(np.ones((len(numbers), 2), np.float32)),
        "text": BytesColumn.of([b"fox"] * len(numbers)),
        **more,
    }
    database.execute(Insert(collection="c", batch=ColumnBatch(len(numbers), columns)))


def values(database: Database, name: str) -> list[int]:
    asked = Query(collection="c", filter="id >= 0", output_fields=(name,))
    batch = database.execute(asked).batch
    order = np.argsort(batch["id"].arrays()["values"])
    found: list[int] = batch[name].arrays()["values"][order].tolist()
    return found


def file_names(path: Path) -> set[str]:
    return {each.name for each in path.glob("collection-*/segment-*/f*.amv")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db"


def test_records_of_older_schemas_are_replayed(path: Path) -> None:
    database = made(path)
    database.execute(AddField(collection="c", field=NUMBER))
    insert(database, 4, 6, n=FixedColumn(np.array([1, 2])))
    database.execute(ADD_BM25)
    insert(database, 6, 8)
    database.close()
    for _ in range(2):
        database = Database(path)
        assert values(database, "n") == [7, 7, 7, 7, 1, 2, 7, 7]
        views = database.snapshot("", "c").views
        columns = [v.segment.column(database.schema("", "c").by_name["s"]) for v in views]
        assert sum(int(c.indptr[-1]) for c in columns if isinstance(c, SparseColumn)) == 8
        database.execute(Flush(collection="c"))
        database.close()


def test_a_schema_that_newer_rules_forbid_still_grows(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = Field(name="9 lives", dtype=DataType.VARCHAR, max_length=1_000_000)
    fields = (
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=2),
        long,
    )
    database = Database(path)
    with monkeypatch.context() as earlier:
        earlier.setattr("aiomilvus.engine.operations.collections.check_schema", lambda *_: None)
        database.execute(CreateCollection(collection="c", schema=Schema(fields=fields)))
    database.execute(AddField(collection="c", field=NUMBER))
    chunks = StructSpec(name="chunks", max_capacity=4, nullable=True)
    pages = Field(
        name="chunks[page]",
        dtype=DataType.ARRAY,
        element_type=DataType.INT64,
        max_capacity=4,
        struct="chunks",
        nullable=True,
    )
    database.execute(AddStructField(collection="c", struct=chunks, fields=(pages,)))
    for broken in (
        Field(name="8 lives", dtype=DataType.INT64, nullable=True),
        Field(name="x", dtype=DataType.VARCHAR, max_length=1_000_000, nullable=True),
    ):
        with pytest.raises(MilvusException):
            database.execute(AddField(collection="c", field=broken))
    described = database.execute(DescribeCollection(collection="c")).schema
    assert [field.name for field in described.fields][:4] == ["id", "v", "9 lives", "n"]
    assert [struct.name for struct in described.structs] == ["chunks"]
    database.close()


def test_compaction_writes_new_fields_and_drops_the_files_of_old_ones(path: Path) -> None:
    database = made(path)
    database.execute(Flush(collection="c"))
    database.execute(AddField(collection="c", field=NUMBER))
    database.execute(DropField(collection="c", field="text"))
    assert file_names(path) == {"f100.amv", "f101.amv", "f102.amv"}
    database.execute(Compact(collection="c"))
    database.wait_idle()
    assert file_names(path) == {"f100.amv", "f101.amv", "f103.amv"}
    assert values(database, "n") == [7] * 4
    database.close()


def test_what_a_function_computed_is_stored_for_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = made(path)
    database.execute(Flush(collection="c"))
    database.execute(ADD_BM25)
    database.wait_idle()
    assert "f103.amv" in file_names(path)
    database.close()

    def refuse(*_: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(derived_columns, "output_columns", refuse)
    database = Database(path)
    (view,) = database.snapshot("", "c").views
    assert len(view.segment.column(database.schema("", "c").by_name["s"])) == 4
    database.close()


@pytest.mark.parametrize("operation", [ADD_BM25, AddField(collection="c", field=NUMBER)])
def test_a_change_that_the_disk_refuses_did_not_happen(
    path: Path, operation: AddField | AddFunction
) -> None:
    disk = Disk()
    database = made(path, disk)
    before = database.schema("", "c")
    disk.fails = True
    with pytest.raises(StorageError):
        database.execute(operation)
    disk.fails = False
    assert database.schema("", "c") == before
    database.execute(AddField(collection="c", field=NUMBER))
    assert values(database, "n") == [7] * 4
    database.close()


def test_numbers_of_fields_are_never_given_twice(path: Path) -> None:
    database = made(path)
    database.execute(CreateAlias(collection="c", alias="a"))
    numbers = []
    for _ in range(3):
        database.execute(AddField(collection="a", field=NUMBER))
        numbers.append(database.schema("", "c").by_name["n"].id)
        database.execute(DropField(collection="a", field="n"))
        database.close()
        database = Database(path)
    assert numbers == [103, 104, 105]
    assert database.schema("", "c").version == 6
    database.close()


def test_describe_tells_when_the_schema_changed_last() -> None:
    database = made(None)
    describe = DescribeCollection(collection="c")
    first = database.execute(describe).updated_timestamp
    insert(database, 10, 12)
    database.execute(Flush(collection="c"))
    assert database.execute(describe).updated_timestamp == first
    database.execute(AddField(collection="c", field=NUMBER))
    assert database.execute(describe).updated_timestamp > first
    database.close()


def test_a_database_opened_read_only_changes_nothing(path: Path) -> None:
    made(path).close()
    database = Database(path, "r")
    for operation in (
        AddField(collection="c", field=NUMBER),
        ADD_BM25,
        DropFunction(collection="c", name="f", drop_field=True),
        CreateSnapshot(collection="c", name="s"),
    ):
        with pytest.raises((ReadOnlyError, ParamError)):
            database.execute(operation)
    assert not list(path.glob("snapshot-*"))
    database.close()


def test_a_catalog_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    made(path).close()
    with sqlite3.connect(path / "catalog.sqlite") as sql:
        sql.executescript("DROP TABLE snapshots; DROP TABLE restores; PRAGMA user_version=1;")
    sql.close()
    database = Database(path, "r")
    assert database.execute(ListSnapshots()) == ()
    database.close()
    database = Database(path)
    database.execute(CreateSnapshot(collection="c", name="s"))
    database.close()
    database = Database(path)
    assert database.execute(ListSnapshots()) == ("s",)
    database.close()


def test_snapshots_left_by_a_crash_are_removed(path: Path) -> None:
    disk = Disk()
    database = made(path, disk)
    disk.fails = True
    with pytest.raises(MilvusException):
        database.execute(CreateSnapshot(collection="c", name="s"))
    disk.fails = False
    database.close()
    database = Database(path)
    assert not list(path.glob("snapshot-*"))
    database.close()


class LateDisk(FileSystem):
    """A disk that lets something happen before the first file is linked."""

    before: Callable[[], None] | None = None

    def link(self, source: Path, target: Path) -> None:
        if self.before is not None:
            happens, self.before = self.before, None
            happens()
        super().link(source, target)


def test_an_index_may_be_dropped_while_a_snapshot_is_made(path: Path) -> None:
    disk = LateDisk()
    database = made(path, disk)
    database.execute(CreateIndex(collection="c", field="id", params={"index_type": "STL_SORT"}))
    database.execute(Flush(collection="c"))
    database.wait_idle()

    def drop() -> None:
        database.execute(DropIndex(collection="c", name="id"))
        database.wait_idle()

    (number,) = path.glob("collection-*/segment-*/i2.amv")
    disk.before = drop
    database.execute(CreateSnapshot(collection="c", name="s"))
    assert not number.exists()
    database.execute(RestoreSnapshot(collection="c", name="s", target="again"))
    database.wait_idle()
    indexes = database.execute(DescribeIndexes(collection="again"))
    assert [(info.name, info.indexed_rows) for info in indexes] == [("v", 4), ("id", 4)]
    database.close()
