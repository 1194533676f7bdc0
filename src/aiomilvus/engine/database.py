"""A database directory that runs operations: one instance for each path and process.

`open_database` hands out the instance and counts its users; the last one's `close` closes it.
`Database.execute` runs any operation; what each one does is in `operations`.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from weakref import WeakValueDictionary

from aiomilvus.engine.denials import Denials
from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.operations.handlers import HANDLERS
from aiomilvus.engine.query.search.cost import estimate_cost
from aiomilvus.engine.query.search.prepared import batch_key, prepared_before, run_batch
from aiomilvus.engine.state import MEMORY, DatabaseState
from aiomilvus.errors import MilvusException, NotSupportedError, ParamError
from aiomilvus.model.operations.data import Read, Search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.caches import Prepared
    from aiomilvus.engine.settings import Settings
    from aiomilvus.engine.storage.files import FileSystem
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.results import SearchResult

R = TypeVar("R")


class Database(DatabaseState):
    """One open database that runs operations. Safe to use from any thread.

    Args:
        path: Its directory, made if it does not exist, or None to keep all in memory.
        mode: ``"rw"``, or ``"r"`` to never write anything, not even a lock.
        files: The disk; tests hand in one that fails.
        settings: What it may take of the machine.
    """

    def __init__(
        self,
        path: Path | None,
        mode: Literal["rw", "r"] = "rw",
        files: FileSystem | None = None,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(path, mode, files, settings)
        self.users = 1
        self.place = Place()
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

    def _check_allowed(self, operation: Operation[Any]) -> None:
        """Raise QuotaExceededError if a database that the operation touches forbids it."""
        self._denials.check(operation, self.names.databases)

    def prepared(self, operation: Operation[Any]) -> Prepared | None:
        """Return a search prepared if such a one was made before; takes microseconds.

        Raises:
            MilvusException: The operation is refused.
        """
        if not isinstance(operation, Search):
            return None
        self.check_usable()
        self._check_allowed(operation)
        return prepared_before(self.snapshot(operation.db, operation.collection), operation)

    def batch_key(self, operation: Operation[Any]) -> Any:
        """Return a key shared by searches that can be run as one, None for all others."""
        if not isinstance(operation, Search):
            return None
        return batch_key(self.snapshot(operation.db, operation.collection), operation)

    def execute_batch(
        self, operations: Sequence[Search], prepared: Prepared | None = None
    ) -> list[SearchResult]:
        """Run searches that share a `batch_key` as one and return each one's result.

        Args:
            operations: The searches.
            prepared: What they are all, where `prepared` told.

        Raises:
            MilvusException: One was refused, and so all were: they differ in vectors only.
        """
        self.check_usable()
        first = operations[0]
        if prepared is None:
            self._check_allowed(first)
        try:
            with without_warnings():
                if prepared is None:
                    return run_batch(self.snapshot(first.db, first.collection), operations)
                return prepared.search_all(operations)
        except OSError as error:
            raise self.failed(error) from error

    def estimate_seconds(self, operation: Operation[Any]) -> float:
        """Return how long a read will take, roughly."""
        if not isinstance(operation, Read):
            return 0.0
        try:
            snapshot = self.snapshot(operation.db, operation.collection)
        except MilvusException:
            return 0.0  # it is refused at once
        return estimate_cost(snapshot, operation) / 1e6

    def close(self) -> None:
        """Let go of the database; the last user's call closes it and frees the lock."""
        with self.place.lock:
            self.users -= 1
            if self.users > 0:
                return
            if self.place.database is self:
                self.place.database = None
            self.shut()


class Place:
    """A path that databases are opened at, one after the other."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        """Held while the path's database is opened or closed, also by a client that is
        forgotten and collected in the middle of it."""
        self.database: Database | None = None


_PLACES: WeakValueDictionary[tuple[Path, bool], Place] = WeakValueDictionary()
_LOOKING = threading.Lock()
_INHERITED: list[Place] = []


def _begin_anew() -> None:
    """Let a forked child open databases of its own, whatever the parent was about to do.

    The parent's are kept as they are: to close one would end a transaction under way there.
    """
    global _LOOKING  # noqa: PLW0603 - another thread of the parent may hold it
    _LOOKING = threading.Lock()
    _INHERITED.extend(_PLACES.values())
    _PLACES.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def open_database(
    path: str | Path, *, mode: Literal["rw", "r"] = "rw", settings: Settings | None = None
) -> Database:
    """Return the process' instance for `path`; call its `close` when done with it.

    Args:
        path: A directory, or ``":memory:"`` for a new database of one's own in memory.
        mode: ``"rw"``, or ``"r"`` for reading only.
        settings: What it may take of the machine; None for the defaults, or for what it has
            where it is open already.

    Raises:
        DatabaseLockedError: Another process has it open for writing.
        DataCorruptedError: A file is damaged.
        StorageError: The path can't hold, or does not hold, a database.
        ParamError: This process has it open with other settings.
    """
    if str(path) == MEMORY:
        return Database(None, settings=settings)
    key = (Path(path).expanduser().resolve(), mode == "r")
    with _LOOKING:
        place = _PLACES.setdefault(key, Place())
    with place.lock:
        held = place.database
        if held is not None and not held.closed:
            held.users += 1
            if settings is not None and settings != held.settings:
                held.close()
                message = f"{key[0]} is open in this process with {held.settings}, not {settings}"
                raise ParamError(message=message)
            return held
        database = place.database = Database(key[0], mode, settings=settings)
        database.place = place
        return database
