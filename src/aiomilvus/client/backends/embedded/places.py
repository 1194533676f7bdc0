"""Whether a database is, or may be made, where a program is told to look for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.directory import is_new
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import ConnectionConfigException, DataCorruptedError, StorageError

if TYPE_CHECKING:
    from pathlib import Path


def check_place(path: Path, *, may_be_new: bool) -> None:
    """Raise unless a directory holds a database, or is one that may be made into a database.

    Args:
        path: The directory.
        may_be_new: Whether it may also be empty, or not be there.

    Raises:
        ConnectionConfigException: There is nothing, or something else.
        DataCorruptedError: Its catalog is gone.
    """
    try:
        empty = is_new(FileSystem(), path)
    except DataCorruptedError:
        raise
    except StorageError as error:
        raise ConnectionConfigException(message=error.message) from error
    except OSError as error:
        message = f"{path} can't be read: {error.strerror}"
        raise ConnectionConfigException(message=message) from error
    if empty and not may_be_new:
        message = f"there is no database at {path}: give the directory of one"
        raise ConnectionConfigException(message=message)
