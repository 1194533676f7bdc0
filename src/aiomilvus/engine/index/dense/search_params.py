"""What a search may say about how hard to look: Milvus' names, ranges and words."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import MilvusException, ParamError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 2**31 - 1
_MOST_OF = {
    "nprobe": 65536,
    "beamwidth": 16,
    "vectors_beamwidth": 4,
    "pq_read_page_cache_size": 32 << 20,
}
_MOST_BITS = 8
_SEARCH_PARAMS = {
    "AUTOINDEX": ("ef",),
    "HNSW": ("ef",),
    "HNSW_SQ": ("ef",),
    "HNSW_PQ": ("ef",),
    "HNSW_PRQ": ("ef",),
    "DISKANN": ("search_list",),
    "AISAQ": ("search_list", "beamwidth", "vectors_beamwidth", "pq_read_page_cache_size"),
    "SCANN": ("nprobe", "reorder_k"),
    "IVF_FLAT": ("nprobe",),
    "IVF_SQ8": ("nprobe",),
    "IVF_PQ": ("nprobe",),
    "IVF_RABITQ": ("nprobe",),
    "BIN_IVF_FLAT": ("nprobe",),
}
_REFINED = frozenset({"HNSW_SQ", "HNSW_PQ", "HNSW_PRQ", "IVF_SQ8", "IVF_PQ", "IVF_RABITQ"})
_AT_LEAST_K = {
    "HNSW": "ef",
    "HNSW_SQ": "ef",
    "HNSW_PQ": "ef",
    "HNSW_PRQ": "ef",
    "DISKANN": "search_list",
    "AISAQ": "search_list",
    "SCANN": "reorder_k",
}


def whole_param(name: str, given: object) -> int:
    """Return a search parameter as an int.

    Raises:
        ParamError: It is no whole number, or out of range.
    """
    most = _MOST_OF.get(name, _MOST)
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


def query_bits(params: Mapping[str, Any]) -> int:
    """Return ``rbq_query_bits``: bits a dimension of the query has, 0 for all.

    Raises:
        ParamError: It is no whole number from 0 to 8.
    """
    given = params.get("rbq_query_bits", params.get("rbq_bits_query", 0))
    try:
        bits = int(given) if isinstance(given, (str, int)) else -1
    except ValueError:
        bits = -1
    if isinstance(given, bool) or not 0 <= bits <= _MOST_BITS:
        raise ParamError(
            message=f"param 'rbq_query_bits' ({given}) should be in range [0, {_MOST_BITS}]"
            ": invalid parameter"
        )
    return bits


def check_search_params(kind: str, params: Mapping[str, Any], k: int | None) -> None:
    """Check what a search says to an index type, wherever the rows are: indexed yet or not.

    Args:
        kind: Milvus' name of the index type; those that take nothing pass.
        params: The search's parameters; those that the type does not know are left alone.
        k: How many hits are wanted of each segment, None where that is not known.

    Raises:
        ParamError: A value is of the wrong type or out of range.
        MilvusException: A value lets the index look at fewer rows than there are to be hits.
    """
    for name in _SEARCH_PARAMS.get(kind, ()):
        if params.get(name) is not None:
            whole_param(name, params[name])
    if kind in _REFINED:
        refine_factor(params)
    if kind == "IVF_RABITQ":
        query_bits(params)
    name = _AT_LEAST_K.get(kind, "")
    given = params.get(name)
    if given is not None and k is not None and int(given) < k:
        raise MilvusException(
            65535,
            f"out of range in json: {name}({given}) should be larger than k({k}): {name} has to be "
            "at least limit + offset",
        )


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
        return k * widen if given is None else max(whole_param("reorder_k", given), k)
    factor = refine_factor(params)
    return k * widen if factor is None else ceil(k * factor)
