"""The embedded backend of `MilvusClient`: the engine is called directly, in the caller's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from aiomilvus.client.embedded.engine import EngineHandle
from aiomilvus.errors import SchemaMismatchRetryableException

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.client.address import Address
    from aiomilvus.engine.database import Database
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema

R = TypeVar("R")


class Embedded:
    """Runs operations in the calling thread; safe to use from several.

    A timeout cannot interrupt a call that runs in the caller's own thread, and is not looked
    at here.
    """

    kind = "embedded"

    def __init__(self, address: Address) -> None:
        self._handle = EngineHandle(address, "MilvusClient")
        self._handle.open()

    def _database(self) -> Database:
        return self._handle.database or self._handle.open()

    def execute(self, operation: Operation[R], timeout: float | None) -> R:  # noqa: ARG002 - above
        """Carry `operation` out and return its answer."""
        return self._database().execute(operation)

    def schema(self, db: str, collection: str, timeout: float | None) -> Schema:  # noqa: ARG002
        """Return the collection's current schema."""
        return self._database().schema(db, collection)

    def write(
        self,
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,  # noqa: ARG002 - the caller waits either way
        timeout: float | None,  # noqa: ARG002 - as above
    ) -> R:
        """Build an operation from the schema and carry it out."""
        return write_to(self._database(), db, collection, build)

    def authenticate(self, user: str, password: str) -> None:
        """Do nothing: whoever may open the directory may do everything."""

    def close(self) -> None:
        """Give the database back."""
        self._handle.close()


def write_to(
    database: Database, db: str, collection: str, build: Callable[[Schema], Operation[R]]
) -> R:
    """Build an operation from the schema and carry it out; once more if the schema changed."""
    try:
        return database.execute(build(database.schema(db, collection)))
    except SchemaMismatchRetryableException:
        return database.execute(build(database.schema(db, collection)))
