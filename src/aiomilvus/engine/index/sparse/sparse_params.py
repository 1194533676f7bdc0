"""Index and search parameters of sparse vectors, checked as Milvus checks them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.index.param_values import Share, Whole, share, whole
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

SINDI = "SINDI"
CODECS = ("block_streamvbyte", "block_maskedvbyte", "block_adaptive")
QUANT_TYPES = {"IP": ("fp16", "fp32"), "BM25": ("u16", "u32")}
"""What Milvus stores of a value; here all are float32, so scores are exact whatever is chosen."""
_ALGORITHM = "inverted_index_algo"
_INHERIT = "INHERIT"
_WINDOW = Whole("sindi_window_size", 1024, 65535, 65535)
_BLOCK = Whole("block_max_block_size", 1, 2**31 - 1, 128)
_BULK = Whole("bulk_query_nnz_threshold", 0, 2**31 - 1, 20)
_REFINE = Share("refine_factor", 1.0, 1e6, 1.0)
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
        refine: ``refine_factor``, at least 1: so many times k candidates are compared again by
            the whole query, where `drop_ratio` left values out.
    """

    drop_ratio: float = 0.0
    bound_ratio: float = 1.0
    refine: float = 1.0


def build_params(params: Mapping[str, object]) -> BuildParams:
    """Read index parameters; keys that belong to others (``index_type``…) are left alone.

    Raises:
        ParamError: A value is of the wrong type or out of range.
    """
    defaults = BuildParams()
    _check_layout(params)
    return BuildParams(
        _algorithm(_ALGORITHM, params.get(_ALGORITHM, defaults.algorithm)),
        _number(params, "drop_ratio_build", 0.0, 0.0, 1.0, open_end=True),
        _number(params, "bm25_k1", DEFAULT_K1, 0.0, 3.0),
        _number(params, "bm25_b", DEFAULT_B, 0.0, 1.0),
    )


def search_params(params: Mapping[str, object]) -> SearchParams:
    """Read search parameters; keys that belong to others (``radius``…) are left alone.

    Raises:
        ParamError: A value is of the wrong type or out of range.
    """
    whole(_BULK, params.get(_BULK.name))
    named = str(params.get("search_algo", _INHERIT)).upper()
    if named != _INHERIT:
        _algorithm("search_algo", named)  # which finds the same rows as any other
    return SearchParams(
        _number(params, "drop_ratio_search", 0.0, 0.0, 1.0, open_end=True),
        min(_number(params, "dim_max_score_ratio", 1.05, 0.5, 1.3), 1.0),
        share(_REFINE, params.get(_REFINE.name)),
    )


def check_search(params: Mapping[str, object], built: Mapping[str, object]) -> None:
    """Check what a search says to an index.

    Args:
        params: The search's parameters.
        built: The index'.

    Raises:
        ParamError: A value is of the wrong type or out of range, or the index can't be searched by
            that algorithm.
    """
    search_params(params)
    named = str(params.get("search_algo", _INHERIT)).upper()
    is_sindi = str(built.get("inverted_index_algo", "")).upper() == SINDI
    if named == SINDI and not is_sindi:
        refused = "search algorithm SINDI is only supported for SINDI index"
        raise ParamError(message=f"{refused}: invalid parameter")
    if is_sindi and named not in (SINDI, _INHERIT):
        refused = "SINDI index can only use SINDI search algorithm"
        raise ParamError(message=f"{refused}, got {named}: invalid parameter")


def _check_layout(params: Mapping[str, object]) -> None:
    """Raise ParamError for a wrong value of what lays out Milvus' postings; ours are one layout."""
    for number in (_WINDOW, _BLOCK):
        whole(number, params.get(number.name))
    codec = params.get("inverted_index_codec", "")
    if codec not in ("", *CODECS):
        raise ParamError(
            message=f"inverted_index_codec {codec} not found or not supported, supported: "
            f"[{' '.join(CODECS)}]: invalid parameter"
        )
    metric = "BM25" if str(params.get("metric_type", "")).upper() == "BM25" else "IP"
    given, allowed = params.get("quant_type"), QUANT_TYPES[metric]
    if given is not None and given not in allowed:
        raise ParamError(
            message=f"quant_type for {metric} metric must be '{allowed[0]}' or '{allowed[1]}', got "
            f"'{given}': invalid parameter"
        )


def _algorithm(param: str, value: object) -> str:
    name = str(value).upper()
    if name not in ALGORITHMS:
        raise ParamError(
            message=f"{param} {value} not found or not supported, "
            f"supported: [{' '.join(ALGORITHMS)}]: invalid parameter"
        )
    return name


def _number(
    params: Mapping[str, object],
    key: str,
    default: float,
    low: float,
    high: float,
    *,
    open_end: bool = False,
) -> float:
    value = params.get(key, default)
    try:
        number = math.nan if isinstance(value, bool) else float(str(value))
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high or (open_end and number == high):
        interval = f"[{low:g}, {high:g}{')' if open_end else ']'}"
        raise ParamError(
            message=f"invalid {key}: {value}, should be in range {interval}: invalid parameter"
        )
    return number
