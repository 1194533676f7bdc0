"""Which index types and metrics fit which fields, and the ranges of their parameters.

Names, ranges, defaults and wording of errors are Milvus'. Sparse parameters are checked by
`engine.index.sparse.parameters`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.schema import Field


class Whole(NamedTuple):
    """A whole number: name, least and most value, default."""

    name: str
    least: int
    most: int
    default: int


class DenseType(NamedTuple):
    """A vector index type: what it is built with, and what its searches take."""

    build: tuple[Whole, ...] = ()
    search: tuple[Whole, ...] = ()


_BIG = 2**31 - 1
_NLIST = Whole("nlist", 1, 65536, 128)
_NPROBE = Whole("nprobe", 1, 65536, 8)
_EF = Whole("ef", 1, _BIG, 64)
DENSE_TYPES: dict[str, DenseType] = {
    "FLAT": DenseType(),
    "HNSW": DenseType((Whole("M", 2, 2048, 30), Whole("efConstruction", 1, _BIG, 360)), (_EF,)),
    "IVF_FLAT": DenseType((_NLIST,), (_NPROBE,)),
}
BINARY_TYPES = frozenset({"BIN_FLAT"})
SPARSE_TYPES = frozenset({"SPARSE_INVERTED_INDEX", "SPARSE_WAND"})
_UNSERVED = frozenset(
    {
        "IVF_SQ8", "IVF_PQ", "IVF_RABITQ", "SCANN", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ", "DISKANN",
        "AISAQ", "BIN_IVF_FLAT", "MINHASH_LSH",
    }
)  # fmt: skip
_GPU = frozenset({"GPU_BRUTE_FORCE", "GPU_IVF_FLAT", "GPU_IVF_PQ", "GPU_CAGRA"})
SCALAR_TYPES = frozenset({"INVERTED", "BITMAP", "STL_SORT", "Trie", "TRIE", "HYBRID"})
_UNSERVED_SCALAR = frozenset({"NGRAM", "RTREE"})
AUTO = "AUTOINDEX"

DENSE_METRICS = ("L2", "IP", "COSINE")
BINARY_METRICS = ("HAMMING", "JACCARD", "SUBSTRUCTURE", "SUPERSTRUCTURE")
SPARSE_METRICS = ("IP", "BM25")


def family_of(field: Field) -> str:
    """Return ``dense``, ``binary``, ``sparse`` or ``scalar``."""
    if field.dtype.is_dense:
        return "dense"
    if field.dtype is DataType.BINARY_VECTOR:
        return "binary"
    return "sparse" if field.dtype is DataType.SPARSE_FLOAT_VECTOR else "scalar"


_TYPES: dict[str, frozenset[str]] = {
    "dense": frozenset(DENSE_TYPES),
    "binary": BINARY_TYPES,
    "sparse": SPARSE_TYPES,
    "scalar": SCALAR_TYPES,
}
_METRICS = {"dense": DENSE_METRICS, "binary": BINARY_METRICS, "sparse": SPARSE_METRICS}
_NAMES = {"dense": "float", "binary": "binary", "sparse": "sparse"}
_DEFAULT_METRIC = {"dense": "COSINE", "binary": "HAMMING", "sparse": "IP"}


def checked_type(field: Field, params: Mapping[str, str]) -> str:
    """Return the index type asked for, AUTOINDEX when none is.

    Raises:
        ParamError: No such type, or not for this field.
        NotSupportedError: Milvus has it, this engine does not.
    """
    kind = params.get("index_type", "") or AUTO
    family = family_of(field)
    if kind in _GPU:
        raise NotSupportedError(
            message=f"index type {kind} needs a GPU; this engine has none, use HNSW or IVF_FLAT"
        )
    if kind in _UNSERVED or (family == "scalar" and kind in _UNSERVED_SCALAR):
        raise NotSupportedError(
            message=f"index type {kind} is not supported by the embedded engine yet"
        )
    if field.dtype is DataType.ARRAY_OF_VECTOR:
        raise NotSupportedError(
            message=f"an index on field {field.name} of embedding lists is not supported by the "
            "embedded engine yet"
        )
    if kind == AUTO or kind in _TYPES[family]:
        return kind
    known = any(kind in types for types in _TYPES.values())
    if known:
        raise ParamError(
            message=f"index type {kind} is not supported on field {field.name} of type "
            f"{field.dtype.name}: invalid parameter[expected=valid index][actual=invalid index "
            f"type: {kind}]"
        )
    raise ParamError(
        message=f"invalid parameter[expected=valid index][actual=invalid index type: {kind}]"
    )


def checked_metric(field: Field, params: Mapping[str, str]) -> str:
    """Return the metric asked for, or the default one of the field's type.

    Raises:
        ParamError: The field's vectors can't be compared like that.
    """
    family = family_of(field)
    if family == "scalar":
        return ""
    default = "BM25" if field.is_function_output and family == "sparse" else _DEFAULT_METRIC[family]
    metric = params.get("metric_type", "").upper() or default
    if metric not in _METRICS[family]:
        raise ParamError(
            message=f"{_NAMES[family]} vector index does not support metric type: {metric}"
            f": invalid parameter[expected=valid index params][actual=invalid index params]"
        )
    return metric


def check_numbers(kind: str, params: Mapping[str, str]) -> None:
    """Check the build parameters of a dense index type.

    Raises:
        ParamError: One is no whole number, or out of range.
    """
    for number in DENSE_TYPES[kind].build if kind in DENSE_TYPES else ():
        whole(number, params.get(number.name))


def whole(number: Whole, given: object) -> int:
    """Return `given` as an int within range, the default for None.

    Raises:
        ParamError: It is no whole number, or out of range.
    """
    if given is None:
        return number.default
    try:
        value = int(given) if isinstance(given, (str, int)) else _refuse(number, given)
    except ValueError:
        _refuse(number, given)
    if isinstance(given, bool) or not number.least <= value <= number.most:
        _refuse(number, given)
    return value


def _refuse(number: Whole, given: object) -> NoReturn:
    raise ParamError(
        message=f"param '{number.name}' ({given}) should be in range [{number.least}, "
        f"{number.most}]: invalid parameter"
    )
