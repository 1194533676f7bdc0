"""What stands for a missing value as None does: pandas' pd.NA and pd.NaT, and NaN in tables."""

from __future__ import annotations

import math
import sys
from typing import TypeVar

import numpy as np

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


def is_nan(value: object) -> bool:
    """Tell whether this is a float that is not a number, Python's or numpy's."""
    return isinstance(value, (float, np.floating)) and math.isnan(value)
