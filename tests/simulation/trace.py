"""What was written, synced and named, in order, and what a loss of power may leave of it.

Files and folders are numbered, so that a trace does not depend on where it was recorded. The model
is the weakest that file systems promise:

* of a file, what was synced is kept. Each page written since is kept or not, whatever was written
  before or after it; some are torn between sectors; the length may grow without the data;
* of a folder, the names that were there when it was last synced are kept. Each name that was made,
  changed or removed since is so or not; a rename is done or not;
* after a sync of a file that failed, the pages it was for are kept or not, and no later sync
  changes that; lengths and names are in a journal, which a later sync finds as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PAGE = 4096
_SECTOR = 512
_TORN = 0.1


class Event(NamedTuple):
    """One thing that happened.

    Attributes:
        kind: ``write``, ``truncate``, ``sync`` and ``failed sync`` of files; ``name``, ``rename``,
            ``remove`` and ``sync`` of folders; ``mark`` for what tests note.
        node: The number of the file or folder.
        detail: Offset and data; a size; names.
    """

    kind: str
    node: int
    detail: Any = None


@dataclass
class Node:
    """A file or folder.

    Attributes:
        content: A file's bytes when recording began.
        names: A folder's names now; None for a file.
    """

    number: int
    content: bytes = b""
    names: dict[str, Node] | None = None


@dataclass
class _Change:
    event: Event
    durable: bool = False
    doubtful: bool = False


@dataclass
class Trace:
    """A directory as it was, and what was done to it since."""

    root: Node
    nodes: list[Node] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    before: dict[int, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> Trace:
        """Begin with what a directory holds; all of it is on the disk."""
        trace = cls(Node(0, names={}))
        trace.nodes.append(trace.root)
        if path.is_dir():
            trace._read(path, trace.root)
        for node in trace.nodes:
            if node.names is not None:
                trace.before[node.number] = {n: each.number for n, each in node.names.items()}
        return trace

    def _read(self, path: Path, into: Node) -> None:
        assert into.names is not None
        for entry in sorted(path.iterdir()):
            node = self.node(folder=entry.is_dir())
            into.names[entry.name] = node
            if entry.is_dir():
                self._read(entry, node)
            else:
                node.content = entry.read_bytes()

    def node(self, *, folder: bool) -> Node:
        """Number a new file or folder."""
        made = Node(len(self.nodes), names={} if folder else None)
        self.nodes.append(made)
        return made

    def add(self, kind: str, node: Node, detail: Any = None) -> None:
        """Note what was done to a file or folder."""
        self.events.append(Event(kind, node.number, detail))

    def mark(self, what: Any) -> None:
        """Note what a test wants to find again."""
        self.events.append(Event("mark", -1, what))

    def loss(self, cut: int, chance: Callable[[], bool], rng: random.Random, path: Path) -> None:
        """Write what is left in `path` when the power fails after `cut` events.

        Args:
            cut: How many events have happened.
            chance: Asked for each change that was not synced, whether it is kept.
            rng: Decides what is torn, and where.
            path: A new directory.
        """
        changes: dict[int, list[_Change]] = {}
        for event in self.events[:cut]:
            own = changes.setdefault(event.node, [])
            if event.kind == "sync":
                for change in own:
                    change.durable = change.durable or not change.doubtful
            elif event.kind == "failed sync" and self.nodes[event.node].names is None:
                for change in own:
                    change.doubtful = change.event.kind == "write" and not change.durable
            elif event.kind not in ("failed sync", "mark"):
                own.append(_Change(event))
        self._leave(self.root, path, changes, chance, rng)

    def _leave(
        self,
        node: Node,
        path: Path,
        changes: dict[int, list[_Change]],
        chance: Callable[[], bool],
        rng: random.Random,
    ) -> None:
        own = changes.get(node.number, [])
        if node.names is None:
            path.write_bytes(_content(node.content, own, chance, rng))
            return
        names = dict(self.before.get(node.number, {}))
        for change in own:
            if change.durable or chance():
                _rename(names, change.event)
        path.mkdir()
        for name, number in sorted(names.items()):
            self._leave(self.nodes[number], path / name, changes, chance, rng)


def _rename(names: dict[str, int], event: Event) -> None:
    if event.kind == "remove":
        names.pop(event.detail, None)
        return
    source, target, number = event.detail
    if source and names.get(source) == number:
        del names[source]
    names[target] = number


def _content(
    before: bytes, changes: list[_Change], chance: Callable[[], bool], rng: random.Random
) -> bytes:
    data = bytearray(before)
    for change in changes:
        if change.event.kind == "truncate":
            if change.durable or chance():
                size = change.event.detail
                data[size:] = b""
                data.extend(bytes(size - len(data)))
            continue
        offset, written = change.event.detail
        for at, part in (
            [(offset, written)] if change.durable else _kept(offset, written, chance, rng)
        ):
            data.extend(bytes(max(at + len(part) - len(data), 0)))
            data[at : at + len(part)] = part
    return bytes(data)


def _kept(
    offset: int, written: bytes, chance: Callable[[], bool], rng: random.Random
) -> Iterator[tuple[int, bytes]]:
    """Yield what is kept of one write, page by page."""
    stop = offset + len(written)
    at = offset
    while at < stop:
        end = min(at - at % _PAGE + _PAGE, stop)
        if chance():
            kept = end
            if rng.random() < _TORN:
                kept = min(at + _SECTOR * rng.randrange(_PAGE // _SECTOR), end)
                kept -= kept % _SECTOR
            if kept > at:
                yield at, written[at - offset : kept - offset]
        elif rng.random() < _TORN:
            yield end, b""  # the length, without the data
        at = end
