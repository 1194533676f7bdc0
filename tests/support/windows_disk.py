"""A disk that refuses what Windows refuses, on a Linux that would allow it."""

from __future__ import annotations

import errno
from pathlib import Path

from aiomilvus.engine.storage.files import FileSystem


def in_use(path: Path) -> bool:
    """Whether this process has the file mapped or open."""
    name = str(path.resolve())
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            if str(descriptor.readlink()) == name:
                return True
        except FileNotFoundError:  # the one that lists the folder
            continue
    maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    return any(line.endswith(" " + name) for line in maps.splitlines())


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

    def _refuse(self, what: str, path: Path) -> None:
        self.refusals.append(f"{what} {path.name}")
        raise PermissionError(errno.EACCES, "the file is in use by another process", str(path))

    def scan(self, path: Path) -> None:
        """Refuse every n-th step."""
        self._steps += 1
        if self._scanner and self._steps % self._scanner == 0:
            self._refuse("scan", path)

    def open_now(self, path: Path, flags: int) -> int:
        """Open, unless it is being scanned."""
        self.scan(path)
        return super().open_now(path, flags)

    def replace(self, source: Path, target: Path) -> None:
        """Rename, unless something has one of the two in use."""
        self.scan(source)
        for path in (source, target):
            if path.exists() and in_use(path):
                self._refuse("rename", path)
        super().replace(source, target)

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut off, unless the file is mapped."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
        if f" {path}\n" in maps:
            self._refuse("truncate", path)
        super().truncate(descriptor, size)

    def remove(self, path: Path) -> None:
        """Remove, unless it is in use."""
        if path.exists() and in_use(path):
            self._refuse("remove", path)
        super().remove(path)
