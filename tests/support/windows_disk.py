"""A disk that refuses what Windows refuses: on Linux by simulation, on Windows itself."""

from __future__ import annotations

import errno
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.files import FileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator


def mapped(path: Path) -> bool:
    """Whether this process has the file mapped; False on Windows, which refuses by itself."""
    if sys.platform == "win32":
        return False
    name = f" {path.resolve()}\n"
    return name in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")


def in_use(path: Path) -> bool:
    """Whether this process has the file mapped or open; False on Windows, as in `mapped`."""
    if sys.platform == "win32":
        return False
    name = str(path.resolve())
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            if str(descriptor.readlink()) == name:
                return True
        except FileNotFoundError:  # the one that lists the folder
            continue
    return mapped(path)


class WindowsDisk(FileSystem):
    """Files in use are neither removed, replaced nor cut off; names have no sync.

    Args:
        scanner: Every n-th open and rename is refused at first, as by a virus scanner that looks
            into the file; 0 for none.

    Attributes:
        refusals: What was refused.
    """

    lets_go = False
    has_directory_sync = False

    def __init__(self, scanner: int = 0) -> None:
        self._scanner = scanner
        self._steps = 0
        self.refusals: list[str] = []

    @contextmanager
    def _noting(self, what: str, path: Path, *, refused: bool = False) -> Iterator[None]:
        """Note if the block is refused, by the system or, with `refused`, in its stead."""
        try:
            if refused:
                raise PermissionError(errno.EACCES, "the file is in use", str(path))
            yield
        except PermissionError:
            self.refusals.append(f"{what} {path.name}")
            raise

    def scan(self, path: Path) -> None:
        """Refuse every n-th step."""
        self._steps += 1
        due = bool(self._scanner) and self._steps % self._scanner == 0
        with self._noting("scan", path, refused=due):
            pass

    def open_now(self, path: Path, flags: int) -> int:
        """Open, unless it is being scanned."""
        self.scan(path)
        return super().open_now(path, flags)

    def replace(self, source: Path, target: Path) -> None:
        """Rename, unless something has one of the two in use."""
        self.scan(source)
        used = any(path.exists() and in_use(path) for path in (source, target))
        with self._noting("rename", target, refused=used):
            super().replace(source, target)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut off, unless the file is mapped."""
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        with self._noting("truncate", path, refused=mapped(path)):
            super().truncate(descriptor, size)

    def remove(self, path: Path) -> None:
        """Remove, unless it is in use."""
        with self._noting("remove", path, refused=path.exists() and in_use(path)):
            super().remove(path)
