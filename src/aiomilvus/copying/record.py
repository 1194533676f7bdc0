"""How far a copy came, kept in a file so that the next run goes on from there."""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path
from typing import Any

import msgspec

from aiomilvus.client.files.record import state_folder
from aiomilvus.errors import DataCorruptedError, ParamError

FORMAT = 1
SAMPLES = 200
"""Keys of a collection that are remembered to be compared at the end."""


class Part(msgspec.Struct, kw_only=True):
    """One partition, or the whole of a collection that is partitioned by a key.

    Attributes:
        cursor: Last key whose row is in the target, None before the first.
        until: Rows after `cursor` up to this key may be in the target: they were being
            inserted. None when there are no such rows.
        rows: Rows that are in the target.
        done: Whether there are no more.
    """

    cursor: int | str | None = None
    until: int | str | None = None
    rows: int = 0
    done: bool = False


class Progress(msgspec.Struct, kw_only=True):
    """One collection.

    Attributes:
        parts: By partition name; "" for the whole collection.
        samples: Keys to compare at the end, chosen evenly among those read.
        seen: Keys that the choice was among.
        done: Whether the collection is copied and checked.
    """

    parts: dict[str, Part] = {}
    samples: list[Any] = []
    seen: int = 0
    done: bool = False

    @property
    def rows(self) -> int:
        """Rows copied so far."""
        return sum(part.rows for part in self.parts.values())

    def sample(self, keys: list[Any]) -> None:
        """Let some of these keys, which were copied, be among the samples."""
        for key in keys:
            self.seen += 1
            if len(self.samples) < SAMPLES:
                self.samples.append(key)
                continue
            place = random.randrange(self.seen)  # noqa: S311 - Vitter's reservoir, no secret
            if place < SAMPLES:
                self.samples[place] = key


class _Content(msgspec.Struct, kw_only=True):
    format: int = FORMAT
    source: str
    target: str
    collections: dict[str, Progress] = {}


class Record:
    """The file. Written whole beside itself, synced and renamed, so that it is never half.

    Args:
        path: Where it is, or None for a place that follows from `source` and `target`.
        source: Where rows come from; another copy's record is refused.
        target: Where they go.

    Raises:
        DataCorruptedError: The file can't be read.
        ParamError: The file is another copy's, or `path` is None and the user has no home.
    """

    def __init__(self, path: str | os.PathLike[str] | None, source: str, target: str) -> None:
        self.path = default_path(source, target) if path is None else Path(path)
        self._content = _Content(source=source, target=target)
        if not self.path.exists():
            return
        try:
            found = msgspec.json.decode(self.path.read_bytes(), type=_Content)
        except msgspec.DecodeError as error:
            raise DataCorruptedError(
                message=f"{self.path} is no record of a copy: {error}; remove it to start over"
            ) from error
        if (found.format, found.source, found.target) != (FORMAT, source, target):
            raise ParamError(
                message=f"{self.path} records a copy from {found.source} to {found.target}: "
                "give another file"
            )
        self._content = found

    def of(self, db: str, collection: str) -> Progress | None:
        """Return how far a collection came, None if it was not begun."""
        return self._content.collections.get(f"{db}/{collection}")

    def begin(self, db: str, collection: str) -> Progress:
        """Return the progress of a collection that is copied from now on."""
        progress = Progress()
        self._content.collections[f"{db}/{collection}"] = progress
        self.save()
        return progress

    def save(self) -> None:
        """Put on the disk what was changed."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.new")
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(self._content))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)

    def remove(self) -> None:
        """Forget the copy: it is complete."""
        self.path.unlink(missing_ok=True)


def default_path(source: str, target: str) -> Path:
    """Return where the record of a copy is when nobody says.

    Raises:
        ParamError: The user has no home and names no other folder.
    """
    name = hashlib.sha256(f"{source}\n{target}".encode()).hexdigest()[:16]
    return state_folder() / f"copy-{name}.json"
