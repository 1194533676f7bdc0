"""A change that is cut short in memory, by Ctrl-C or a lack of memory, spoils nothing later."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine import recovery
from aiomilvus.engine.collection import Collection
from aiomilvus.engine.database import Database
from aiomilvus.engine.maintenance.seal import rotate, seal
from aiomilvus.engine.segment.growing import GrowingSegment
from aiomilvus.engine.segment.row_masks import MaskTable
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import CollectionNotExistException, WritesPoisonedError
from aiomilvus.model.operations.aliases import AlterAlias, CreateAlias, DescribeAlias
from aiomilvus.model.operations.collections import (
    CreateCollection,
    DropCollection,
    RenameCollection,
    TruncateCollection,
)
from aiomilvus.model.operations.databases import CreateDatabase
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.operations.partitions import CreatePartition
from tests.support import workload
from tests.support.contents import Contents, contents_of
from tests.support.workload import NAME, Step

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from aiomilvus.engine.catalog.catalog import Catalog

BEFORE = Contents({1: 1.0, 2: 1.0}, {1: 1, 2: 1})
AFTER = Contents({1: 2.0, 2: 1.0, 3: 2.0}, {1: 1, 2: 1, 3: 1})


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(tmp_path / "db")
    workload.create(database)
    database.execute(workload.operation(Step("insert", [1, 2], 1.0)))
    return database


def contents(database: Database) -> Contents:
    return contents_of(database.snapshot("", NAME))


def cut_short(monkeypatch: pytest.MonkeyPatch, kind: object, name: str, error: type) -> None:
    """Let a method do its work and then end in `error`, once."""
    real: Callable[..., object] = getattr(kind, name)

    def interrupted(*args: object, **kwargs: object) -> object:
        monkeypatch.setattr(kind, name, real)
        real(*args, **kwargs)
        raise error

    monkeypatch.setattr(kind, name, interrupted)


def reopened(database: Database) -> Database:
    assert database.path is not None
    database.close()
    return Database(database.path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize(
    ("kind", "name"), [(GrowingSegment, "append"), (MaskTable, "delete"), (Collection, "publish")]
)
def test_a_logged_write_cut_short_in_memory_is_made_and_others_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch, kind: type, name: str, error: type
):
    database.execute(Flush(collection=NAME))
    database.execute(workload.operation(Step("insert", [4], 1.0)))
    database.wait_idle()  # a merge publishes, too
    cut_short(monkeypatch, kind, name, error)
    with pytest.raises(error):
        database.execute(workload.operation(Step("upsert", [1, 3], 2.0)))
    made = Contents({**AFTER.newest, 4: 1.0}, {**AFTER.copies, 4: 1})
    assert contents(database) == made
    database.execute(workload.operation(Step("delete", [4], 3.0)))
    assert contents(database) == AFTER
    database = reopened(database)
    assert contents(database) == AFTER
    database.execute(Flush(collection=NAME))
    database = reopened(database)
    assert contents(database) == AFTER
    database.close()


def test_changes_are_refused_while_what_was_cut_short_cannot_be_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    write = workload.operation(Step("upsert", [1, 3], 2.0))
    cut_short(monkeypatch, GrowingSegment, "append", MemoryError)
    with monkeypatch.context() as patched:
        patched.setattr(recovery, "LogReader", lambda *_: open_too_many())
        with pytest.raises(MemoryError):
            database.execute(write)
        for operation in (
            write,
            workload.operation(Step("delete", [1], 3.0)),
            Flush(collection=NAME),
            TruncateCollection(collection=NAME),
            DropCollection(collection=NAME),
            CreatePartition(collection=NAME, partition="p"),
        ):
            with pytest.raises(WritesPoisonedError, match=r"MemoryError.*Too many open"):
                database.execute(operation)
            assert contents(database) == BEFORE
    database.execute(workload.operation(Step("delete", [3], 3.0)))
    assert contents(database) == Contents({1: 2.0, 2: 1.0}, {1: 1, 2: 1})
    database.execute(CreatePartition(collection=NAME, partition="p"))
    database = reopened(database)
    assert contents(database) == Contents({1: 2.0, 2: 1.0}, {1: 1, 2: 1})
    database.close()


def open_too_many() -> None:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def test_rows_brought_back_while_others_are_sealed_are_in_a_log_until_they_are_sealed(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    collection = database.collection("", NAME)
    rotate(collection)
    cut_short(monkeypatch, GrowingSegment, "append", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        database.execute(workload.operation(Step("upsert", [1, 3], 2.0)))
    seal(collection)
    assert contents(database) == AFTER
    database = reopened(database)
    assert contents(database) == AFTER
    database.close()


def test_a_drop_and_a_rename_cut_short_behind_their_commit_are_made(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    collection = database.collection("", NAME)
    database.wait_idle()
    cut_short(monkeypatch, Collection, "publish", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        database.execute(RenameCollection(collection=NAME, new_name="other"))
    assert database.names.find("", NAME) is None
    assert contents_of(database.snapshot("", "other")) == BEFORE
    cut_short(monkeypatch, Collection, "empty", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        database.execute(DropCollection(collection="other"))
    assert database.names.find("", "other") is None
    with pytest.raises(CollectionNotExistException):
        collection.check_writable()
    database.execute(DropCollection(collection="other"))
    workload.create(database)
    assert contents(database) == Contents({}, {})
    database = reopened(database)
    assert contents(database) == Contents({}, {})
    database.close()


def test_a_database_in_memory_is_spared_half_a_write_too(monkeypatch: pytest.MonkeyPatch):
    database = Database(None)
    workload.create(database)
    database.execute(workload.operation(Step("insert", [1, 2], 1.0)))
    cut_short(monkeypatch, GrowingSegment, "append", KeyboardInterrupt)
    write = workload.operation(Step("upsert", [1, 3], 2.0))
    with pytest.raises(KeyboardInterrupt):
        database.execute(write)
    with pytest.raises(WritesPoisonedError, match="KeyboardInterrupt"):
        database.execute(write)
    assert contents(database) == BEFORE
    database.close()


def test_sealing_cut_short_behind_its_commit_seals_nothing_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    cut_short(monkeypatch, Collection, "add_sealed", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        database.execute(Flush(collection=NAME))
    for _ in range(2):
        assert contents(database) == BEFORE
        assert len(database.collection("", NAME).sealed) == 1
        database.execute(Flush(collection=NAME))
        database = reopened(database)
    database.close()


class Interrupting:
    """The catalog's connection, cut short once it has carried out a statement."""

    def __init__(self, catalog: Catalog, statement: str) -> None:
        self._sql = catalog._sql
        self._statement = statement

    def __getattr__(self, name: str) -> object:
        return getattr(self._sql, name)

    def execute(self, statement: str, values: tuple[str | int, ...] = ()) -> sqlite3.Cursor:
        done = self._sql.execute(statement, values)
        if statement == self._statement:
            self._statement = ""
            raise KeyboardInterrupt
        return done


def named(database: Database) -> tuple[object, ...]:
    names = database.names
    records = {number: each.record for number, each in database.collections.items()}
    return names.databases, names.collections_in(""), names.aliases_in(""), records


@pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "COMMIT"])
def test_a_definition_cut_short_in_the_catalog_is_known_as_it_is_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch, statement: str
):
    for operation in (
        CreateCollection(collection="other", schema=database.schema("", NAME)),
        CreateAlias(collection=NAME, alias="alias"),
        CreateDatabase(db="another"),
        CreatePartition(collection=NAME, partition="p"),
        RenameCollection(collection=NAME, new_name="renamed"),
        DropCollection(collection="other"),
    ):
        database.catalog.next_id()  # it takes none meanwhile, which is a transaction of its own
        with monkeypatch.context() as patched:
            cut = Interrupting(database.catalog, statement)
            patched.setattr(database.catalog, "_sql", cut)
            with pytest.raises(KeyboardInterrupt):
                database.execute(operation)
        before = named(database)
        database = reopened(database)
        assert named(database) == before, operation
        if statement == "BEGIN IMMEDIATE":
            database.execute(operation)
            database = reopened(database)
    assert "another" in database.names.databases
    assert contents_of(database.snapshot("", "renamed")) == BEFORE
    database.close()


def test_an_alias_altered_when_ctrl_c_strikes_leads_reads_where_it_is_said_to_lead(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    schema = database.schema("", NAME)
    database.execute(CreateCollection(collection="other", schema=schema))
    database.execute(CreateAlias(collection=NAME, alias="alias"))
    assert contents_of(database.snapshot("", "alias")) == BEFORE  # which is remembered
    database.catalog.next_id()
    with monkeypatch.context() as patched:
        patched.setattr(database.catalog, "_sql", Interrupting(database.catalog, "COMMIT"))
        with pytest.raises(KeyboardInterrupt):
            database.execute(AlterAlias(collection="other", alias="alias"))
    assert database.execute(DescribeAlias(alias="alias")).collection == "other"
    assert contents_of(database.snapshot("", "alias")) == Contents({}, {})
    database = reopened(database)
    assert contents_of(database.snapshot("", "alias")) == Contents({}, {})
    database.close()


def test_a_file_is_closed_once_though_an_interrupt_strikes_while_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = FileSystem().open_append(tmp_path / "a")
    cut_short(monkeypatch, os, "close", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        file.close()
    file.close()
