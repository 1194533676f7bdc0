"""pandas' marks of a missing value, pd.NA and pd.NaT, which stand for null as None does."""

from __future__ import annotations

import sys
from typing import TypeVar

V = TypeVar("V")
_NONE: frozenset[type] = frozenset()


def mark_types() -> frozenset[type]:
    """Return the types of pandas' marks; without pandas loaded there are none."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return _NONE
    marks = [getattr(pandas, name, None) for name in ("NA", "NaT")]
    return frozenset(type(mark) for mark in marks if mark is not None)


def unmarked(values: list[V]) -> list[V | None]:
    """Return values with None in place of pandas' marks."""
    marks = mark_types()
    if not marks or marks.isdisjoint(map(type, values)):
        return list(values)
    return [None if type(value) in marks else value for value in values]
