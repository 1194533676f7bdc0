"""A database that runs operations; what each one does is in `operations`.

`engine.opening` keeps one for each path and process; `engine.shared_database` says whether that
leads the directory, or follows another process.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal, TypeVar

from aiomilvus.engine.denials import Denials
from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.operations.handlers import HANDLERS
from aiomilvus.engine.query.search.cost import estimate_cost
from aiomilvus.engine.query.search.prepared import prepared_before
from aiomilvus.engine.query.search.search_batch import batch_key, run_batch
from aiomilvus.engine.segment.external import KEPT
from aiomilvus.engine.state import DatabaseState
from aiomilvus.errors import MilvusException, NotSupportedError, ParamError, QuotaExceededError
from aiomilvus.model.operations.base import CollectionOperation
from aiomilvus.model.operations.data import Read, Search

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from pathlib import Path

    from aiomilvus.engine.caches import SnapshotCache
    from aiomilvus.engine.settings import Settings
    from aiomilvus.engine.snapshot import SegmentView
    from aiomilvus.engine.storage.files import FileSystem
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.prepared import Lookup, Prepared, Queries
    from aiomilvus.model.results import QueryResult, SearchResult

R = TypeVar("R")
_PAST_SECONDS = 1.0
"""What reading the past is taken for, where rows may have to be made from the log first."""
K = TypeVar("K", "Lookup", "Prepared")


class Database(DatabaseState):
    """One open database that runs operations. Safe to use from any thread.

    Args:
        path: Its directory, made if it does not exist, or None to keep all in memory.
        mode: ``"rw"``, or ``"r"`` to never write anything, not even a lock.
        files: The disk; tests hand in one that fails.
        settings: What it may take of the machine.
        before: What followed the directory until now, and gives up what it has read.
    """

    def __init__(
        self,
        path: Path | None,
        mode: Literal["rw", "r"] = "rw",
        files: FileSystem | None = None,
        settings: Settings | None = None,
        before: DatabaseState | None = None,
    ) -> None:
        super().__init__(path, mode, files, settings, before)
        KEPT.allow(self.settings.most_external)
        self._denials = Denials()
        self._was_cut_short = False

    def execute(self, operation: Operation[R]) -> R:
        """Run an operation to its end and return its result.

        Raises:
            MilvusException: The operation was refused, with Milvus' code and the reason.
        """
        self.check_usable()
        self._read_again()
        self._check_allowed(operation)
        handler = HANDLERS.get(type(operation))
        if handler is None:
            name = type(operation).__name__
            message = f"{name} is not supported by the embedded engine"
            raise NotSupportedError(message=message)
        try:
            answer: R = handler(self, operation)
        except OSError as error:
            raise self.failed(error) from error
        except BaseException as error:
            if isinstance(error, MemoryError) or not isinstance(error, Exception):
                self._was_cut_short |= operation.traits.kind.changes
                with suppress(Exception):  # the next operation tries again, and is told
                    self._read_again()
            raise
        return answer

    def _read_again(self) -> None:
        """Learn what an operation has changed that was cut short, as by Ctrl-C."""
        if self._was_cut_short:
            self.read_again()
            self._was_cut_short = False

    def _check_allowed(self, operation: Operation[object]) -> None:
        """Raise QuotaExceededError if a database that the operation touches forbids it.

        Raises:
            ParamError: It is one that external collections do not know.
        """
        self._denials.check(operation, self.names.databases)
        if operation.traits.external and isinstance(operation, CollectionOperation):
            number = self.names.find(operation.db, operation.collection)
            known = None if number is None else self.collections.get(number)
            if known is not None and known.record.schema.is_external:
                refused = operation.traits.external.format(known.record.name)
                raise ParamError(message=f"{refused}: invalid parameter")

    def prepared(self, operation: Operation[object]) -> Prepared | None:
        """Return a search prepared if such a one was made before; takes microseconds.

        Raises:
            MilvusException: The operation is refused.
        """
        if not isinstance(operation, Search) or operation.at:
            return None
        self.check_usable()
        self._check_allowed(operation)
        return prepared_before(
            self.snapshot(operation.db, operation.collection, any_name=True), operation
        )

    def kept_search(self, db: str, collection: str, shape: Hashable) -> Prepared | None:
        """Return the search of this shape if one was made on what the collection has now.

        Args:
            db: Name of the database, "" for the default one.
            collection: Name of the collection, or an alias.
            shape: As of the `Search` that was executed.

        Returns:
            None also where searches are refused: the whole way says why, in Milvus' order.
        """
        cache = self._cache_of(db, collection)
        return None if cache is None else self._unless_denied(cache.prepared.get(shape))

    def kept_lookup(self, db: str, collection: str, shape: Hashable) -> Lookup | None:
        """As `kept_search`, for reads of some keys; `shape` is that of the `Query`."""
        cache = self._cache_of(db, collection)
        return None if cache is None else self._unless_denied(cache.lookups.get(shape))

    def _cache_of(self, db: str, collection: str) -> SnapshotCache[SegmentView] | None:
        """Return what a collection's current snapshot keeps.

        None where reading it is refused, or takes longer than a look.
        """
        try:
            self.check_usable()
            self._read_again()
            return self.snapshot(db, collection).cache
        except MilvusException:
            return None

    def _unless_denied(self, kept: K | None) -> K | None:
        if kept is not None:
            try:
                self._check_allowed(kept.operation)
            except QuotaExceededError:
                return None
        return kept

    def look_up(self, lookup: Lookup, keys: Column | None) -> QueryResult:
        """Return the rows with these keys, or what all rows give, by a read that was prepared.

        Raises:
            MilvusException: A key is none.
        """
        self.check_usable()
        try:
            return lookup.look_up(keys)
        except OSError as error:
            raise self.failed(error) from error

    def batch_key(self, operation: Operation[object]) -> Hashable | None:
        """Return a key shared by searches that can be run as one, None for all others."""
        if not isinstance(operation, Search) or operation.at:
            return None
        return batch_key(
            self.snapshot(operation.db, operation.collection, any_name=True), operation
        )

    def execute_batch(self, operations: Sequence[Search]) -> list[SearchResult]:
        """Run searches that share a `batch_key` as one and return each one's result.

        Raises:
            MilvusException: One was refused, and so all were: they differ in vectors only.
        """
        self.check_usable()
        first = operations[0]
        self._check_allowed(first)
        try:
            with without_warnings():
                snapshot = self.snapshot(first.db, first.collection, any_name=True)
                return run_batch(snapshot, operations)
        except OSError as error:
            raise self.failed(error) from error

    def search_prepared(self, prepared: Prepared, parts: Sequence[Queries]) -> list[SearchResult]:
        """Run a prepared search with the queries of several callers; return each one's result.

        Raises:
            MilvusException: The queries of one were refused, and so all were.
        """
        self.check_usable()
        try:
            return prepared.search_batch(parts)
        except OSError as error:
            raise self.failed(error) from error

    def estimate_seconds(self, operation: Operation[object]) -> float:
        """Return how long a read will take, roughly."""
        if not isinstance(operation, Read):
            return 0.0
        if operation.at:
            return _PAST_SECONDS
        try:
            snapshot = self.snapshot(operation.db, operation.collection)
        except MilvusException:
            return 0.0  # it is refused at once
        return estimate_cost(snapshot, operation) / 1e6

    def close(self) -> None:
        """Finish what runs, close all files and free the lock; a second call does nothing."""
        self.shut()
