"""Whether single files are what was written: every kind of file by its own checksums."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from aiomilvus.engine.catalog.catalog import Catalog
from aiomilvus.engine.directory import LOG
from aiomilvus.engine.storage.container import map_container
from aiomilvus.engine.storage.frames import MAGICS
from aiomilvus.engine.storage.log_reader import LogReader, acknowledged_part, frames_of
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.storage.files import FileSystem


def check_container(files: FileSystem, path: Path) -> int:
    """Compare all arrays of a column, index, key or mask file; return the bytes of the file.

    Raises:
        DataCorruptedError: It is missing or damaged, or longer than its arrays; the message
            names file and offset.
    """
    container = map_container(files, path)
    container.verify()
    container.verify_rest()
    return files.size_of(path)


def check_log_part(files: FileSystem, path: Path, size: int | None) -> int:
    """Compare the frames of a log's first `size` bytes, None for all; return the bytes.

    Raises:
        DataCorruptedError: They are damaged, or fewer.
        FileNotFoundError: There is no such log.
    """
    if files.read(path, 0, len(MAGICS[0])) not in MAGICS:
        raise DataCorruptedError(message=f"{path} is damaged at offset 0: not a log of this format")
    part = acknowledged_part(files, path, 0, 0, size)
    for _ in frames_of(part):
        pass
    end = part.start + len(part.data)
    if size is not None and end < size:
        message = f"{path} is damaged at offset {end}: {size} bytes of it were acknowledged"
        raise DataCorruptedError(message=message)
    return end


def check_last_log(files: FileSystem, path: Path, least: int) -> int:
    """Compare the frames of the last log of a collection, whose last write may have been torn.

    Args:
        files: The disk.
        path: The log.
        least: So many bytes must be intact.

    Returns:
        The bytes that are.

    Raises:
        DataCorruptedError: They are fewer, or an intact frame follows a damaged one.
        FileNotFoundError: There is no such log.
    """
    reader = LogReader(files, path)
    for _ in reader:
        pass
    if reader.end < least:
        message = f"{path} is damaged at offset {reader.end}: {least} bytes of it were intact when"
        raise DataCorruptedError(message=f"{message} the database was last closed")
    return reader.end


def check_catalog(files: FileSystem, path: Path) -> int:
    """Compare the rows of a catalog with their digest, and its pages; return the bytes.

    Raises:
        DataCorruptedError: They are damaged.
        StorageError: It can't be read, or is of a later format.
    """
    with closing(Catalog(path, files, read_only=True)) as catalog:
        catalog.check_pages()
    return files.size_of(path)


def check_copy(files: FileSystem, path: Path) -> None:
    """Raise DataCorruptedError if a file that was copied from a database is damaged."""
    if LOG.fullmatch(path.name):
        check_log_part(files, path, None)
    elif path.suffix == ".amv":
        check_container(files, path)
    elif path.suffix == ".sqlite":
        check_catalog(files, path)
