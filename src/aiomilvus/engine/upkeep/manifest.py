"""The manifest of a backup: which files it has, how long they are, and their checksums.

Normative text in docs/formats/backup.md.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.errors import DatabaseNotOpenedError, DataCorruptedError

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.storage.files import FileSystem

NAME = "manifest.json"
DATA = "data"
"""The folder of a backup that is a database directory."""
FORMAT = 1
_INSIDE = re.compile(r"(?:[a-z0-9][\w.-]*/){0,2}[a-z0-9][\w.-]*")


class Entry(msgspec.Struct, frozen=True):
    """One file of a backup.

    Attributes:
        path: Where it is in the folder `DATA`, with slashes.
        size: Its bytes.
        sha256: Of its content, in hexadecimal digits.
    """

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds.

    Attributes:
        format: Of the backup.
        version: Of the package that made it.
        created: When, as ISO 8601 in UTC.
        database: The directory that it is of.
        files: Its files.
    """

    format: int = FORMAT
    version: str
    created: str
    database: str
    files: tuple[Entry, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files)


class _Sealed(msgspec.Struct, frozen=True):
    manifest: Manifest
    sha256: str


class _Version(msgspec.Struct, frozen=True):
    format: int


class _Versioned(msgspec.Struct, frozen=True):
    manifest: _Version


def write_manifest(files: FileSystem, backup: Path, manifest: Manifest) -> None:
    """Write a manifest durably, with a checksum of its own."""
    sealed = msgspec.json.encode(_Sealed(manifest, _digest(manifest)))
    files.write_new(backup / NAME, [msgspec.json.format(sealed, indent=1)])


def read_manifest(files: FileSystem, backup: Path) -> Manifest:
    """Return the manifest of a backup.

    Raises:
        DatabaseNotOpenedError: There is no backup, or one of a later format.
        DataCorruptedError: The manifest is damaged.
    """
    path = backup / NAME
    if not files.is_file(path):
        message = f"{backup} is no backup: it has no {NAME}. Give the folder that a backup made"
        raise DatabaseNotOpenedError(message=message)
    content = files.read(path)
    try:
        version = msgspec.json.decode(content, type=_Versioned).manifest.format
        if version > FORMAT:
            message = f"{path} has format {version}; this version reads 1 to {FORMAT}"
            raise DatabaseNotOpenedError(message=message)
        sealed = msgspec.json.decode(content, type=_Sealed)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataCorruptedError(message=f"{path} is damaged: {error}") from error
    if sealed.sha256 != _digest(sealed.manifest) or not all(map(_is_inside, sealed.manifest.files)):
        raise DataCorruptedError(message=f"{path} is damaged: it does not match its checksum")
    return sealed.manifest


def _is_inside(entry: Entry) -> bool:
    """Return whether a file is one of the folder's; a manifest may come from anywhere."""
    return _INSIDE.fullmatch(entry.path) is not None


def _digest(manifest: Manifest) -> str:
    return hashlib.sha256(msgspec.json.encode(manifest)).hexdigest()
