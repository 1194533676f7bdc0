"""The file beside an index that keeps its codes: derived, so that it may be missing or go."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.container import map_container, write_container
from aiomilvus.errors import MilvusException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiomilvus.engine.index.dense.unit_storage import Arrays
    from aiomilvus.engine.storage.files import FileSystem

_log = logging.getLogger(__name__)


def codes_name(index_id: int) -> str:
    """Return the name of the file with an index' codes."""
    return f"c{index_id}.amv"


class FolderGate:
    """Lets a thread of its own use a folder's files; whoever closes the folder waits for it.

    A file that is still read can't be removed on Windows: nobody reads once it is closed.

    Args:
        is_open: Whether the folder is in use by this process.
        is_writer: Whether this process is the one that writes to it.
    """

    def __init__(self, is_open: Callable[[], bool], is_writer: Callable[[], bool]) -> None:
        self._is_open = is_open
        self._is_writer = is_writer
        self._passing = threading.Lock()

    @contextmanager
    def passing(self, *, to_write: bool) -> Iterator[bool]:
        """Say to the block whether it may read, or write."""
        with self._passing:
            yield self._is_open() and (self._is_writer() or not to_write)

    def is_closed(self) -> bool:
        """Return whether the folder is in use no more."""
        return not self._is_open()

    def wait(self) -> None:
        """Return once nothing is read or written that was begun while the gate was open."""
        with self._passing:
            return


class CodesFile:
    """Keeps codes in a file of a segment's folder.

    Args:
        files: The disk.
        path: The file.
        gate: Says whether it may be read and written.
    """

    def __init__(self, files: FileSystem, path: Path, gate: FolderGate) -> None:
        self._files = files
        self._path = path
        self._gate = gate

    def read(self) -> tuple[Arrays, object] | None:
        """Return what is kept, mapped; None where nothing is, it is damaged, or the gate closed."""
        with self._gate.passing(to_write=False) as may_read:
            if not (may_read and self._files.is_file(self._path)):
                return None
            try:
                kept = map_container(self._files, self._path)
                kept.verify()
            except (OSError, MilvusException) as error:
                _log.warning("codes are derived again: %s", error)
                return None
        return kept.arrays, kept.meta

    def is_over(self) -> bool:
        """Return whether the folder was closed, so that nobody reads what is kept or derived."""
        return self._gate.is_closed()

    def refuse(self, reason: str) -> None:
        """Say that what is kept can't be used, and why; it is replaced by what is kept next."""
        _log.warning("codes are derived again: %s: %s", self._path, reason)

    def write(self, arrays: Arrays, description: object) -> bool:
        """Keep codes; return whether that was done. A full disk is no failure: memory has them."""
        with self._gate.passing(to_write=True) as may_write:
            if not (may_write and self._files.is_folder(self._path.parent)):
                return False
            try:
                write_container(self._files, self._path, arrays, description)
            except (OSError, MilvusException) as error:
                _log.info("codes are in memory alone: %s", error)
                return False
        return True
