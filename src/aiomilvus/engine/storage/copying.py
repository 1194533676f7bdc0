"""Copying files, and the SHA-256 of what was copied."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiomilvus.engine.storage.files import FileSystem

_PIECE = 1 << 20


def copy_file(
    files: FileSystem, source: Path, target: Path, size: int, tell: Callable[[int], None]
) -> str:
    """Copy the first bytes of a file, durably; the caller syncs the directory.

    Args:
        files: The disk.
        source: What is copied.
        target: A file that does not exist.
        size: How many bytes; a file that has fewer is copied as far as it goes.
        tell: Told the number of bytes after each piece.

    Returns:
        The SHA-256 of what was copied, in hexadecimal digits.
    """
    digest = hashlib.sha256()
    file = files.open_append(target)
    try:
        for piece in _pieces(files, source, size):
            digest.update(piece)
            file.append([piece])
            tell(len(piece))
        file.sync()
    finally:
        file.close()
    return digest.hexdigest()


def digest_file(files: FileSystem, path: Path, tell: Callable[[int], None]) -> str:
    """Return the SHA-256 of a file; arguments as of `copy_file`."""
    digest = hashlib.sha256()
    for piece in _pieces(files, path, files.size_of(path)):
        digest.update(piece)
        tell(len(piece))
    return digest.hexdigest()


def _pieces(files: FileSystem, path: Path, size: int) -> Iterator[bytes]:
    for at in range(0, size, _PIECE):
        piece = files.read(path, at, min(_PIECE, size - at))
        if not piece:
            return
        yield piece
