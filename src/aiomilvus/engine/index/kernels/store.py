"""Where compiled kernels are kept: one file for a module, its sources, and a kind of machine.

The folder is the one that NUMBA_CACHE_DIR names, else `__pycache__` beside the source, else one
among the user's caches: the first that can be written to. Reading takes the first that has the
file, so that what was made as another user, or before a file system became read-only, is found. A
file names the sources that it was made of and the machine by digests, ends with a digest of what it
holds, and appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from aiomilvus.engine.index.kernels.calls import Compiled
from aiomilvus.engine.index.kernels.linking import linker

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGEST = 16
"""Bytes of a digest."""


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
    made = _digest(*(each.read_bytes() for each in kernels.sources()))
    llvm = linker()
    machine = _digest(
        llvm.get_process_triple().encode(),
        llvm.get_host_cpu_name().encode(),
        llvm.get_host_cpu_features().flatten().encode(),
        *(_version_of(package) for package in ("llvmlite", "numba")),
    )
    name = f"{source.stem}-{made.hex()}-{machine.hex()}.code"
    return [folder / name for folder in folders_of(source)]


def find(paths: Iterable[Path]) -> tuple[Path, list[Compiled]] | None:
    """Return the first file that is there and whole, and what it holds."""
    for path in paths:
        compiled = _read(path)
        if compiled is not None:
            return path, compiled
    return None


def place_for(paths: Iterable[Path]) -> Path | None:
    """Return the first of these files that can be written."""
    return next((path for path in paths if _is_writable(path.parent)), None)


def _read(path: Path) -> list[Compiled] | None:
    try:
        kept = path.read_bytes()
    except OSError:
        return None
    content, digest = kept[:-_DIGEST], kept[-_DIGEST:]
    if _digest(content) != digest:
        return None
    return msgspec.msgpack.decode(content, type=list[Compiled])


def write(path: Path, compiled: list[Compiled]) -> None:
    """Write a file, and delete what was made of other sources of the same module.

    Raises:
        OSError: The folder can't be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    content = msgspec.msgpack.encode(compiled)
    growing = path.with_name(f"{path.name}.{os.getpid()}")
    growing.write_bytes(content + _digest(content))
    growing.replace(path)
    stem, made, _ = path.stem.rsplit("-", 2)
    for other in path.parent.glob(f"{stem}-*-*.code"):
        if other.stem.rsplit("-", 2)[1] != made:
            other.unlink(missing_ok=True)


def folders_of(source: Path) -> list[Path]:
    """Return the folders in which the code of a source file may be kept."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    place = os.path.abspath(source.parent)  # noqa: PTH100 - links are not followed
    name = f"{source.parent.name}_{_digest(place.encode()).hex()}"
    if given:
        return [Path(given) / name]
    return [source.parent / "__pycache__", _user_caches() / name]


def _is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or in the one that it would be made in."""
    nearest = next((at for at in (folder, *folder.parents) if at.exists()), folder)
    return os.access(nearest, os.W_OK)


def _user_caches() -> Path:
    """Return where numba, too, keeps what is the user's own."""
    system: str = sys.platform  # a checker takes the rest for unreachable elsewhere
    if system == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData/Local") / "numba" / "Cache"
    if system == "darwin":
        return Path.home() / "Library" / "Caches" / "numba"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "numba"


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
