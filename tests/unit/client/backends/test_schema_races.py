"""Writes of an embedded client that meet changes of the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from aiomilvus.client.backends.embedded.synchronous import write_to
from aiomilvus.errors import SchemaMismatchRetryableException

if TYPE_CHECKING:
    from aiomilvus.engine.database import Database
    from aiomilvus.model.operations.data import Insert


class Changing:
    """A database whose schema changes while each of the next rows are checked."""

    def __init__(self, changes: int) -> None:
        self.version = 0
        self.changes = changes

    def schema(self, _db: str, _collection: str) -> int:
        return self.version

    def execute(self, operation: Any) -> int:
        if self.version < self.changes:
            self.version += 1
            raise SchemaMismatchRetryableException(message="changed meanwhile")
        return cast("int", operation)


def written(changes: int) -> Any:
    database = cast("Database", Changing(changes))
    return write_to(database, "", "c", lambda schema: cast("Insert", schema))


def test_rows_are_made_anew_for_each_schema_that_comes_meanwhile() -> None:
    assert written(5) == 5


def test_a_schema_that_never_rests_is_an_error() -> None:
    with pytest.raises(SchemaMismatchRetryableException):
        written(1000)
