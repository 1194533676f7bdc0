"""What became of a forwarded call, as the log or the catalog keeps it for the next leader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.operations.data import RowWrite
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.base import Operation


MOST = 1024


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a write, or that a definition was made.

    Attributes:
        kind: What the call was.
        count: Rows that it wrote or deleted.
        timestamp: Hybrid timestamp of the write.
        first_key: The first of the consecutive keys that were made for the rows; 0 where the
            caller gave the keys.
        is_text: Whether keys that were made are decimals in text.
        primary: Name of the field that has the keys.
        answer: The number that a definition answers with, None for none.
    """

    kind: Literal["insert", "upsert", "delete", "definition"]
    count: int = 0
    timestamp: int = 0
    first_key: int = 0
    is_text: bool = False
    primary: str = ""
    answer: int | None = None

    def result(self, operation: Operation[object]) -> MutationResult | int | None:
        """Return what the caller of `operation` is answered."""
        if self.kind == "definition":
            return self.answer
        if self.kind == "delete":
            return MutationResult(delete_count=self.count, timestamp=self.timestamp)
        keys = self._keys(operation) if isinstance(operation, RowWrite) else None
        if self.kind == "upsert":
            return MutationResult(upsert_count=self.count, ids=keys, timestamp=self.timestamp)
        return MutationResult(insert_count=self.count, ids=keys, timestamp=self.timestamp)

    def _keys(self, operation: RowWrite) -> Column:
        if not self.first_key:
            keys: Column = operation.batch[self.primary]
            return keys
        return generated_keys(self.first_key, self.count, is_text=self.is_text)


def generated_keys(first: int, count: int, *, is_text: bool) -> Column:
    """Return consecutive keys as a column: INT64, or their decimals."""
    numbers = np.arange(first, first + count, dtype=np.int64)
    if is_text:
        return BytesColumn.of([b"%d" % number for number in numbers.tolist()])
    return FixedColumn(numbers)


class RecentOutcomes(dict[str, Outcome]):
    """What became of the last few forwarded writes, by the ids of the calls.

    Only a call under way can lose its answer, so the last few are enough.
    """

    def note(self, request: str, outcome: Outcome) -> None:
        """Remember an outcome, and forget the oldest of many."""
        self[request] = outcome
        while len(self) > MOST:
            del self[next(iter(self))]
