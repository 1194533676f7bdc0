"""Making a backup of a database that may be in use, and a database of a backup.

A backup is a folder with a manifest and, below `data`, a database directory as of one moment.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.copying import copy_file, digest_file
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.engine.upkeep.checksums import check_copy
from aiomilvus.engine.upkeep.manifest import (
    DATA,
    NAME,
    Entry,
    Manifest,
    read_manifest,
    write_manifest,
)
from aiomilvus.engine.upkeep.pinning import pinned
from aiomilvus.errors import DataCorruptedError, StorageError
from aiomilvus.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from aiomilvus.engine.upkeep.pinning import Pinned

    Tell = Callable[[int, int], None]


class _Counted:
    """Tells how many bytes of how many are done."""

    def __init__(self, total: int, tell: Tell) -> None:
        self._done, self._total, self._tell = 0, total, tell
        tell(0, total)

    def add(self, count: int) -> None:
        """Count bytes that are done."""
        self._done += count
        self._tell(self._done, self._total)


def back_up(
    path: Path,
    target: Path,
    *,
    link: bool = False,
    tell: Tell = lambda *_: None,
    files: FileSystem | None = None,
) -> Manifest:
    """Write a backup of a database as of one moment; others may go on using it.

    Args:
        path: The database directory.
        target: The folder to make; it appears when the backup is complete and was compared with
            the checksums of its files.
        link: Give files that never change a second name where the disk has room for that, rather
            than a copy: it takes no room and shares the fate of the disk.
        tell: Told how many bytes of how many are done.
        files: The disk.

    Raises:
        StorageError: The target exists, or is in the database; the disk refused.
        DatabaseLockedError: Another backup is under way, or the leader does not answer.
        DataCorruptedError: The database is damaged; no backup was made.
    """
    disk = files or FileSystem()
    path, target = path.resolve(), target.resolve()
    partial = _place_for(disk, target)
    if target.is_relative_to(path):
        message = f"{target} is in the database {path}: choose a folder outside"
        raise StorageError(message=message)
    try:
        disk.make_folder(partial.parent, parents=True)
        with disk.new_folder(partial):
            with pinned(disk, path) as found:
                entries = _copy(disk, found, path, partial / DATA, tell, link=link)
            created = datetime.now(timezone.utc).isoformat(timespec="seconds")
            manifest = Manifest(
                version=__version__, created=created, database=str(path), files=entries
            )
            write_manifest(disk, partial, manifest)
            _appear(disk, partial, target)
    except OSError as error:
        raise StorageError(message=f"no backup was made: {error}") from error
    return manifest


def _place_for(files: FileSystem, target: Path) -> Path:
    """Return the folder to prepare `target` in.

    Raises:
        StorageError: `target` is taken, or being prepared.
    """
    if files.is_file(target) or files.list_folder(target):
        message = f"{target} exists and is not empty: choose another folder, or move it away"
        raise StorageError(message=message)
    partial = target.with_name(f"{target.name}.partial")
    if files.exists(partial):
        message = (
            f"{partial} exists: something else prepares {target} just now, or was interrupted; "
            "then remove it and try again"
        )
        raise StorageError(message=message)
    return partial


def _copy(
    files: FileSystem, found: Pinned, path: Path, data: Path, tell: Tell, *, link: bool
) -> tuple[Entry, ...]:
    counted = _Counted(sum(each.size for each in found.files), tell)
    _make_folders(files, data, (each.name for each in found.files))
    entries = []
    for name, size, is_fixed in found.files:
        source, target = found.folder / name, data / name
        if link and is_fixed:
            files.link(source, target)
            digest = digest_file(files, target, counted.add)
        else:
            digest = copy_file(files, source, target, size, counted.add)
        _check_copy(files, target, path / name)
        entries.append(Entry(name, size, digest))
    _sync_folders(files, data)
    return tuple(entries)


def _check_copy(files: FileSystem, copied: Path, origin: Path) -> None:
    """Check a copy; what is wrong is told of the file it is of, because the copy goes at once."""
    try:
        check_copy(files, copied)
    except DataCorruptedError as error:
        message = error.message.replace(str(copied), str(origin))
        raise DataCorruptedError(message=f"{message}; no backup was made") from error


def _appear(files: FileSystem, partial: Path, target: Path) -> None:
    """Give a folder that is complete its name, durably."""
    files.remove_empty(target)
    files.rename(partial, target)
    files.sync_directory(target.parent)


def _make_folders(files: FileSystem, data: Path, names: Iterable[str]) -> None:
    files.make_folder(data)
    for name in dict.fromkeys(str(PurePosixPath(name).parent) for name in names):
        files.make_folder(data / name, parents=True)


def _sync_folders(files: FileSystem, folder: Path) -> None:
    for entry in files.list_folder(folder):
        if files.is_folder(entry):
            _sync_folders(files, entry)
    files.sync_directory(folder)


def check_backup(backup: Path, files: FileSystem | None = None) -> Manifest:
    """Compare every file of a backup with the manifest, which is returned.

    Raises:
        StorageError: There is no backup.
        DataCorruptedError: A file is missing or differs; the message names it.
    """
    disk = files or FileSystem()
    manifest = read_manifest(disk, backup)
    for entry in manifest.files:
        _check_entry(disk, backup / DATA / entry.path, entry)
    return manifest


def damage_of(backup: Path, files: FileSystem) -> Iterator[tuple[str, str]]:
    """Yield the path, and what is wrong with it, of each file that is not as the manifest says.

    Raises:
        StorageError: There is no backup.
        DataCorruptedError: The manifest is damaged.
    """
    for entry in read_manifest(files, backup).files:
        try:
            _check_entry(files, backup / DATA / entry.path, entry)
        except DataCorruptedError as error:
            yield entry.path, error.message


def _check_entry(files: FileSystem, path: Path, entry: Entry) -> None:
    if not files.is_file(path):
        raise DataCorruptedError(message=f"{path} is missing from the backup")
    if files.size_of(path) != entry.size:
        message = f"{path} has {files.size_of(path)} bytes, but had {entry.size} when it was made"
        raise DataCorruptedError(message=message)
    _compare(path, entry, digest_file(files, path, lambda _: None))


def _compare(path: Path, entry: Entry, digest: str) -> None:
    if digest != entry.sha256:
        raise DataCorruptedError(message=f"{path} is damaged: it differs from what {NAME} says")


def restore(
    backup: Path,
    path: Path,
    *,
    tell: Tell = lambda *_: None,
    files: FileSystem | None = None,
) -> Manifest:
    """Make a database of a backup, which stays as it is.

    Every file is compared with the manifest first, and once more as it is copied.

    Args:
        backup: The folder that `back_up` made.
        path: The directory to make; it may exist if it is empty.
        tell: Told how many bytes of how many are done.
        files: The disk.

    Raises:
        StorageError: There is no backup, the directory is not empty, or the disk refused.
        DataCorruptedError: The backup is damaged; the message names the file. Nothing was made.
    """
    disk = files or FileSystem()
    backup, path = backup.resolve(), path.resolve()
    partial = _place_for(disk, path)
    if path.is_relative_to(backup):
        message = f"{path} is in the backup {backup}: choose a directory outside"
        raise StorageError(message=message)
    try:
        manifest = check_backup(backup, disk)
        counted = _Counted(manifest.nbytes, tell)
        disk.make_folder(partial.parent, parents=True)
        with disk.new_folder(partial):
            _make_folders(disk, partial, (entry.path for entry in manifest.files))
            for entry in manifest.files:
                source = backup / DATA / entry.path
                copied = copy_file(disk, source, partial / entry.path, entry.size, counted.add)
                _compare(source, entry, copied)
            _sync_folders(disk, partial)
            _appear(disk, partial, path)
    except OSError as error:
        raise StorageError(message=f"nothing was restored: {error}") from error
    return manifest
