"""The files that a directory keeps for analyzers, at opening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.directory import orphaned_resources
from aiomilvus.engine.text.resources import checksum_of, provide
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.catalog.catalog import Catalog
    from aiomilvus.engine.storage.files import FileSystem


def provide_kept(files: FileSystem, folder: Path, catalog: Catalog, *, read_only: bool) -> None:
    """Let analyzers use the files that the catalog names; remove those that it does not.

    Args:
        files: The disk.
        folder: Where the files are.
        catalog: What names them.
        read_only: Remove nothing.

    Raises:
        DataCorruptedError: A file is damaged, or missing.
    """
    kept = catalog.file_resources()
    for each in kept:
        file = folder / str(each.id)
        content = files.read(file) if files.is_file(file) else b""
        if checksum_of(content) != each.checksum:
            raise DataCorruptedError(message=f"{file}: file resource {each.name} is damaged")
        provide(content)
    if not read_only:
        names = {str(each.id) for each in kept}
        for file in orphaned_resources(files, folder, names, catalog.first_free):
            files.unlink(file)
