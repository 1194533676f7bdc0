"""Committed changes of a collection's entities, and the positions between them.

The engine answers them as columns; the client makes one object of each change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column
    from aiomilvus.model.results import QueryResult

OLDEST = "oldest"
"""Stands for the position before the oldest change that is kept."""
ChangeKind = Literal["insert", "upsert", "delete", "truncate", "drop_partition"]
_VERSION = "w1"


class ChangePosition(NamedTuple):
    """A place in the changes of a collection.

    Attributes:
        collection: Id of the collection.
        log: Number of a log.
        offset: Where in it the frame begins that the place is in, or in front of.
        told: How many changes of that frame, and in front of it, come before the place.
        timestamp: Hybrid timestamp of the change before the place, or of an earlier one.
    """

    collection: int
    log: int
    offset: int
    told: int
    timestamp: int

    def __str__(self) -> str:
        return "-".join([_VERSION, *map(str, self)])

    @classmethod
    def parse(cls, text: str) -> ChangePosition:
        """Return the position that a text stands for.

        Raises:
            ParamError: It is none.
        """
        version, *numbers = text.split("-")
        if version != _VERSION or len(numbers) != 5 or not all(map(str.isdecimal, numbers)):
            message = (
                f"position {text!r} is none: give the position of a change that `watch` told, "
                f"None for what comes from now on, or {OLDEST!r} for all that is kept"
            )
            raise ParamError(message=message)
        return cls(*map(int, numbers))


class ChangePart(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive changes of one kind in one partition.

    Attributes:
        kind: What was done.
        partition: Name of the partition; "" for a deletion in all of them.
        log: Number of the log that tells of them.
        offsets: int64 (n,), as in `ChangePosition`.
        told: int64 (n,), as there, once the change is told.
        timestamps: int64 (n,), hybrid timestamps.
        keys: The n primary keys; None where the change is about all rows.
        passing: bool (n,), for an upsert with a filter: whether the new row passes; None if all do.
        rows: The rows that were written and pass, in order; None where there are none.
    """

    kind: ChangeKind
    partition: str
    log: int
    offsets: NDArray[np.int64]
    told: NDArray[np.int64]
    timestamps: NDArray[np.int64]
    keys: Column | None = None
    passing: NDArray[np.bool_] | None = None
    rows: QueryResult | None = None


class ChangesRead(msgspec.Struct, frozen=True, kw_only=True):
    """Changes behind a position.

    Attributes:
        parts: The changes, oldest first; () if there are none yet.
        position: Where to go on.
        seen: What to ask with next, so that nothing is read again while nothing is new; None
            while there is more.
    """

    parts: tuple[ChangePart, ...]
    position: ChangePosition
    seen: tuple[int, int, int] | None = None
