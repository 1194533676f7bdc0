"""ARRAY fields: the rows by the elements that their arrays hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import ScalarIndex
from aiomilvus.engine.index.scalar.inverted import ValueIndex, index_values, open_values
from aiomilvus.expr import predicate as p
from aiomilvus.expr.interrupting import never_interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.scalar.inverted import Runs
    from aiomilvus.model.columns import ListColumn


class ElementIndex(ScalarIndex):
    """Distinct elements and the rows whose array holds them. Implements `ScalarIndex`.

    It answers ``array_contains…`` and ``match_any`` with a predicate on one element.
    """

    kind = "rows by array element"

    def __init__(self, values: ValueIndex) -> None:
        self.num_rows = values.num_rows
        self.values = values

    def lookup(self, leaf: Any) -> NDArray[np.bool_] | None:
        """Return where the bound leaf is true, None when the index can't tell."""
        if isinstance(leaf, p.Contains):
            return self._all_of(leaf.values) if leaf.every else self._any_of(leaf.values)
        runs = self._any(leaf)
        return None if runs is None else self.values.mask(runs)

    def count(self, leaf: Any) -> int | None:
        """Return how many rows the leaf is true for, None unless one value decides."""
        if isinstance(leaf, p.Contains) and len(leaf.values) == 1:
            runs = self.values.among(leaf.values)
            return None if runs is None else self.values.size(runs)
        return None

    def _any(self, leaf: Any) -> Runs | None:
        if not isinstance(leaf, p.Elements) or leaf.quantifier != "any" or leaf.is_filter:
            return None
        inner = leaf.predicate
        operand = getattr(inner, "operand", None)
        return self.values.runs(inner) if isinstance(operand, p.Column) else None

    def _any_of(self, values: tuple[p.Value, ...]) -> NDArray[np.bool_] | None:
        runs = self.values.among(values)
        return None if runs is None else self.values.mask(runs)

    def _all_of(self, values: tuple[p.Value, ...]) -> NDArray[np.bool_] | None:
        if not values:
            return None
        outcome: NDArray[np.bool_] | None = None
        for value in values:
            found = self._any_of((value,))
            if found is None:
                return None
            outcome = found if outcome is None else outcome & found
        return outcome

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the arrays and the description that `open_elements` takes."""
        return self.values.to_arrays()


def build_elements(
    column: ListColumn, check: Callable[[], object] = never_interrupt
) -> ElementIndex | None:
    """Index the elements of an array column; None where they have no order (NaN)."""
    first, last = int(column.offsets[0]), int(column.offsets[-1])
    rows = np.repeat(np.arange(len(column)), np.diff(column.offsets))
    child = column.child.slice(first, last)
    keep = np.ones(len(child), np.bool_)
    if column.valid is not None:
        keep &= column.valid[rows]
    if child.valid is not None:
        keep &= child.valid
    if not keep.all():
        kept = np.flatnonzero(keep)
        rows, child = rows[kept], child.take(kept)
    values = index_values(child, rows, len(column), check)
    return None if values is None else ElementIndex(values)


def open_elements(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> ElementIndex:
    """Open what `ElementIndex.to_arrays` gave.

    Raises:
        DataCorruptedError: It is of another format.
    """
    return ElementIndex(open_values(arrays, meta))
