"""The file beside an index that keeps its codes: derived, so that it may be missing or go."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.container import map_container, write_container
from aiomilvus.errors import MilvusException

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aiomilvus.engine.index.dense.unit_storage import Arrays
    from aiomilvus.engine.storage.files import FileSystem

_log = logging.getLogger(__name__)


def codes_name(index_id: int) -> str:
    """Return the name of the file with an index' codes."""
    return f"c{index_id}.amv"


class CodesFile:
    """Keeps codes in a file of a segment's folder.

    Args:
        files: The disk.
        path: The file.
        may_write: Whether this process is the one that writes to the folder.
    """

    def __init__(self, files: FileSystem, path: Path, may_write: Callable[[], bool]) -> None:
        self._files = files
        self._path = path
        self._may_write = may_write

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
        if not (self._may_write() and self._files.is_folder(self._path.parent)):
            return False
        try:
            write_container(self._files, self._path, arrays, description)
        except (OSError, MilvusException) as error:
            _log.info("codes are in memory alone: %s", error)
            return False
        return True
