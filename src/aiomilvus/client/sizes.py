"""Sizes of segments as callers give them."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite
from typing import Any

from aiomilvus.client.arguments import shown
from aiomilvus.errors import ParamError

_MEGABYTE = 2**20
_UNITS = {"b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "pb": 2**50}
_LARGEST = 2**63 - 1
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")


def megabytes(size: Any, unit: Any = "b") -> int:
    """Return a size in whole megabytes, rounded down.

    Args:
        size: Text such as ``"512MB"`` or ``"1.2 gb"``, bytes without a unit; or a number of
            `unit`.
        unit: ``"b"``, ``"kb"``, ``"mb"``, ``"gb"``, ``"tb"`` or ``"pb"`` in any case.

    Raises:
        ParamError: It is no size, below a megabyte, or beyond 63 bits of megabytes.
    """
    if isinstance(size, str):
        found = _SIZE.fullmatch(size.strip().lower())
        if found is None:
            raise ParamError(
                message=f"Invalid target_size format: {shown(size)}, e.g. '512MB', '1.2gb'"
            )
        amount, unit = Decimal(found[1]), found[2] or "b"
    elif isinstance(size, bool) or not isinstance(size, (int, float)) or not _is_finite(size):
        raise ParamError(message=f"target_size must be a string or number, got {shown(size)}")
    else:
        amount = Decimal(size)
    whole = int(amount * bytes_of(unit) / _MEGABYTE)
    if whole <= 0:
        raise ParamError(message=f"target size too small: {shown(size)}, must be at least 1MB")
    if whole > _LARGEST:
        raise ParamError(message=f"target size too large: {shown(size)}")
    return whole


def bytes_of(unit: object) -> int:
    """Return how many bytes a unit has, which is one of those of `megabytes`.

    Raises:
        ParamError: There is no such unit.
    """
    factor = _UNITS.get(str(unit).lower())
    if factor is None:
        raise ParamError(
            message=f"Invalid unit: {shown(unit)}, should be one of {', '.join(_UNITS)}"
        )
    return factor


def _is_finite(size: float) -> bool:
    return isinstance(size, int) or isfinite(size)
