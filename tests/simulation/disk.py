"""A disk that notes all that is done to it, fails where it is told to, and lets others go first."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiomilvus.engine.storage.files import FileSystem
from tests.simulation.trace import Node, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_READS = (errno.EIO, errno.EMFILE)
_CHANGES = (errno.EIO, errno.ENOSPC, errno.EROFS)
_OPENS = (errno.EIO, errno.EMFILE, errno.ENOSPC, errno.EROFS)
_SYNCS = (errno.EIO, errno.ENOSPC)
ERRORS = {
    "open": _OPENS,
    "write": _CHANGES,
    "truncate": _CHANGES,
    "sync": _SYNCS,
    "sync folder": _SYNCS,
    "commit": _CHANGES,
    "rename": _CHANGES,
    "link": _CHANGES,
    "unlink": _CHANGES,
    "folder": _CHANGES,
    "read": _READS,
}
"""What each kind of call may be refused with."""


class Faults:
    """Which calls fail.

    Args:
        at: Number of the first call that fails, from 1; 0 for none.
        count: How many calls in a row fail from there on.
        choice: Which of the errors that a kind of call may be refused with.
        only: The kind of calls that fail, and that are counted for this; "" for all.

    Attributes:
        calls: Names of the calls so far.
        struck: Names of those that failed, and their errors.
    """

    def __init__(self, at: int = 0, count: int = 1, choice: int = 0, only: str = "") -> None:
        self.at = at
        self.count = count
        self.choice = choice
        self.only = only
        self._counted = 0
        self.calls: list[str] = []
        self.struck: list[tuple[str, int]] = []

    def step(self, kind: str) -> None:
        """Count a call, or raise the OSError that it is refused with."""
        self.calls.append(kind)
        if self.only not in ("", kind):
            return
        self._counted += 1
        if self.at and self.at <= self._counted < self.at + self.count:
            number = ERRORS[kind][self.choice % len(ERRORS[kind])]
            self.struck.append((kind, number))
            raise OSError(number, f"{kind}: {os.strerror(number)}, on purpose")


class SimulatedDisk(FileSystem):
    """A directory on the real disk, all calls to which are traced.

    Args:
        path: The directory.
        faults: Which calls fail.
        pause: Called before each call; lets others go first.
    """

    def __init__(self, path: Path, faults: Faults, pause: Callable[[], None]) -> None:
        self.root = path
        self.trace = Trace.of(path)
        self.faults = faults
        self._pause = pause
        self._opened: dict[tuple[int, int], Node] = {}

    def step(self, kind: str) -> None:
        """Begin a call of some kind."""
        self._pause()
        self.faults.step(kind)

    def node_of(self, path: Path) -> Node | None:
        """Return the file or folder at a path, None if there is none."""
        node: Node | None = self.trace.root
        for name in path.relative_to(self.root).parts:
            node = None if node is None or node.names is None else node.names.get(name)
        return node

    def _names(self, folder: Path) -> tuple[Node, dict[str, Node]]:
        node = self.node_of(folder)
        assert node is not None, folder
        assert node.names is not None, folder
        return node, node.names

    def appeared(self, path: Path, node: Node | None = None, *, folder: bool = False) -> Node:
        """Note that a path was made, or leads to `node` too; nothing if it is known."""
        parent, names = self._names(path.parent)
        known = names.get(path.name)
        if known is not None and node is None:
            return known
        made = node or self.trace.node(folder=folder)
        names[path.name] = made
        self.trace.add("name", parent, ("", path.name, made.number))
        return made

    def vanished(self, path: Path) -> None:
        """Note that a path was removed, with all that is in it; nothing if it is not known."""
        node = self.node_of(path)
        if node is None:
            return
        for name in sorted(node.names or ()):
            self.vanished(path / name)
        parent, names = self._names(path.parent)
        del names[path.name]
        self.trace.add("remove", parent, path.name)

    def _node(self, descriptor: int) -> Node:
        found = os.fstat(descriptor)
        return self._opened[found.st_dev, found.st_ino]

    def opened(self, descriptor: int, node: Node) -> None:
        """Note which file a descriptor is of."""
        found = os.fstat(descriptor)
        self._opened[found.st_dev, found.st_ino] = node

    def open_now(self, path: Path, flags: int) -> int:
        """Open a file, which may be made."""
        self.step("open")
        descriptor = super().open_now(path, flags)
        self.opened(descriptor, self.appeared(path))
        return descriptor

    def rewrite(self, path: Path, start: int, data: memoryview) -> None:
        """Write over a part of a file."""
        self.step("open")
        super().rewrite(path, start, data)

    def write(self, descriptor: int, data: memoryview) -> None:
        """Write all, or half of it and fail."""
        raw = bytes(data)
        try:
            self.step("write")
        except OSError:
            self._write(descriptor, raw[: len(raw) // 2])
            raise
        self._write(descriptor, raw)

    def _write(self, descriptor: int, data: bytes) -> None:
        appends = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND
        at = os.fstat(descriptor).st_size if appends else os.lseek(descriptor, 0, os.SEEK_CUR)
        super().write(descriptor, memoryview(data))
        self.trace.add("write", self._node(descriptor), (at, data))

    def truncate(self, descriptor: int, size: int) -> None:
        """Cut a file off."""
        self.step("truncate")
        super().truncate(descriptor, size)
        self.trace.add("truncate", self._node(descriptor), size)

    def sync(self, descriptor: int) -> None:
        """Bring a file, or the names in a folder, to the disk."""
        node = self._node(descriptor)
        self.synced(node, "sync")

    def synced(self, node: Node, kind: str) -> None:
        """Note that a file or folder is on the disk, or that syncing it failed."""
        try:
            self.step(kind)
        except OSError:
            self.trace.add("failed sync", node)
            raise
        self.trace.add("sync", node)

    def sync_directory(self, folder: Path) -> None:
        """Bring the names in a folder to the disk."""
        if folder == self.root.parent:
            return
        node, _ = self._names(folder)
        self.synced(node, "sync folder")

    def commit(self) -> None:
        """Let the catalog commit, or not."""
        self.step("commit")

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file."""
        self.step("rename")
        assert source.parent == target.parent, "a rename between folders is two changes"
        super().replace(source, target)
        parent, names = self._names(source.parent)
        node = names[target.name] = names.pop(source.name)
        self.trace.add("rename", parent, (source.name, target.name, node.number))

    def link(self, source: Path, target: Path) -> None:
        """Let two paths lead to the same file."""
        self.step("link")
        super().link(source, target)
        self.appeared(target, self.node_of(source))

    def remove(self, path: Path) -> None:
        """Remove a file."""
        self.step("unlink")
        super().remove(path)
        self.vanished(path)

    @contextmanager
    def new_folder(self, folder: Path) -> Iterator[None]:
        """Make a folder for new files."""
        self.step("folder")
        with super().new_folder(folder):
            self.appeared(folder, folder=True)
            yield

    def make_folder(self, folder: Path, *, parents: bool = False) -> None:
        """Make a folder durably."""
        self.step("folder")
        if folder == self.root:
            folder.mkdir(exist_ok=True)
        elif not folder.is_dir():
            folder.mkdir()
            self.appeared(folder, folder=True)
            self.sync_directory(folder.parent)

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder, or leave it where the disk refuses."""
        try:
            self.step("unlink")
        except OSError:
            return
        super().remove_folder(folder)
        self.vanished(folder)

    def remove_empty(self, folder: Path) -> None:
        """Remove a folder if nothing is in it."""
        super().remove_empty(folder)
        if not folder.exists():
            self.vanished(folder)

    def list_folder(self, folder: Path) -> list[Path]:
        """Return what is in a folder."""
        self.step("read")
        return super().list_folder(folder)

    def read(self, path: Path, start: int = 0, size: int = -1) -> bytes:
        """Return a part of a file."""
        self.step("read")
        return super().read(path, start, size)

    def load(self, path: Path, start: int = 0, count: int = -1) -> NDArray[np.uint8]:
        """Return a file, or a part of it, as an array."""
        self.step("read")
        return super().load(path, start, count)

    def map(self, path: Path) -> NDArray[np.uint8]:
        """Return a whole file, read when it is touched."""
        self.step("read")
        return super().map(path)
