"""Transactions of the catalog: a commit that fails after it was made is told from one before."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus.engine.catalog.catalog import Catalog
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import StorageError, WritesPoisonedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class FailingCommits:
    """A connection whose next commit fails, as a disk lets it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.error: sqlite3.Error | None = None
        self.is_made = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: Any) -> Any:
        if statement != "COMMIT" or self.error is None:
            return self._connection.execute(statement, *values)
        error, self.error = self.error, None
        self._connection.execute("COMMIT" if self.is_made else "ROLLBACK")
        raise error


def failure(name: str, text: str) -> sqlite3.Error:
    error = sqlite3.OperationalError(text)
    if name:  # Python 3.10 names none
        error.sqlite_errorname = name
    return error


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite", FileSystem())
    with catalog.transaction():
        catalog.put_fact("kept", 1)
    catalog._sql = FailingCommits(catalog._sql)  # type: ignore[assignment]
    yield catalog
    catalog.close()


@pytest.mark.parametrize("text", ["disk I/O error", ""])
@pytest.mark.parametrize("name", ["SQLITE_IOERR_DIR_FSYNC", ""])
def test_what_may_have_been_committed_is_the_last_change(
    catalog: Catalog, name: str, text: str
) -> None:
    given: Any = catalog._sql
    given.error, given.is_made = failure(name, text), True
    with pytest.raises(WritesPoisonedError), catalog.transaction():
        catalog.put_fact("kept", 2)
    with (
        pytest.raises(WritesPoisonedError, match="refuses changes until it is opened again"),
        catalog.transaction(),
    ):
        catalog.put_fact("kept", 3)
    assert catalog.facts()["kept"] == 2


@pytest.mark.parametrize("name", ["SQLITE_FULL", ""])
def test_what_was_rolled_back_can_be_tried_again(catalog: Catalog, name: str) -> None:
    given: Any = catalog._sql
    given.error = failure(name, "database or disk is full")
    with pytest.raises(StorageError, match="full") as refused, catalog.transaction():
        catalog.put_fact("kept", 2)
    assert type(refused.value) is StorageError
    assert catalog.facts()["kept"] == 1
    with catalog.transaction():
        catalog.put_fact("kept", 3)
    assert catalog.facts()["kept"] == 3
