"""Rows by value: the distinct values of a column in order, and the rows that hold each.

One structure serves INVERTED, BITMAP, STL_SORT, TRIE and HYBRID: equality and membership are
look-ups, ranges and prefixes are runs, and other patterns are tried on the distinct values
alone. `array_values` and `json_path_index` build on it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import ScalarIndex
from aiomilvus.errors import DataCorruptedError
from aiomilvus.expr import predicate as p
from aiomilvus.expr import texts
from aiomilvus.expr.evaluate.strings import matched
from aiomilvus.expr.interrupting import never_interrupt
from aiomilvus.model.columns import BytesColumn, FixedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column

FORMAT = 2
Runs = list[tuple[int, int]]
"""Runs [first, last) of the distinct values."""
_NUMBERS = 16
"""Marking one row costs as much as comparing so many numbers in a scan, …"""
_TEXT = 1
"""… or so many texts."""


class ValueIndex(ScalarIndex):
    """Distinct values and their rows. Implements `ScalarIndex`; immutable.

    Args:
        distinct: The distinct values in order: an array, or a BytesColumn for text.
        starts: int64 (distinct + 1,), where the rows of each value begin in `rows`.
        rows: Rows by value, ascending within each; nulls are left out.
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

    def lookup(self, leaf: Any, *, always: bool = False) -> NDArray[np.bool_] | None:
        """Return where the bound leaf is true.

        Args:
            leaf: The leaf.
            always: Answer also when scanning the column is faster.
        """
        # Whether a value is null the column's own mask tells at once.
        runs = None if isinstance(leaf, p.IsNull) else self.runs(leaf)
        if runs is None:
            return None
        size = self.size(runs)
        held = len(self._rows)
        rest = held - size + (0 if held == self.num_rows else held)
        is_text = isinstance(self._distinct, BytesColumn)
        if not always and min(size, rest) > held // (_TEXT if is_text else _NUMBERS):
            return None
        if size <= rest:
            return self.mask(runs)
        mask = self.present()
        for first, last in _gaps(runs, len(self._starts) - 1):
            mask[self._rows[self._starts[first] : self._starts[last]]] = False
        return mask

    def count(self, leaf: Any) -> int | None:
        """Return how many rows the leaf is true for, None as `lookup`; no mask is made."""
        if isinstance(leaf, p.IsNull):
            return len(self._rows) if leaf.negated else self.num_rows - len(self._rows)
        runs = self.runs(leaf)
        return None if runs is None else self.size(runs)

    def size(self, runs: Runs) -> int:
        """Return how many rows the values of the runs have in all."""
        return sum(int(self._starts[last] - self._starts[first]) for first, last in runs)

    def mask(self, runs: Runs) -> NDArray[np.bool_]:
        """Return the rows that hold a value of one of the runs."""
        mask = np.zeros(self.num_rows, np.bool_)
        for first, last in runs:
            mask[self._rows[self._starts[first] : self._starts[last]]] = True
        return mask

    def present(self) -> NDArray[np.bool_]:
        """Return the rows that hold any value; the caller owns the mask."""
        if len(self._rows) == self.num_rows:
            return np.ones(self.num_rows, np.bool_)
        mask = np.zeros(self.num_rows, np.bool_)
        mask[self._rows] = True
        return mask

    def runs(self, leaf: Any) -> Runs | None:
        """Return the values that satisfy the leaf, whatever it reads; None if that is slow."""
        if isinstance(leaf, p.Compare):
            return self._compared(leaf)
        if isinstance(leaf, p.In):
            return self.among(leaf.values)
        if isinstance(leaf, p.Range):
            low = self._place(leaf.lower, after=not leaf.lower_inclusive)
            high = self._place(leaf.upper, after=leaf.upper_inclusive)
            return None if low is None or high is None else [(low, max(low, high))]
        return self._matching(leaf) if isinstance(leaf, p.Match) else None

    def among(self, values: tuple[p.Value, ...]) -> Runs | None:
        """Return the runs of `values`, each at most one value long and none twice."""
        found = set()
        for value in values:
            span = self._span(value)
            if span is None:
                return None
            if span[0] < span[1]:
                found.add(span)
        return sorted(found)

    def _compared(self, leaf: p.Compare) -> Runs | None:
        span = self._span(leaf.value)
        if span is None:
            return None
        first, last = span
        total = len(self._starts) - 1
        runs: dict[str, Runs] = {
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
        dtype = self._distinct.dtype
        if dtype.kind == "i":
            # Looking up a value of another type would convert all the distinct ones.
            least, most = _limits(dtype)
            if isinstance(value, float) or not least <= value <= most:
                return self._place_odd(value, after=after)
        held = dtype.type(value) if dtype != np.float32 else _nearest(value)
        return int(self._distinct.searchsorted(held, "right" if after else "left"))

    def _place_odd(self, value: Any, *, after: bool) -> int | None:
        """Place a number that the integers' type does not have."""
        if isinstance(value, float):
            if not value.is_integer():
                return None
            return self._place(int(value), after=after)
        return 0 if value < 0 else len(self._starts) - 1

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

    def _matching(self, leaf: p.Match) -> Runs | None:
        column = self._distinct
        if not isinstance(column, BytesColumn):
            return None
        if leaf.kind is p.MatchKind.PREFIX:
            text = leaf.text.encode()
            first = self._place_text(text, after=False)
            # No UTF-8 text holds this byte.
            return [(first, self._place_text(text + b"\xff", after=True))]
        if 2 * len(column) > len(self._rows):
            return None
        passing = matched(column, leaf)
        edges = np.flatnonzero(np.diff(passing, prepend=False, append=False)).tolist()
        return list(zip(edges[::2], edges[1::2], strict=True))

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and the description that `open_values` takes."""
        arrays: dict[str, NDArray[Any]] = {"starts": self._starts, "rows": self._rows}
        if isinstance(self._distinct, BytesColumn):
            arrays["offsets"], arrays["data"] = self._distinct.offsets, self._distinct.data
        else:
            arrays["distinct"] = self._distinct
        return arrays, {"format": FORMAT, "num_rows": self.num_rows}


@cache
def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    limits = np.iinfo(dtype)
    return int(limits.min), int(limits.max)


def _nearest(value: float) -> np.float32:
    """Return the 32-bit value that Milvus compares a FLOAT field with; beyond them, infinity."""
    with np.errstate(over="ignore"):
        return np.float64(value).astype(np.float32)


def _gaps(runs: Runs, total: int) -> Runs:
    """Return what lies between runs that are in order."""
    edges = [0, *(edge for run in runs for edge in run), total]
    return list(zip(edges[::2], edges[1::2], strict=True))


def build_values(
    column: Column, check: Callable[[], object] = never_interrupt
) -> ValueIndex | None:
    """Index a FixedColumn or BytesColumn; nulls are left out.

    Returns:
        The index; None for floats among which there is no order (NaN).
    """
    if column.valid is None:
        return index_values(column, np.arange(len(column)), len(column), check)
    present = np.flatnonzero(column.valid)
    return index_values(column.take(present), present, len(column), check)


def index_values(
    values: Column,
    rows: NDArray[np.int64],
    num_rows: int,
    check: Callable[[], object] = never_interrupt,
) -> ValueIndex | None:
    """Index `values`, none of them null, that stand in the ascending `rows`.

    A row may stand there several times; a value that it holds twice counts once.

    Args:
        values: What is indexed.
        rows: In which row each stands.
        num_rows: Rows of the segment.
        check: Called now and then; what it raises ends the work.
    """
    if isinstance(values, FixedColumn):
        if values.values.dtype.kind == "f" and np.isnan(values.values).any():
            return None
        order = np.argsort(values.values, kind="stable")
        ordered = values.values[order]
        changes = ordered[1:] != ordered[:-1]
    else:
        assert isinstance(values, BytesColumn)  # noqa: S101 - the caller lets nothing else in
        order, changes = texts.sort_order(values, check)
    check()
    held = rows[order]
    fresh = np.ones(len(held), np.bool_)
    if len(held):
        fresh[1:] = changes | (held[1:] != held[:-1])
    firsts = np.concatenate([[0], np.flatnonzero(changes) + 1]) if len(held) else order[:0]
    starts = np.append(np.cumsum(fresh)[firsts] - 1, np.count_nonzero(fresh)).astype(np.int64)
    check()
    distinct = values.take(order[firsts])
    small = np.uint32 if num_rows < 2**32 else np.int64
    found = distinct.values if isinstance(distinct, FixedColumn) else distinct
    return ValueIndex(found, starts, held[fresh].astype(small), num_rows)


def open_values(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> ValueIndex:
    """Open what `ValueIndex.to_arrays` gave.

    Raises:
        DataCorruptedError: It is of another format.
    """
    if meta.get("format") != FORMAT:
        raise DataCorruptedError(
            message=f"scalar index format {meta.get('format')!r}, expected {FORMAT}"
        )
    distinct = (
        arrays["distinct"]
        if "distinct" in arrays
        else BytesColumn(arrays["offsets"], arrays["data"])
    )
    return ValueIndex(distinct, arrays["starts"], arrays["rows"], int(meta["num_rows"]))
