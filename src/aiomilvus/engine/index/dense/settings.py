"""What a search may say about how hard to look: Milvus' names, ranges and words."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 2**31 - 1
_MOST_PROBES = 65536


def whole_effort(name: str, given: object) -> int:
    """Return a search parameter as an int.

    Raises:
        ParamError: It is no whole number, or out of range.
    """
    most = _MOST_PROBES if name == "nprobe" else _MOST
    try:
        value = int(given) if isinstance(given, (str, int)) else 0
    except ValueError:
        value = 0
    if isinstance(given, bool) or not 1 <= value <= most:
        raise ParamError(
            message=f"param '{name}' ({given}) should be in range [1, {most}]: invalid parameter"
        )
    return value


def refine_factor(params: Mapping[str, Any]) -> float | None:
    """Return ``refine_k``, how many times `k` candidates are compared again; None if not given.

    Raises:
        ParamError: It is no number of at least 1.
    """
    given = params.get("refine_k")
    if given is None:
        return None
    try:
        factor = float(given)
    except (TypeError, ValueError):
        factor = 0.0
    if not 1.0 <= factor < 1e6:
        raise ParamError(
            message=f"param 'refine_k' ({given}) should be a number of at least 1"
            ": invalid parameter"
        )
    return factor


def candidates(served: str, widen: int, k: int, params: Mapping[str, Any]) -> int:
    """Return how many candidates to ask a structure for, of which the best `k` are kept.

    Args:
        served: The index type.
        widen: Candidates for each hit where a search says nothing; 1 for exact structures.
        k: How many are wanted.
        params: The search's parameters.

    Raises:
        ParamError: ``reorder_k`` or ``refine_k`` is no number or too small.
    """
    if widen == 1:
        return k
    if served == "SCANN":
        given = params.get("reorder_k")
        return k * widen if given is None else max(whole_effort("reorder_k", given), k)
    factor = refine_factor(params)
    return k * widen if factor is None else ceil(k * max(factor, widen))
