"""Index and search parameters of sparse vectors, checked as Milvus checks them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS = (
    "TAAT_NAIVE",
    "DAAT_WAND",
    "DAAT_MAXSCORE",
    "BLOCK_MAX_MAXSCORE",
    "BLOCK_MAX_WAND",
    "SINDI",
)
"""Names of `inverted_index_algo`. TAAT_NAIVE scores every posting; all others prune."""

DEFAULT_K1 = 1.2
DEFAULT_B = 0.75


class BuildParams(NamedTuple):
    """How an index is built and scored.

    Attributes:
        algorithm: One of `ALGORITHMS`.
        drop_ratio: Share of the values, the smallest, left out of the index; 0 ≤ x < 1.
        k1: BM25's saturation of term frequencies, ``bm25_k1``, 0 … 3.
        b: BM25's normalisation by length, ``bm25_b``, 0 … 1.
    """

    algorithm: str = "DAAT_MAXSCORE"
    drop_ratio: float = 0.0
    k1: float = DEFAULT_K1
    b: float = DEFAULT_B


class SearchParams(NamedTuple):
    """How a search prunes.

    Attributes:
        drop_ratio: Share of the query's values, the smallest, that are ignored; 0 ≤ x < 1.
        bound_ratio: ``dim_max_score_ratio``, 0.5 … 1.3: factor on the bounds used to skip;
            1 and more is exact, less is faster and may miss results.
    """

    drop_ratio: float = 0.0
    bound_ratio: float = 1.0


def build_params(params: Mapping[str, Any]) -> BuildParams:
    """Read index parameters; keys that belong to others (``index_type``…) are left alone.

    Raises:
        ParamError: A value is of the wrong type or out of range.
    """
    defaults = BuildParams()
    return BuildParams(
        _algorithm(params.get("inverted_index_algo", defaults.algorithm)),
        _number(params, "drop_ratio_build", 0.0, 0.0, 1.0, open_end=True),
        _number(params, "bm25_k1", DEFAULT_K1, 0.0, 3.0),
        _number(params, "bm25_b", DEFAULT_B, 0.0, 1.0),
    )


def search_params(params: Mapping[str, Any]) -> SearchParams:
    """Read search parameters; keys that belong to others (``radius``…) are left alone.

    Raises:
        ParamError: A value is of the wrong type or out of range.
    """
    return SearchParams(
        _number(params, "drop_ratio_search", 0.0, 0.0, 1.0, open_end=True),
        min(_number(params, "dim_max_score_ratio", 1.05, 0.5, 1.3), 1.0),
    )


def _algorithm(value: object) -> str:
    if not isinstance(value, str) or value not in ALGORITHMS:
        raise ParamError(
            message=f"sparse inverted index algo {value} not found or not supported, "
            f"supported: [{' '.join(ALGORITHMS)}]: invalid parameter"
        )
    return value


def _number(
    params: Mapping[str, Any],
    key: str,
    default: float,
    low: float,
    high: float,
    *,
    open_end: bool = False,
) -> float:
    value = params.get(key, default)
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high or (open_end and number == high):
        interval = f"[{low:g}, {high:g}{')' if open_end else ']'}"
        raise ParamError(
            message=f"invalid {key}: {value}, should be in range {interval}: invalid parameter"
        )
    return number
