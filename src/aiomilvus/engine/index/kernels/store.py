"""Where compiled kernels are kept: one file for a module, its sources, and a kind of machine.

The folder is the one that NUMBA_CACHE_DIR names, else `__pycache__` beside the source, else one
among the user's caches: the first that can be written to. Reading takes the first that has the
file, so that what was made before a file system became read-only, or at installation, is found. A
file's name has digests of all that decides what is in it; its end is a digest of its name and of
what it holds. It appears whole or not at all.

A file is machine code that this process will run, so it is read only if whoever could write to it
may run code here anyway: its owner is this user, root, or the owner of this package, and nobody
else may write to it. Windows has no such owners: there, whoever may write to the folder decides.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from aiomilvus.engine.index.kernels.calls import Compiled
from aiomilvus.engine.index.kernels.linking import machine
from aiomilvus.engine.storage.file_lock import FileLock
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_DIGEST = 16
"""Bytes of a digest."""
_MODE = 0o644
_LOCK_MODE = 0o600
"""Whoever can open a lock can keep it: no other user does so."""
_READING: int = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
PACKAGE = Path(__file__).parent
_log = logging.getLogger(__name__)


class Kernels(NamedTuple):
    """A module whose `ENTRIES` numba compiles.

    Attributes:
        name: The module's.
        parts: Names of the modules beside it that it compiles with its own.
    """

    name: str
    parts: tuple[str, ...] = ()

    def source(self) -> Path:
        """Return the module's file."""
        return Path(str(getattr(importlib.util.find_spec(self.name), "origin", "")))

    def sources(self) -> list[Path]:
        """Return the files of all its code."""
        source = self.source()
        return [source, *(source.with_name(f"{part}.py") for part in self.parts)]


def paths_of(kernels: Kernels) -> list[Path]:
    """Return where the module's code for this machine may be, the best place first."""
    source = kernels.source()
    # This package decides how arguments are handed over, how code is made and how it is kept.
    sources = [*kernels.sources(), *sorted(PACKAGE.glob("*.py"))]
    made = _digest(*(each.read_bytes() for each in sources))
    makers = (_version_of(package) for package in ("llvmlite", "numba"))
    made_for = _digest(*machine(), *makers, *_settings())
    name = f"{source.stem}-{made.hex()}-{made_for.hex()}.code"
    return [folder / name for folder in folders_of(source)]


def _settings() -> list[bytes]:
    """Return what numba takes from the environment, apart from where it keeps things."""
    given = {name: value for name, value in os.environ.items() if name.startswith("NUMBA_")}
    given.pop("NUMBA_CACHE_DIR", None)
    return [os.fsencode(f"{name}={value}") for name, value in sorted(given.items())]


def find(paths: Iterable[Path]) -> tuple[Path, list[Compiled]] | None:
    """Return the first file that is there, whole and trusted, and what it holds."""
    for path in paths:
        compiled = _read(path)
        if compiled is not None:
            return path, compiled
    return None


def _read(path: Path) -> list[Compiled] | None:
    try:
        # Not blocking: who opens a pipe for reading waits until somebody writes.
        with open(os.open(path, _READING), "rb") as file:  # noqa: PTH123 - a descriptor
            _check_owner(path, os.fstat(file.fileno()))
            data = file.read()
        return unpacked(path.name, data)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except DataCorruptedError as error:
        _log.warning("compiled kernels are not taken from %s: %s", path, error.message)
    except OSError as error:
        _log.warning("compiled kernels are not taken from %s: %s", path, error)
    return None


def _check_owner(path: Path, status: os.stat_result) -> None:
    """Return if all who could write to a file may run code in this process anyway.

    Raises:
        PermissionError: Somebody else could.
    """
    if not stat.S_ISREG(status.st_mode):
        raise PermissionError("it is no file")
    own: Callable[[], int] | None = getattr(os, "geteuid", None)
    if own is None:  # Windows
        return
    if status.st_uid not in {own(), 0, Path(__file__).stat().st_uid}:
        message = f"it belongs to user {status.st_uid}: not to this one, root, or the package's"
        raise PermissionError(message)
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        message = f"others than its owner may write to it: chmod {_MODE:o} {path}"
        raise PermissionError(message)


def packed(name: str, compiled: list[Compiled]) -> bytes:
    """Return what is in a file of such a name."""
    content = msgspec.msgpack.encode(compiled)
    return content + _digest(name.encode(), content)


def unpacked(name: str, data: bytes) -> list[Compiled]:
    """Return what `packed` was given.

    Raises:
        DataCorruptedError: It is not what `packed` returns for such a name.
    """
    content, digest = data[:-_DIGEST], data[-_DIGEST:]
    if _digest(name.encode(), content) != digest:
        raise DataCorruptedError(message="it is damaged: its checksum is another one")
    try:
        return msgspec.msgpack.decode(content, type=list[Compiled])
    except msgspec.DecodeError as error:
        raise DataCorruptedError(message=f"it holds no compiled functions: {error}") from error


def lock(paths: Iterable[Path]) -> FileLock | None:
    """Return what one process at a time has that compiles a module; None if no folder can have it.

    Raises:
        BlockingIOError: Another process has it.
    """
    for path in paths:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            name = path.with_name(f"{path.name.partition('-')[0]}.lock")
            return FileLock(os.open(name, os.O_RDWR | os.O_CREAT, _LOCK_MODE))
        except BlockingIOError:
            raise
        except OSError as error:
            _log.info("nothing can be locked in %s: %s", path.parent, error)
    return None


def keep(paths: Iterable[Path], compiled: list[Compiled]) -> Path | None:
    """Write the first of these files that can be written, and return it; None if none can.

    What was made of other sources of the same module is deleted beside it.
    """
    for path in paths:
        try:
            _write(path, packed(path.name, compiled))
        except OSError as error:
            _log.info("compiled kernels can't be kept in %s: %s", path.parent, error)
        else:
            _delete_older(path)
            return path
    return None


def _write(path: Path, data: bytes) -> None:
    """Write a file that all may read.

    Raises:
        OSError: The folder can't be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = mkstemp(prefix=f"{path.name}.", suffix=".tmp", dir=path.parent)
    growing = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        growing.chmod(_MODE)
        growing.replace(path)
    except BaseException:
        growing.unlink(missing_ok=True)
        raise


def _delete_older(path: Path) -> None:
    stem, made, _ = path.stem.rsplit("-", 2)
    for other in path.parent.glob(f"{stem}-*-*.code"):
        if other.stem.rsplit("-", 2)[1] != made:
            with suppress(OSError):  # another user's, or in use, as on Windows
                other.unlink(missing_ok=True)


def folders_of(source: Path) -> list[Path]:
    """Return the folders in which the code of a source file may be kept."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    place = os.path.abspath(source.parent)  # noqa: PTH100 - links are not followed
    name = f"{source.parent.name}_{_digest(place.encode()).hex()}"
    if given:
        return [Path(given).absolute() / name]
    caches = _user_caches()
    found = [source.parent / "__pycache__", *(() if caches is None else (caches / name,))]
    return [folder.absolute() for folder in found]


def _user_caches() -> Path | None:
    """Return where numba, too, keeps what is the user's own; None for a user without a home."""
    system: str = sys.platform  # a checker takes the rest for unreachable elsewhere
    given = {"win32": "LOCALAPPDATA", "darwin": ""}.get(system, "XDG_CACHE_HOME")
    below = {"win32": "AppData/Local", "darwin": "Library/Caches"}.get(system, ".cache")
    try:
        caches = Path(os.environ.get(given) or Path.home() / below)
    except RuntimeError:  # neither HOME nor an entry among the system's users
        return None
    return caches / ("numba/Cache" if system == "win32" else "numba")


def _version_of(package: str) -> bytes:
    """Return the file that holds a package's version: quicker than asking for its metadata."""
    spec = importlib.util.find_spec(package)
    return b"" if spec is None else Path(str(spec.origin)).with_name("_version.py").read_bytes()


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()
