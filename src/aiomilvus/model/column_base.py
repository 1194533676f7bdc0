"""What all columns have in common, whatever their layout; `columns` has the layouts.

Only `columns` imports more of this than `Column`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from typing_extensions import Self

    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]
    Arrays = dict[str, NDArray[Any]]


class Column(ABC):
    """A run of values of one type, some of them possibly null."""

    kind: ClassVar[str]
    """Name of the layout in files: fixed, bytes, list, vector or sparse."""

    __slots__ = ("valid",)

    valid: Bools | None

    @classmethod
    def expect(cls, column: Column | None) -> Self:
        """Return `column` if it has this layout; raise TypeError otherwise."""
        if isinstance(column, cls):
            return column
        raise TypeError(type(column).__name__ + f" where {cls.__name__} belongs")

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of values, nulls included."""

    @abstractmethod
    def take(self, rows: Rows) -> Column:
        """Return the values at `rows`, in that order."""

    @abstractmethod
    def slice(self, start: int, stop: int) -> Column:
        """Return rows start … stop - 1, sharing memory where the layout allows it."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """Return the arrays that make the column up, by name, `valid` included if set."""

    @classmethod
    @abstractmethod
    def concat(cls, columns: Sequence[Any]) -> Column:
        """Return the values of all `columns` (at least one, all of this class) in order."""

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        return sum(array.nbytes for array in self.arrays().values())

    def is_null(self, row: int) -> bool:
        """Return whether the value at `row` is null."""
        return self.valid is not None and not self.valid[row]


def with_valid(arrays: Arrays, valid: Bools | None) -> Arrays:
    """Return arrays with the validity beside them, where there is one."""
    return arrays if valid is None else {**arrays, "valid": valid}


def take_valid(valid: Bools | None, rows: Rows) -> Bools | None:
    """Return the validity of rows."""
    return None if valid is None else valid[rows]


def slice_valid(valid: Bools | None, start: int, stop: int) -> Bools | None:
    """Return the validity of rows start … stop - 1."""
    return None if valid is None else valid[start:stop]


def nbytes_of(valid: Bools | None) -> int:
    """Return the bytes that the validity takes."""
    return 0 if valid is None else valid.nbytes


def concat_valid(columns: Sequence[Column]) -> Bools | None:
    """Return the validity of all columns in order, None where nothing is null."""
    if all(column.valid is None for column in columns):
        return None
    return np.concatenate(
        [np.ones(len(c), np.bool_) if c.valid is None else c.valid for c in columns]
    )


def concat_offsets(parts: Sequence[Rows]) -> Rows:
    """Return one offsets array for runs laid end to end, each part starting anywhere."""
    lengths = [np.diff(part) for part in parts]
    offsets = np.zeros(sum(len(part) for part in lengths) + 1, np.int64)
    np.cumsum(np.concatenate(lengths), out=offsets[1:])
    return offsets
