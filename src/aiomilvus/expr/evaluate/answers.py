"""The rows a predicate is evaluated on, and the answer a leaf gives for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aiomilvus.model.columns import FixedColumn, ListColumn

if TYPE_CHECKING:
    from aiomilvus.expr.json_paths import JsonValues
    from aiomilvus.expr.source import ColumnSource
    from aiomilvus.model.columns import Column

Bools = NDArray[np.bool_]
RowNumbers = NDArray[np.int64]


class Verdict(NamedTuple):
    """TRUE, FALSE or UNKNOWN for each row.

    `true` is False where the answer is UNKNOWN; `known` is None when it nowhere is.
    """

    true: Bools
    known: Bools | None

    @classmethod
    def of(cls, outcome: Bools, known: Bools | None) -> Verdict:
        """Return the verdict `outcome` where it is known."""
        return cls(outcome if known is None else outcome & known, known)

    def false(self) -> Bools:
        """Return which rows the answer is FALSE for."""
        return ~self.true if self.known is None else self.known & ~self.true


class Rows:
    """All rows of a source, or some of them in the order of `numbers`.

    Attributes:
        source: Where the values are.
        numbers: int64 row numbers, None for all rows.
    """

    __slots__ = ("numbers", "source")

    def __init__(self, source: ColumnSource, numbers: RowNumbers | None = None) -> None:
        self.source = source
        self.numbers = numbers

    def __len__(self) -> int:
        return self.source.num_rows if self.numbers is None else len(self.numbers)

    def where(self, mask: Bools) -> Rows:
        """Return the rows for which `mask`, as long as self, is True."""
        chosen = np.flatnonzero(mask) if self.numbers is None else self.numbers[mask]
        return Rows(self.source, chosen)

    def of(self, mask: Bools) -> Bools:
        """Return the part of a mask over all rows that is about these."""
        return mask if self.numbers is None else mask[self.numbers]

    def column(self, name: str) -> Column:
        """Return the values of a column."""
        column = self.source.column(name)
        return column if self.numbers is None else column.take(self.numbers)

    def fixed(self, name: str) -> FixedColumn:
        """Return the values of a column of fixed width."""
        return FixedColumn.expect(self.column(name))

    def lists(self, name: str) -> ListColumn:
        """Return the values of an array column."""
        return ListColumn.expect(self.column(name))

    def valid(self, name: str) -> Bools | None:
        """Return which values of a column are present, None if all are."""
        valid = self.source.column(name).valid
        return None if valid is None else self.of(valid)

    def json(self, field: str, path: tuple[str, ...]) -> JsonValues:
        """Return what a path leads to in a JSON column."""
        return self.source.json_path(field, path, self.numbers)


def both(first: Bools | None, second: Bools | None) -> Bools | None:
    """Return where both are True; None means everywhere."""
    if first is None or second is None:
        return first if second is None else second
    return first & second
