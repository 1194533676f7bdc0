"""The database directory: what is in it by name, whether it is one, and what may be removed.

Nothing is opened as a database that is not one, or empty, and nothing is removed but what this
package wrote: its name follows the pattern exactly, its number was given out by the catalog of
this directory, and so does everything in it (docs/formats/directory.md).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.lock import TOLD
from aiomilvus.errors import DataCorruptedError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from aiomilvus.engine.storage.files import FileSystem

CATALOG = "catalog.sqlite"
JOURNAL = "catalog.sqlite-journal"
LOCK = "lock"
FILES = "files"
LOG = re.compile(r"log-(\d{8})\.amv")
_NUMBER = r"(0|[1-9]\d{0,18})"
_FOLDER = re.compile(rf"(?:collection|snapshot)-{_NUMBER}")
_SEGMENT = re.compile(rf"segment-{_NUMBER}")
_LOG_FILE = re.compile(r"log-\d{8}\.amv(\.tmp)?")
_SEGMENT_FILE = re.compile(r"(f\d+|i\d+|c\d+|keys|times|masks-\d+)\.amv(\.tmp)?")
_RESOURCE = re.compile(rf"{_NUMBER}(\.tmp)?")
_PASSED_OVER = frozenset({"lost+found", ".DS_Store"})
"""What a system puts into a directory by itself."""
_SQLITE = b"SQLite format 3\0"
_LITE = (
    "the data of milvus-lite 3; to move it, install that package (`pip install milvus-lite`) and "
    "run `aiomilvus copy {path} NEW_DIRECTORY`"
)
_KINDS = (
    (frozenset({"LOCK", "collections"}), _LITE),
    (frozenset({"LOCK", "databases"}), _LITE),
    (frozenset({"chroma.sqlite3"}), "a Chroma database"),
    (frozenset({"raft_state.json"}), "the storage of a Qdrant server"),
    (frozenset({"meta.json", "collection"}), "a local Qdrant database"),
    (frozenset({".git"}), "a git checkout"),
)


def segment_number(name: str) -> int | None:
    """Return the number of the segment whose folder has that name, None for other names."""
    found = _SEGMENT.fullmatch(name)
    return None if found is None else int(found[1])


def is_segment_file(name: str) -> bool:
    """Return whether a file in a segment's folder is named as this package names them."""
    return _SEGMENT_FILE.fullmatch(name) is not None


def is_unfinished(name: str) -> bool:
    """Return whether a file in a collection's folder was being written by this package."""
    return name.endswith(".tmp") and _LOG_FILE.fullmatch(name) is not None


def is_new(files: FileSystem, path: Path) -> bool:
    """Return whether a database is to be made here: the folder is missing, or as good as empty.

    Raises:
        DataCorruptedError: There are data files, but no catalog that says what they are.
        StorageError: The folder, or file, is something else.
    """
    if files.exists(path) and not files.is_folder(path):
        raise StorageError(message=_not_a_folder(files, path))
    catalog = path / CATALOG
    if files.is_file(catalog) and files.size_of(catalog):
        return False
    found = [entry.name for entry in files.list_folder(path)]
    data = [name for name in found if _FOLDER.fullmatch(name) and _is_ours(files, path / name)]
    if data:
        message = (
            f"{catalog} is missing or empty, but the data files of a database are here "
            f"({_some(data)}): put the catalog back from a backup, or move the directory away to "
            "begin with an empty one. Nothing was changed"
        )
        raise DataCorruptedError(message=message)
    strange = {name for name in found if not _is_beginning(files, path / name)}
    if strange:
        raise StorageError(message=_foreign(path, strange))
    return True


def _is_beginning(files: FileSystem, entry: Path) -> bool:
    """Return whether an entry may be what is left of a database that was never finished."""
    name = entry.name
    if name == LOCK:
        return files.is_file(entry) and TOLD.fullmatch(files.read(entry)) is not None
    if name in (CATALOG, JOURNAL):
        return files.is_file(entry)
    return name in _PASSED_OVER


_ADVICE = "choose another directory, which may be new or empty. Nothing was changed"


def _foreign(path: Path, names: set[str]) -> str:
    for marks, kind in _KINDS:
        if marks <= names:
            return f"{path} looks like {kind.format(path=path)}; {_ADVICE}"
    if any(name.endswith(".lance") for name in names):
        return f"{path} looks like a LanceDB database; {_ADVICE}"
    return f"{path} is not a database, and not empty: it holds {_some(sorted(names))}; {_ADVICE}"


def _not_a_folder(files: FileSystem, path: Path) -> str:
    message = f"{path} is a file, but a database is a directory"
    if files.is_file(path) and files.read(path, 0, len(_SQLITE)) == _SQLITE:
        lite = "if it is a database of milvus-lite 2, export it with `milvus-lite dump`"
        return f"{message}. It looks like an SQLite file; {lite}, or choose another path"
    return message


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")


def _is_ours(files: FileSystem, folder: Path) -> bool:
    """Return whether a folder holds nothing but what this package puts into such a folder."""
    if not files.is_folder(folder):
        return False
    for entry in files.list_folder(folder):
        if _SEGMENT.fullmatch(entry.name) and files.is_folder(entry):
            if not all(is_segment_file(each.name) for each in files.list_folder(entry)):
                return False
        elif _LOG_FILE.fullmatch(entry.name) is None or not files.is_file(entry):
            return False
    return True


def orphans(files: FileSystem, path: Path, known: set[str], first_free: int) -> list[Path]:
    """Return the folders of collections and snapshots that were dropped.

    Args:
        files: The disk.
        path: The database directory.
        known: Names of the folders that the catalog leads to.
        first_free: The catalog never gave out this number, nor one above.
    """
    found = []
    for entry in files.list_folder(path):
        named = _FOLDER.fullmatch(entry.name)
        if named is None or entry.name in known or int(named[1]) >= first_free:
            continue
        if _is_ours(files, entry):
            found.append(entry)
    return found


def orphaned_resources(
    files: FileSystem, folder: Path, known: set[str], first_free: int
) -> list[Path]:
    """Return the files of analyzers that the catalog leads to no longer; arguments likewise."""
    found = []
    for entry in files.list_folder(folder):
        named = _RESOURCE.fullmatch(entry.name)
        if named is None or entry.name in known or int(named[1]) >= first_free:
            continue
        if files.is_file(entry):
            found.append(entry)
    return found
