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


class WriteGate:
    """Lets a thread of its own write to a folder; whoever closes the folder waits for it.

    Args:
        is_open: Whether this process is the one that writes to the folder.
    """

    def __init__(self, is_open: Callable[[], bool]) -> None:
        self._is_open = is_open
        self._writing = threading.Lock()

    @contextmanager
    def passing(self) -> Iterator[bool]:
        """Say to the block whether it may write."""
        with self._writing:
            yield self._is_open()

    def wait(self) -> None:
        """Return once nothing is written that was begun while the gate was open."""
        with self._writing:
            return


class CodesFile:
    """Keeps codes in a file of a segment's folder.

    Args:
        files: The disk.
        path: The file.
        gate: Says whether it may be written.
    """

    def __init__(self, files: FileSystem, path: Path, gate: WriteGate) -> None:
        self._files = files
        self._path = path
        self._gate = gate

    def read(self) -> tuple[Arrays, object] | None:
        """Return what is kept, mapped; None where nothing is, or it is damaged."""
        if not self._files.is_file(self._path):
            return None
        try:
            kept = map_container(self._files, self._path)
            kept.verify()
        except (OSError, MilvusException) as error:
            _log.warning("codes are derived again: %s", error)
            return None
        return kept.arrays, kept.meta

    def refuse(self, reason: str) -> None:
        """Say that what is kept can't be used, and why; it is replaced by what is kept next."""
        _log.warning("codes are derived again: %s: %s", self._path, reason)

    def write(self, arrays: Arrays, description: object) -> bool:
        """Keep codes; return whether that was done. A full disk is no failure: memory has them."""
        with self._gate.passing() as may_write:
            if not (may_write and self._files.is_folder(self._path.parent)):
                return False
            try:
                write_container(self._files, self._path, arrays, description)
            except (OSError, MilvusException) as error:
                _log.info("codes are in memory alone: %s", error)
                return False
        return True
