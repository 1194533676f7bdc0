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


class _Derived:
    """What follows from a mask; does not hold the mask."""

    __slots__ = ("count", "rows", "selector")

    def __init__(self, count: int) -> None:
        self.count = count
        self.rows: NDArray[np.int64] | None = None
        self.selector: tuple[Any, NDArray[np.uint8]] | None = None


class Selection:
    """A mask, bool (n,), C-contiguous, and what follows from it."""

    __slots__ = ("_derived", "mask")

    def __init__(self, mask: Bools, derived: _Derived) -> None:
        self.mask = mask
        self._derived = derived

    @property
    def count(self) -> int:
        """How many rows pass."""
        return self._derived.count

    @property
    def rows(self) -> NDArray[np.int64]:
        """The rows that pass, ascending."""
        if self._derived.rows is None:
            self._derived.rows = np.flatnonzero(self.mask)
        return self._derived.rows

    @property
    def selector(self) -> tuple[Any, NDArray[np.uint8]]:
        """A selector for faiss, and the bits that it points into: keep both while it is used."""
        if self._derived.selector is None:
            self._derived.selector = selector_of(self.mask)
        return self._derived.selector


_kept: dict[int, tuple[weakref.ref[Any], _Derived]] = {}


def selection_of(mask: Bools) -> Selection:
    """Return the selection of a mask that nobody writes into.

    What follows from the mask is kept while the mask lives, so a filter that is used again
    costs no pass over the rows.
    """
    found = _kept.get(id(mask))
    if found is not None and found[0]() is mask:
        return Selection(mask, found[1])
    derived = _Derived(int(np.count_nonzero(mask)))
    if len(_kept) >= _KEPT:
        _kept.clear()
    key = id(mask)
    _kept[key] = (weakref.ref(mask, lambda _: _kept.pop(key, None)), derived)
    return Selection(mask if mask.flags.c_contiguous else np.ascontiguousarray(mask), derived)
