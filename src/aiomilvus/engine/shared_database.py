"""A database as one process has it open: it leads the directory, or follows whoever does.

The first process to take the lock leads. Any other reads the files by itself, sends the leader
what would change anything, and takes its place when it closes or dies.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar
from uuid import uuid4

from aiomilvus.engine.database import Database
from aiomilvus.engine.directory import LOCK
from aiomilvus.engine.following import FollowingDatabase, is_answered_by_any
from aiomilvus.engine.processes.announcement import announced, check_compatible, is_left_behind
from aiomilvus.engine.processes.link import LeaderLostError, Link
from aiomilvus.engine.processes.messages import Call
from aiomilvus.engine.processes.patience import SECONDS, Patience
from aiomilvus.engine.serving import Lead
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.storage.lock import holder_of
from aiomilvus.errors import DatabaseClosedError, DatabaseLockedError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from pathlib import Path

    from aiomilvus.engine.settings import Settings
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.prepared import Prepared, Queries
    from aiomilvus.model.results import SearchResult
    from aiomilvus.model.schema import Schema

_log = logging.getLogger(__name__)
R = TypeVar("R")
A = TypeVar("A")
_PAUSE = 0.01
_PAUSE_AFTER_FAILURE = 1.0
_PRECEDENCE = 0.1
"""Who followed a leader that died has all in memory, and takes its place before a newcomer."""


class OpenPath:
    """A path that directories are opened at, one after the other."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        """Held while the path's directory is opened or closed, also by a client that is
        forgotten and collected in the middle of it."""
        self.database: SharedDatabase | None = None


class SharedDatabase:
    """One directory, or a database in memory, as this process has it. Safe from any thread.

    Args:
        path: The directory; None to keep all in memory.
        mode: ``"rw"``, or ``"r"`` to never change anything, whoever leads.
        settings: What the database may take of the machine.

    Attributes:
        users: How many clients of this process use it.
        local: The database that reads run on, replaced when the role changes.

    Raises:
        DatabaseLockedError: Another process leads, and can't be reached.
        StorageError: The leader is of another version, or on another machine.
    """

    def __init__(
        self, path: Path | None, mode: Literal["rw", "r"] = "rw", settings: Settings | None = None
    ) -> None:
        self.path = path
        self.settings_given = settings
        self.users = 1
        self.place = OpenPath()
        self.closed = False
        self._pid = os.getpid()
        self._role = threading.Lock()
        """Held while a role is taken, or let go for good."""
        self._changed = threading.Condition()
        self._lead: Lead | None = None
        self._link: Link | None = None
        if path is None:
            self.local = Database(None, settings=settings)
        elif mode == "r":
            self.local = self._reader(path)
        else:
            if is_left_behind(FileSystem(), path):
                time.sleep(_PRECEDENCE)
            self._take_role(path)
        self._forwards = path is not None and mode == "rw"
        self.settings = self.local.settings

    def _reader(self, path: Path) -> Database:
        with suppress(FileNotFoundError):
            return FollowingDatabase(path, self.settings_given)
        return Database(path, "r", settings=self.settings_given)  # no process ever led

    @property
    def role(self) -> str:
        """``leads``, ``follows process …`` or ``nobody leads``; "" in memory, and once closed."""
        try:
            return self.local.role
        except DatabaseClosedError:
            return ""

    def _take_role(self, path: Path) -> None:
        """Have a role, unless the database is closed meanwhile.

        Raises:
            DatabaseLockedError: For some time there was neither.
        """
        waiting = Patience(path / LOCK)
        while True:
            try:
                with self._role:
                    if not self.closed:
                        self._lead_or_follow(path)
                return
            except DatabaseLockedError as locked:
                if waiting.is_over():
                    message = (
                        f"{locked.message} (it does not answer as the leader of the directory)"
                    )
                    raise DatabaseLockedError(message=message) from None
            time.sleep(_PAUSE)

    def _lead_or_follow(self, path: Path) -> None:
        """Lead if nobody does, else follow whoever does.

        Raises:
            DatabaseLockedError: Somebody leads who can't be followed yet.
        """
        before = getattr(self, "local", None)
        try:
            database = Database(path, settings=self.settings_given, before=before)
        except DatabaseLockedError:
            if not self._follow(path):
                raise
        else:
            self._lead_with(path, database)

    def _lead_with(self, path: Path, database: Database) -> None:
        """Lead the directory, which `database` has open for writing."""
        try:
            lead = Lead(path, database)
        except BaseException:
            database.shut()
            raise
        before = getattr(self, "local", None)
        if before is not None:
            database.take_readers(before)
        with self._changed:
            self.local = database  # first: whoever sees the lead writes to it
            self._lead, self._link = lead, None
            self._changed.notify_all()

    def _follow(self, path: Path) -> bool:
        """Follow the process that leads; return whether one could be reached."""
        told = announced(FileSystem(), path)
        if told is None or told.pid != (holder_of(path / LOCK) or told.pid):
            return False  # it was left by a leader before, and the present one is still opening
        check_compatible(told, path)
        try:
            link = Link(path, told)
        except LeaderLostError:
            return False
        local = getattr(self, "local", None)
        try:
            if not isinstance(local, FollowingDatabase) or local.is_given_up:
                local = FollowingDatabase(path, self.settings_given)
        except BaseException:
            link.close()
            raise
        with self._changed:
            self.local = local
            self._link = link
            self._changed.notify_all()
        try:
            link.watch(self._leader_lost)
        except RuntimeError as error:  # no more threads: a leader that nobody watches is none
            with self._changed:
                self._link = None
            link.close()
            raise StorageError(message=f"{path}: its leader can't be watched: {error}") from error
        return True

    def _leader_lost(self, link: Link) -> None:
        """Take the lost leader's place, or follow whoever takes it. Called by the link's thread."""
        with self._changed:
            if self._link is not link:
                return
            self._link = None
        before = self.local
        while not self.closed and self.path is not None:
            if self._could_take_role(self.path):
                break
        if self.local is not before:
            before.shut()

    def _could_take_role(self, path: Path) -> bool:
        """Take a role; if that fails, say why, wait a while and return False."""
        try:
            self._take_role(path)
        except Exception:  # noqa: BLE001 - whatever it is, somebody has to lead some day
            with self._changed:
                if not self.closed:
                    _log.exception("%s has no leader that this process can follow", path)
                    self._changed.wait_for(lambda: self.closed, _PAUSE_AFTER_FAILURE)
            return False
        return True

    def execute(self, operation: Operation[R]) -> R:
        """Run an operation to its end and return its result.

        Raises:
            MilvusException: The operation was refused, with Milvus' code and the reason.
        """
        if self._forwards and self._lead is None and not is_answered_by_any(operation):
            if self.path is not None and self._pid == os.getpid():
                return self._forward(operation)
            self.local.check_usable()
        return self.ask(lambda local: local.execute(operation))

    def ask(self, question: Callable[[Database], A]) -> A:
        """Return what the database answers that reads run on: the next one if it is replaced."""
        while True:
            local = self.local
            try:
                return question(local)
            except (DatabaseClosedError, StorageError):
                if self.closed or not self._is_replaced(local):
                    raise

    def _is_replaced(self, local: Database) -> bool:
        """Return whether reads run on another database now, waiting while nobody leads.

        Until somebody does, the catalog may be as a leader left it that died while it wrote.
        """
        if self.local is not local:
            return True
        if self._lead or self._link or not self._forwards or self._pid != os.getpid():
            return False
        return self._wait_for_role()

    def _forward(self, operation: Operation[R]) -> R:
        """Let the leader carry out an operation: once, whatever becomes of the leader.

        Raises:
            MilvusException: It was refused.
            StorageError: There was no leader for a while, or it does not run.
        """
        call = Call(uuid4().hex, operation)
        lost: Lead | Link | None = None
        end = 0.0
        while True:
            leader = self._leader()
            try:
                answer = leader.call(call)
            except LeaderLostError:
                # Whoever leads next is asked what became of the call, by its id; so is the same
                # leader, of which only the channel was lost.
                if leader is not lost:
                    lost, end = leader, time.monotonic() + SECONDS
                if time.monotonic() > end:
                    message = (
                        f"{self.path}: the connection to the process that leads was lost; whether "
                        "the call was carried out is not known"
                    )
                    raise StorageError(message=message) from None
                with self._changed:
                    self._changed.wait_for(partial(self._has_successor, leader), _PAUSE)
                call = call._replace(again=True)
                continue
            if answer.error is not None:
                raise answer.error
            result: R = answer.result
            return result

    def _has_successor(self, leader: Lead | Link) -> bool:
        return self.closed or self._link is not leader

    def _wait_for_role(self) -> bool:
        """Return whether this process leads or follows, waiting while nobody leads."""
        wait = Patience(None if self.path is None else self.path / LOCK)
        return wait.until(lambda: self.closed or bool(self._lead or self._link), self._changed)

    def _leader(self) -> Lead | Link:
        """Return who leads, this process or another, waiting while nobody does.

        Raises:
            StorageError: Nobody took the lead for a while.
        """
        leader = self._lead or self._link
        if leader is None and self._wait_for_role():
            leader = self._lead or self._link
        if self.closed:
            raise DatabaseClosedError(message=f"the database {self.path} is closed")
        if leader is None:
            message = f"{self.path}: no process leads the directory, and none could take over"
            raise StorageError(message=message)
        return leader

    def is_behind_for(self, operation: Operation[object]) -> bool:
        """Return whether `catch_up` has something to do before an operation is answered here."""
        if not is_answered_by_any(operation):
            return False  # the leader, which carries it out, is never behind
        return self._ask_if_behind(lambda local: local.is_behind_for(operation))

    def is_schema_behind(self, db: str, collection: str) -> bool:
        """Return whether this follower has to catch up before it can give the schema."""
        return self._ask_if_behind(
            lambda local: local.is_collection_behind(db, collection, rows=False)
        )

    def _ask_if_behind(self, question: Callable[[FollowingDatabase], bool]) -> bool:
        """Return what a database that follows answers; one that leads is never behind."""
        local = self.local
        try:
            return isinstance(local, FollowingDatabase) and question(local)
        except DatabaseClosedError:
            return True  # the role changes just now

    def catch_up(self, operation: Operation[object]) -> None:
        """Catch up with the process that leads, so that an operation is answered quickly."""

        def caught_up(local: Database) -> None:
            if isinstance(local, FollowingDatabase):
                local.catch_up(operation)

        self.ask(caught_up)

    def prepared(self, operation: Operation[object]) -> Prepared | None:
        """As `Database.prepared`."""
        return self.ask(lambda local: local.prepared(operation))

    def batch_key(self, operation: Operation[object]) -> Hashable | None:
        """As `Database.batch_key`."""
        return self.ask(lambda local: local.batch_key(operation))

    def execute_batch(self, operations: Sequence[Search]) -> list[SearchResult]:
        """As `Database.execute_batch`."""
        return self.ask(lambda local: local.execute_batch(operations))

    def search_prepared(self, prepared: Prepared, parts: Sequence[Queries]) -> list[SearchResult]:
        """As `Database.search_prepared`."""
        return self.ask(lambda local: local.search_prepared(prepared, parts))

    def estimate_seconds(self, operation: Operation[object]) -> float:
        """As `Database.estimate_seconds`."""
        return self.ask(lambda local: local.estimate_seconds(operation))

    def schema(self, db: str, name: str) -> Schema:
        """As `Database.schema`."""
        return self.ask(lambda local: local.schema(db, name))

    def forget(self) -> None:
        """Let the copy in a forked child be of no use; the parent's directory is left alone."""
        if self._lead is not None:
            self._lead.forget()
        if self._link is not None:
            self._link.forget()

    def close(self) -> None:
        """Let go of the directory; the last user's call closes it, and another process may lead."""
        with self.place.lock:
            self.users -= 1
            if self.users > 0 or self.closed:
                return
            if self.place.database is self:
                self.place.database = None
            with self._changed:
                self.closed = True
                self._changed.notify_all()
            # Who takes a role meanwhile has it before, or sees that there is nothing to take.
            with self._role:
                self._let_go()

    def _let_go(self) -> None:
        if self._pid != os.getpid():
            return
        with self._changed:
            lead, link = self._lead, self._link
            self._lead = self._link = None
        if link is not None:
            link.close()
        if lead is not None:
            lead.stop()
        self.local.shut()
        if lead is not None:
            lead.close()
