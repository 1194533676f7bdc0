"""Rows by value: the distinct values of a column in order, and the rows that hold each.

One structure serves INVERTED, BITMAP, STL_SORT, TRIE and HYBRID: equality and membership are
look-ups, ranges are runs, and text patterns are tried on the distinct values alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import DataCorruptedError
from aiomilvus.expr import predicate as p
from aiomilvus.model.columns import FIXED_DTYPES, BytesColumn, FixedColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

_FORMAT = 1
_Runs = list[tuple[int, int]]


def can_index(field: Field) -> bool:
    """Return whether the field's values have an order to index by."""
    return field.dtype in FIXED_DTYPES or field.dtype.is_string


class ValueIndex:
    """Distinct values and their rows. Implements `ScalarIndex`; immutable.

    Args:
        distinct: The distinct values in order: an array, or a BytesColumn for text.
        starts: int64 (distinct + 1,), where the rows of each value begin in `rows`.
        rows: Rows by value, nulls left out.
        num_rows: Rows of the segment.
    """

    kind = "rows by value"

    def __init__(
        self,
        distinct: NDArray[Any] | BytesColumn,
        starts: NDArray[np.int64],
        rows: NDArray[Any],
        num_rows: int,
    ) -> None:
        self.num_rows = num_rows
        self._distinct = distinct
        self._starts = starts
        self._rows = rows
        self._texts: list[bytes] | None = None

    def lookup(self, leaf: Any) -> NDArray[np.bool_] | None:
        """Return where the bound leaf is true, None when it is not about the plain values."""
        runs = self._runs(leaf)
        if runs is None:
            return None
        mask = np.zeros(self.num_rows, np.bool_)
        for first, last in runs:
            mask[self._rows[self._starts[first] : self._starts[last]]] = True
        return mask

    def count(self, leaf: Any) -> int | None:
        """Return how many rows the leaf is true for, None as `lookup`; no mask is made."""
        runs = self._runs(leaf)
        if runs is None:
            return None
        return sum(int(self._starts[last] - self._starts[first]) for first, last in runs)

    def _runs(self, leaf: Any) -> _Runs | None:
        """Return runs [first, last) of the distinct values that satisfy the leaf."""
        operand = getattr(leaf, "operand", None)
        if not isinstance(operand, p.Column):
            return None
        if isinstance(leaf, p.Compare):
            return self._compared(leaf)
        if isinstance(leaf, p.In):
            found = [self._span(value) for value in leaf.values]
            return None if None in found else [span for span in found if span and span[0] < span[1]]
        if isinstance(leaf, p.Range):
            low = self._place(leaf.lower, after=not leaf.lower_inclusive)
            high = self._place(leaf.upper, after=leaf.upper_inclusive)
            return None if low is None or high is None else [(low, max(low, high))]
        return self._matching(leaf) if isinstance(leaf, p.Match) else None

    def _compared(self, leaf: p.Compare) -> _Runs | None:
        span = self._span(leaf.value)
        if span is None:
            return None
        first, last = span
        total = len(self._starts) - 1
        runs: dict[str, _Runs] = {
            "==": [(first, last)],
            "!=": [(0, first), (last, total)],
            "<": [(0, first)],
            "<=": [(0, last)],
            ">": [(last, total)],
            ">=": [(first, total)],
        }
        return runs[leaf.op]

    def _span(self, value: Any) -> tuple[int, int] | None:
        first = self._place(value, after=False)
        last = self._place(value, after=True)
        return None if first is None or last is None else (first, last)

    def _place(self, value: Any, *, after: bool) -> int | None:
        """Return where `value` stands among the distinct values, None when it can't."""
        if isinstance(self._distinct, BytesColumn):
            return self._place_text(value.encode(), after=after) if isinstance(value, str) else None
        if isinstance(value, (str, tuple)):
            return None
        if self._distinct.dtype == np.float32:
            # Only the evaluator knows in which width FLOAT is compared.
            return None
        return int(np.searchsorted(self._distinct, value, "right" if after else "left"))

    def _place_text(self, value: bytes, *, after: bool) -> int:
        column = self._distinct
        assert isinstance(column, BytesColumn)  # noqa: S101 - for the type checker
        low, high = 0, len(column)
        while low < high:
            middle = (low + high) // 2
            held = column.raw(middle)
            if held < value or (after and held == value):
                low = middle + 1
            else:
                high = middle
        return low

    def _matching(self, leaf: p.Match) -> _Runs | None:
        if not isinstance(self._distinct, BytesColumn) or leaf.kind is p.MatchKind.REGEX:
            return None
        text = leaf.text.encode()
        if leaf.kind is p.MatchKind.PREFIX:
            first = self._place_text(text, after=False)
            behind = text + b"\xff"
            return [(first, self._place_text(behind, after=True))]
        if self._texts is None:
            self._texts = list(self._distinct)
        end = b"" if leaf.kind is p.MatchKind.INFIX else rb"\Z"
        search = re.compile(re.escape(text) + end, re.DOTALL).search
        return [(at, at + 1) for at, held in enumerate(self._texts) if search(held)]

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and the description that `open_values` takes."""
        arrays: dict[str, NDArray[Any]] = {"starts": self._starts, "rows": self._rows}
        if isinstance(self._distinct, BytesColumn):
            arrays["offsets"], arrays["data"] = self._distinct.offsets, self._distinct.data
        else:
            arrays["distinct"] = self._distinct
        return arrays, {"format": _FORMAT, "num_rows": self.num_rows}


def build_values(column: Column) -> ValueIndex:
    """Index a FixedColumn or BytesColumn; nulls are left out."""
    present = (
        np.arange(len(column), dtype=np.int64)
        if column.valid is None
        else np.flatnonzero(column.valid)
    )
    held = column if column.valid is None else column.take(present)
    if isinstance(held, FixedColumn):
        order = np.argsort(held.values, kind="stable")
        distinct, starts = np.unique(held.values[order], return_index=True)
        found: NDArray[Any] | BytesColumn = distinct
    else:
        assert isinstance(held, BytesColumn)  # noqa: S101 - `can_index` lets nothing else in
        texts = np.empty(len(held), object)
        texts[:] = list(held)
        order = np.argsort(texts, kind="stable")
        ordered = texts[order]
        changes = np.ones(len(ordered), np.bool_)
        changes[1:] = ordered[1:] != ordered[:-1]
        starts = np.flatnonzero(changes)
        found = BytesColumn.of(ordered[starts].tolist())
    bounds = np.append(starts, len(order)).astype(np.int64)
    rows = present[order].astype(np.uint32 if len(column) < 2**32 else np.int64)
    return ValueIndex(found, bounds, rows, len(column))


def open_values(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> ValueIndex:
    """Open what `ValueIndex.to_arrays` gave.

    Raises:
        DataCorruptedError: It is of another format.
    """
    if meta.get("format") != _FORMAT:
        raise DataCorruptedError(
            message=f"scalar index format {meta.get('format')!r}, expected {_FORMAT}"
        )
    distinct = (
        arrays["distinct"]
        if "distinct" in arrays
        else BytesColumn(arrays["offsets"], arrays["data"])
    )
    return ValueIndex(distinct, arrays["starts"], arrays["rows"], int(meta["num_rows"]))
