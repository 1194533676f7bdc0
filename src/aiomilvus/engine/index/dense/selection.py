"""The rows that a mask allows, in the forms that searches want them."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.dense.faiss_library import selector_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]

_KEPT = 64


class _Facts:
    """What follows from a mask; does not hold the mask."""

    __slots__ = ("count", "rows", "selector")

    def __init__(self, count: int) -> None:
        self.count = count
        self.rows: NDArray[np.int64] | None = None
        self.selector: tuple[Any, NDArray[np.uint8]] | None = None


class Selection:
    """A mask, bool (n,), C-contiguous, and what follows from it."""

    __slots__ = ("_facts", "mask")

    def __init__(self, mask: Bools, facts: _Facts) -> None:
        self.mask = mask
        self._facts = facts

    @property
    def count(self) -> int:
        """How many rows pass."""
        return self._facts.count

    @property
    def rows(self) -> NDArray[np.int64]:
        """The rows that pass, ascending."""
        if self._facts.rows is None:
            self._facts.rows = np.flatnonzero(self.mask)
        return self._facts.rows

    @property
    def selector(self) -> tuple[Any, NDArray[np.uint8]]:
        """A selector for faiss, and the bits that it points into: keep both while it is used."""
        if self._facts.selector is None:
            self._facts.selector = selector_of(self.mask)
        return self._facts.selector


_kept: dict[int, tuple[weakref.ref[Any], _Facts]] = {}


def selection_of(mask: Bools) -> Selection:
    """Return the selection of a mask that nobody writes into.

    What follows from the mask is kept while the mask lives, so a filter that is used again
    costs no pass over the rows.
    """
    found = _kept.get(id(mask))
    if found is not None and found[0]() is mask:
        return Selection(mask, found[1])
    facts = _Facts(int(np.count_nonzero(mask)))
    if len(_kept) >= _KEPT:
        _kept.clear()
    key = id(mask)
    _kept[key] = (weakref.ref(mask, lambda _: _kept.pop(key, None)), facts)
    return Selection(mask if mask.flags.c_contiguous else np.ascontiguousarray(mask), facts)
