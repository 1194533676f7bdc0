"""What a collection holds, read off its snapshot, and a dictionary of what it should hold."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tests.support.batches import key_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiomilvus.engine.snapshot import Snapshot


class Contents(NamedTuple):
    """Rows of a collection.

    Attributes:
        newest: Primary key to the tag of the row that searches and queries show.
        copies: Primary key to the number of rows that counts include.
    """

    newest: dict[int | str, float]
    copies: dict[int | str, int]


def contents_of(snapshot: Snapshot) -> Contents:
    """Read a snapshot's rows; tags are the first numbers of the vectors `v`."""
    newest: dict[int | str, float] = {}
    copies: Counter[int | str] = Counter()
    schema = snapshot.schema
    for view in snapshot.views:
        keys = key_values(view.segment.column(schema.primary).slice(0, view.num_rows))
        tags = view.segment.column(schema.by_name["v"]).arrays()["values"][: view.num_rows, 0]
        nothing = np.zeros(view.num_rows, np.bool_)
        deleted = nothing if view.deleted is None else view.deleted
        shadowed = nothing if view.shadowed is None else view.shadowed
        assert len(deleted) == len(shadowed) == view.num_rows == len(keys)
        for row in np.flatnonzero(~deleted).tolist():
            copies[keys[row]] += 1
            if not shadowed[row]:
                assert keys[row] not in newest, f"two newest rows with key {keys[row]}"
                newest[keys[row]] = float(tags[row])
    return Contents(newest, dict(copies))


class Model:
    """A collection as a dictionary."""

    def __init__(self, before: Model | None = None) -> None:
        self.newest: dict[int | str, float] = dict(before.newest) if before else {}
        self.copies: dict[int | str, int] = dict(before.copies) if before else {}

    def insert(self, keys: Iterable[int | str], tag: float) -> None:
        """Add rows; the newest of a key is shown, all count."""
        for key in keys:
            self.newest[key] = tag
            self.copies[key] = self.copies.get(key, 0) + 1

    def upsert(self, keys: Iterable[int | str], tag: float) -> None:
        """Replace rows."""
        listed = list(keys)
        self.delete(listed)
        self.insert(listed, tag)

    def delete(self, keys: Iterable[int | str]) -> None:
        """Remove all rows of the keys."""
        for key in keys:
            self.newest.pop(key, None)
            self.copies.pop(key, None)

    def clear(self) -> None:
        """Remove all rows."""
        self.newest.clear()
        self.copies.clear()

    @property
    def contents(self) -> Contents:
        """What the collection should hold."""
        return Contents(self.newest, self.copies)
