"""The embedded backend of `MilvusClient`: the engine is called directly, without a loop."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from aiomilvus.client.backends.embedded.engine import EngineHandle
from aiomilvus.client.told_times import told
from aiomilvus.errors import DeadlineExceededError, SchemaMismatchRetryableException
from aiomilvus.model.operations.data import Read

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from aiomilvus.client.address import Address
    from aiomilvus.engine.database import Database
    from aiomilvus.engine.shared_database import SharedDatabase
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.prepared import Lookup, Prepared, Queries
    from aiomilvus.model.results import QueryResult, SearchResult
    from aiomilvus.model.schema import Schema

R = TypeVar("R")

_MARGIN = 100
"""A read estimated at this part of its timeout is not worth a thread."""
_SCHEMAS = 20
"""So many changes of the schema a write may meet, one after the other, while it is checked."""


class Embedded:
    """Runs operations in the calling thread; safe to use from several.

    A call with a timeout runs in a thread of its own, unless it will surely be quick, and the
    caller waits no longer than that. What was begun goes on: a write that timed out may have
    been made.
    """

    kind = "embedded"

    def __init__(self, address: Address) -> None:
        self._handle = EngineHandle(address, "MilvusClient")
        self._handle.open()

    @property
    def role(self) -> str:
        """What this process is to others that have the directory open; "" before it is opened."""
        return self._handle.role

    def _database(self) -> SharedDatabase:
        return self._handle.database or self._handle.open()

    def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry `operation` out and return its answer.

        Raises:
            DeadlineExceededError: It took longer than `timeout` seconds.
        """
        database = self._database()
        if timeout is None or (
            isinstance(operation, Read) and database.estimate_seconds(operation) * _MARGIN < timeout
        ):
            return database.execute(operation)
        return _within(timeout, lambda: database.execute(operation), type(operation).__name__)

    @property
    def searches(self) -> Embedded:
        """What finds searches that were prepared before, and runs them."""
        return self

    def kept(self, db: str, collection: str, shape: Hashable) -> Prepared | None:
        """Return the search of this shape that was made on the collection as it is now."""
        return self._database().local.kept_search(db, collection, shape)

    def search_again(self, kept: Prepared, queries: Queries, timeout: float | None) -> SearchResult:
        """Return what a search that `kept` found finds for these queries.

        Raises:
            DeadlineExceededError: It took longer than `timeout` seconds.
        """
        database = self._database()
        if timeout is None or kept.seconds(queries) * _MARGIN < timeout:
            return database.search_prepared(kept, (queries,))[0]
        work = partial(database.search_prepared, kept, (queries,))
        return _within(timeout, work, "Search")[0]

    def kept_lookup(self, db: str, collection: str, shape: Hashable) -> Lookup | None:
        """As `kept`, for reads of some keys."""
        return self._database().local.kept_lookup(db, collection, shape)

    def look_up(self, kept: Lookup, keys: Column | None, timeout: float | None) -> QueryResult:
        """Return the rows that a read which `kept_lookup` found finds for these keys."""
        database = self._database()
        if timeout is None or kept.seconds(keys) * _MARGIN < timeout:
            return database.ask(lambda local: local.look_up(kept, keys))
        return _within(
            timeout, lambda: database.ask(lambda local: local.look_up(kept, keys)), "Query"
        )

    def schema(self, db: str, collection: str, timeout: float | None) -> Schema:  # noqa: ARG002 - a look-up
        """Return the collection's current schema."""
        return self._database().schema(db, collection)

    def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,  # noqa: ARG002 - the caller waits either way
        timeout: float | None,
    ) -> R:
        """Build an operation from the schema and carry it out.

        Raises:
            DeadlineExceededError: It took longer than `timeout` seconds; it may have been made.
        """
        database = self._database()
        if timeout is None:
            return write_to(database, db, collection, build)
        return _within(timeout, lambda: write_to(database, db, collection, build), kind.__name__)

    def authenticate(self, user: str, password: str) -> None:
        """Do nothing: an embedded database asks nobody who they are."""

    def close(self) -> None:
        """Give the database back."""
        self._handle.close()


def _within(timeout: float, work: Callable[[], R], phase: str) -> R:
    """Return what `work` returns, run in another thread, or raise when the time is over."""
    answer: Future[R] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised to whoever waits
            answer.set_exception(error)

    threading.Thread(target=run, name="aiomilvus-timed", daemon=True).start()
    if not wait([answer], timeout).done:
        message = f"{phase} took longer than the timeout of {told(timeout)}"
        raise DeadlineExceededError(message=message)
    return answer.result()


def write_to(
    database: SharedDatabase | Database,
    db: str,
    collection: str,
    build: Callable[[Schema], Operation[R]],
) -> R:
    """Build an operation from the schema and carry it out; again when the schema changed.

    Raises:
        SchemaMismatchRetryableException: It changed each of many times.
    """
    for _ in range(_SCHEMAS):
        try:
            return database.execute(build(database.schema(db, collection)))
        except SchemaMismatchRetryableException:
            continue
    return database.execute(build(database.schema(db, collection)))
