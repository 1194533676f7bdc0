"""The process' directories by path: opened once, shared by its clients, left behind by forks."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from weakref import WeakValueDictionary

from aiomilvus.engine.shared_database import OpenPath, SharedDatabase
from aiomilvus.engine.state import MEMORY
from aiomilvus.errors import DatabaseNotOpenedError, ParamError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiomilvus.engine.settings import Settings

_PLACES: WeakValueDictionary[tuple[Path, bool], OpenPath] = WeakValueDictionary()
_LOOKING = threading.Lock()
_INHERITED: list[OpenPath] = []


def _begin_after_fork() -> None:
    """Let a forked child open directories of its own, whatever the parent was about to do.

    The parent's are kept as they are: to close one would end a transaction under way there.
    """
    global _LOOKING  # noqa: PLW0603 - another thread of the parent may hold it
    _LOOKING = threading.Lock()
    for place in _PLACES.values():
        if place.database is not None:
            place.database.forget()
    _INHERITED.extend(_PLACES.values())
    _PLACES.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_after_fork)


def open_database(
    path: str | Path, *, mode: Literal["rw", "r"] = "rw", settings: Settings | None = None
) -> SharedDatabase:
    """Return the process' instance for `path`; call its `close` when done with it.

    Args:
        path: A directory, or ``":memory:"`` for a new database of one's own in memory.
        mode: ``"rw"``, or ``"r"`` for reading only.
        settings: What it may take of the machine; None for the defaults, or for what it has
            where it is open already.

    Raises:
        DatabaseLockedError: Another process leads, and can't be reached.
        DataCorruptedError: A file is damaged.
        DatabaseNotOpenedError: The path can't hold, or does not hold, a database, or one of a
            later version; or its leader can't be followed from here.
        ParamError: This process has it open with other settings.
    """
    if str(path) == MEMORY:
        return SharedDatabase(None, settings=settings)
    key = (Path(path).expanduser().resolve(), mode == "r")
    with _LOOKING:
        place = _PLACES.setdefault(key, OpenPath())
    with place.lock:
        held = place.database
        if held is not None and not held.closed:
            held.users += 1
            if settings is not None and settings != held.settings:
                held.close()
                message = f"{key[0]} is open in this process with {held.settings}, not {settings}"
                raise ParamError(message=message)
            return held
        with _opening():
            database = place.database = SharedDatabase(key[0], mode, settings)
        database.place = place
        return database


@contextmanager
def _opening() -> Iterator[None]:
    """Tell whatever keeps a database from being opened apart from later failures of the disk."""
    try:
        yield
    except StorageError as error:
        if type(error) is not StorageError:
            raise  # it says already what this is
        raise DatabaseNotOpenedError(message=error.message) from error
