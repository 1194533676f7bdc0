"""The engine as both embedded backends use it: opened once, given back once.

Imports the engine when a database is opened, not before: that is what loads faiss.
"""

from __future__ import annotations

import os
import sys
import warnings
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakSet

from aiomilvus.client.backends.backend import refuse_closed
from aiomilvus.client.backends.embedded.switch_interval import (
    restore_switch_interval,
    shorten_switch_interval,
)
from aiomilvus.collector import uncollected
from aiomilvus.errors import ConnectionConfigException, ConnectionNotExistException

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.client.address import Address
    from aiomilvus.engine.shared_database import SharedDatabase

_MODES = ("rw", "r")
_SETTINGS = frozenset({"threads", "memory"})


class EngineHandle:
    """One client's hold on a database. Several handles on one path share the database.

    Args:
        address: Names the path; its option ``mode`` is ``"rw"`` or ``"r"``; ``threads`` and
            ``memory`` are those of `engine.settings.Settings`.
        owner: Name of the client class, for warnings.
        on_loop: Whether an event loop waits for what the engine does in threads.
    """

    def __init__(self, address: Address, owner: str, *, on_loop: bool = False) -> None:
        self._path = address.path
        self._mode: str = address.options.get("mode", "rw")
        if self._mode not in _MODES:
            raise ConnectionConfigException(
                message=f"`mode` value {self._mode!r} is illegal, should be one of {_MODES}"
            )
        self._settings = {
            name: address.options[name] for name in _SETTINGS & address.options.keys()
        }
        for name, value in self._settings.items():
            if not isinstance(value, int) or isinstance(value, bool):
                raise ConnectionConfigException(
                    message=f"`{name}` value {value!r} is illegal, should be a whole number"
                )
        self._owner = owner
        self._on_loop = on_loop
        self._lock = Lock()
        self._closed = False
        self._forked = False
        self.database: SharedDatabase | None = None
        _HANDLES.add(self)

    def open(self) -> SharedDatabase:
        """Return the database, opened with the first call.

        Raises:
            DatabaseLockedError: Another process has it open; the message says which.
            DataCorruptedError: A file is damaged; the message says which, and where.
            ConnectionNotExistException: The client was closed, or is a forked child's copy.
        """
        with self._lock:
            self._refuse_unusable()
            if self.database is None:
                self.database = _open_database(self._path, self._mode, self._settings)
                if self._on_loop:
                    shorten_switch_interval()
            return self.database

    def _refuse_unusable(self) -> None:
        if self._forked:
            raise ConnectionNotExistException(
                message=f"this {self._owner} was made before the process forked (pid "
                f"{os.getpid()} is a child): make a new client in the child"
            )
        if self._closed:
            refuse_closed()

    @property
    def role(self) -> str:
        """``leads``, or ``follows process …``; "" before it is opened, and in memory."""
        database = self.database
        return "" if database is None else database.role

    def close(self) -> None:
        """Give the database back; it is closed with its last handle. Again does nothing."""
        with self._lock:
            database, self.database = self.database, None
            self._closed = True
        if database is not None:
            self._give_back(database)

    def _give_back(self, database: SharedDatabase) -> None:
        if self._on_loop:
            restore_switch_interval()
        database.close()

    def forget(self) -> None:
        """Make the copy in a forked child unusable; the parent's database is left alone."""
        self._lock = Lock()
        self._forked = True
        self.database = None

    def __del__(self) -> None:
        database = self.__dict__.get("database")
        if database is None or sys.is_finalizing():
            return
        warnings.warn(f"unclosed {self._owner} on {self._path!r}", ResourceWarning, 2, self)
        self.database = None
        self._give_back(database)


_HANDLES: WeakSet[EngineHandle] = WeakSet()


def _forget_all() -> None:
    for handle in list(_HANDLES):
        handle.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _open_database(path: str, mode: str, given: dict[str, int]) -> SharedDatabase:
    with uncollected("aiomilvus.engine.opening"):
        from aiomilvus.engine.opening import (  # noqa: PLC0415 - loads faiss; see above
            open_database,
        )
        from aiomilvus.engine.settings import Settings  # noqa: PLC0415 - as above

    try:
        settings = Settings(**given) if given else None
    except ValueError as error:
        raise ConnectionConfigException(message=str(error)) from None
    return open_database(path, mode="r" if mode == "r" else "rw", settings=settings)


def followers_of(folder: Path) -> list[int] | None:
    """Return the processes that follow whoever leads a directory, None if that one is silent."""
    from aiomilvus.engine.processes.link import followers  # noqa: PLC0415 - as above

    found = followers(folder)
    return None if found is None else list(found)
