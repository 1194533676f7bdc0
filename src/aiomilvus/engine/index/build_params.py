"""Which index types and metrics fit which fields, and the ranges of their parameters.

Names, ranges, defaults and wording of errors are Milvus'. Sparse parameters are checked by
`index.sparse.sparse_params`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.index.dense.index_types import SQ_TYPES
from aiomilvus.engine.index.param_values import Share, Whole, choice, share, truth, whole
from aiomilvus.engine.index.sparse.sparse_params import SINDI
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.index_definitions import AUTO_NAMES, LIST_NAMES
from aiomilvus.model.nearest import or_nearest
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.schema import Field


_BIG = 2**31 - 1
_NLIST = Whole("nlist", 1, 65536, 128)
_LINKS = (Whole("M", 2, 2048, 30), Whole("efConstruction", 1, _BIG, 360))
_VAMANA = (
    Whole("max_degree", 1, 2048, 56),
    Whole("search_list_size", 1, _BIG, 200),
    Whole("M", 2, 2048, 28),
    Whole("efConstruction", 1, _BIG, 200),
)
"""DISKANN's names, and those of the graph that stands for it: M links go each way."""
_NBITS = Whole("nbits", 1, 16, 8)
_NRQ = Whole("nrq", 1, 16, 2)
DENSE_TYPES: dict[str, tuple[Whole, ...]] = {
    "FLAT": (),
    "HNSW": _LINKS,
    "HNSW_SQ": _LINKS,
    "HNSW_PQ": (*_LINKS, _NBITS),
    "HNSW_PRQ": (*_LINKS, _NBITS, _NRQ),
    "IVF_FLAT": (_NLIST,),
    "IVF_SQ8": (_NLIST,),
    "IVF_PQ": (_NLIST, _NBITS),
    "IVF_RABITQ": (_NLIST,),
    "SCANN": (_NLIST,),
    "DISKANN": _VAMANA,
    "AISAQ": (
        *_VAMANA,
        Whole("inline_pq", -1, 2048, -1),
        Whole("num_entry_points", 0, 1000, 100),
        Whole("pq_cache_size", 0, 1 << 30, 0),
        Whole("pq_read_page_cache_size", 0, 32 << 20, 5 << 20),
    ),
    "FAISS": (),
}
"""Dense index types and the whole numbers that they are built with; PQ types take ``m`` too."""
_SHARES = (
    Share("pq_code_budget_gb_ratio", 0.0, 1.0, 0.125),
    Share("disk_pq_code_budget_gb_ratio", 0.0, 1.0, 0.25),
    Share("search_cache_budget_gb_ratio", 0.0, 1.0, 0.1),
)
_READ_ENGINES = ("aio", "uring")
NLIST = _NLIST
_CODED_BY_PIECES = frozenset({"IVF_PQ", "HNSW_PQ", "HNSW_PRQ"})
REFINED = frozenset({"HNSW_SQ", "HNSW_PQ", "HNSW_PRQ", "IVF_RABITQ", "IVF_SQ8", "IVF_PQ", "SCANN"})
"""Types that compare codes, and compare the best candidates again."""
_REFINE_TYPES = ("SQ6", "SQ8", "FP16", "BF16", "FP32", "FLAT")
BINARY_TYPES = frozenset({"BIN_FLAT", "BIN_IVF_FLAT", "MINHASH_LSH"})
SPARSE_TYPES = frozenset({"SPARSE_INVERTED_INDEX", "SPARSE_WAND"})
_ON_DISK = ("DISKANN", "AISAQ")
_OF_FLOATS = {
    "FAISS": (DataType.FLOAT_VECTOR,),
    "AISAQ": (DataType.FLOAT_VECTOR, DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR),
}
_GPU = frozenset({"GPU_BRUTE_FORCE", "GPU_IVF_FLAT", "GPU_IVF_PQ", "GPU_CAGRA"})
_SVS = frozenset({"SVS_VAMANA", "SVS_VAMANA_LVQ", "SVS_VAMANA_LEANVEC"})
SCALAR_TYPES = frozenset(
    {"INVERTED", "BITMAP", "STL_SORT", "Trie", "TRIE", "HYBRID", "NGRAM", "RTREE"}
)
AUTO = "AUTOINDEX"

DENSE_METRICS = ("L2", "IP", "COSINE")
BINARY_METRICS = ("HAMMING", "JACCARD", "SUBSTRUCTURE", "SUPERSTRUCTURE", "MHJACCARD")
SPARSE_METRICS = ("IP", "BM25")


def family_of(field: Field) -> str:
    """Return ``dense``, ``binary``, ``sparse``, ``lists`` (of vectors) or ``scalar``."""
    if field.dtype is DataType.ARRAY_OF_VECTOR:
        return "lists"
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
_NOT_OF_INT8 = ("FLAT", "DISKANN")
"""What Milvus refuses for INT8_VECTOR, and clients expect to be refused."""
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
    if kind == SINDI:
        raise ParamError(
            message=f"invalid parameter[expected=valid index][actual=invalid index type: {kind}]; "
            "it is an inverted_index_algo of SPARSE_INVERTED_INDEX"
        )
    if kind in _GPU:
        raise NotSupportedError(
            message=f"index type {kind} needs a GPU; this engine has none, use HNSW or IVF_FLAT"
        )
    if kind in _SVS:
        raise NotSupportedError(
            message=f"index type {kind} needs Intel's SVS library, which this engine has not; use "
            "HNSW, or HNSW_SQ for smaller codes"
        )
    if kind == "FAISS" and field.dtype is DataType.BINARY_VECTOR:
        raise NotSupportedError(
            message="index type FAISS is built over FLOAT_VECTOR alone by this engine; use "
            "BIN_FLAT or BIN_IVF_FLAT for binary vectors"
        )
    if field.dtype not in _OF_FLOATS.get(kind, (field.dtype,)) and family == "dense":
        spelled = field.dtype.spelling
        message = f"data type {spelled} can't build with this index {kind}: invalid parameter"
        raise ParamError(message=f"{message}; use HNSW or {AUTO}")
    if field.dtype is DataType.INT8_VECTOR and kind in _NOT_OF_INT8:
        spelled = field.dtype.spelling
        message = f"data type {spelled} can't build with this index {kind}: invalid parameter"
        raise ParamError(message=f"{message}; use HNSW or {AUTO}")
    if kind == AUTO:
        _check_auto(family, params)
    if kind == AUTO or kind in _TYPES[family]:
        return kind
    known = any(kind in types for types in _TYPES.values())
    if known:
        spelled = field.dtype.spelling
        message = f"data type {spelled} can't build with this index {kind}: invalid parameter"
        raise ParamError(message=f"{message}; field {field.name} takes {_offered(family)}")
    near = or_nearest(kind, [AUTO, *_TYPES[family]])
    raise ParamError(
        message=f"invalid parameter[expected=valid index][actual=invalid index type: {kind}]{near}"
    )


def _offered(family: str) -> str:
    """Return the index types of a family of fields, for an error."""
    return ", ".join([AUTO, *sorted(_TYPES[family])])


def _check_auto(family: str, params: Mapping[str, str]) -> None:
    """Raise ParamError if AUTOINDEX over vectors is given more than a metric."""
    further = sorted(params.keys() - AUTO_NAMES - LIST_NAMES)
    if further and family != "scalar":
        message = "only metric type can be passed when use AutoIndex: invalid parameter"
        raise ParamError(
            message=f"{message}; leave out {', '.join(further)}, or name an index_type"
        )


def checked_metric(field: Field, kind: str, params: Mapping[str, str]) -> str:
    """Return the metric asked for, or the default one of the field's type.

    Raises:
        ParamError: The field's vectors can't be compared like that.
    """
    family = family_of(field)
    if family == "scalar":
        return ""
    default = "BM25" if field.is_function_output and family == "sparse" else _DEFAULT_METRIC[family]
    if family == "binary" and (kind == "MINHASH_LSH" or field.is_function_output):
        default = "MHJACCARD"
    metric = params.get("metric_type", "").upper() or default
    flat_only = metric in ("SUBSTRUCTURE", "SUPERSTRUCTURE") and kind == "BIN_IVF_FLAT"
    is_minhash = (metric == "MHJACCARD") != (kind == "MINHASH_LSH")
    mixed = family == "binary" and kind != AUTO and is_minhash
    if metric not in _METRICS[family] or flat_only or mixed:
        name = "int" if field.dtype is DataType.INT8_VECTOR else _NAMES[family]
        said = f"{name} vector index does not support metric type: "
        said += params.get("metric_type") or metric
        if family == "sparse":
            said = "only IP&BM25 is the supported metric type for sparse index"
        raise ParamError(
            message=f"{said}: invalid parameter[expected=valid index params][actual=invalid index "
            f"params]; field {field.name} with index type {kind} takes one of "
            f"{sorted(_METRICS[family])}"
        )
    return metric


def dense_params(kind: str, dim: int, params: Mapping[str, str]) -> dict[str, int | str]:
    """Return the build parameters of a dense index type, checked, defaults filled in.

    Raises:
        ParamError: A value is of the wrong type, out of range, or does not fit the dimension.
    """
    numbers = {number.name: whole(number, params.get(number.name)) for number in DENSE_TYPES[kind]}
    if kind in _CODED_BY_PIECES:
        most = 2 if kind == "HNSW_PRQ" else max(dim // 4, 1)
        default = next(m for m in range(most, 0, -1) if dim % m == 0)
        numbers["m"] = whole(Whole("m", 1, 65536, default), params.get("m"))
        if dim % numbers["m"]:
            raise ParamError(
                message="The dimension of the vector (dim) should be a multiple of the number of "
                f"subquantizers (m). Dimension:{dim}, m:{numbers['m']}"
            )
    if kind in _ON_DISK:
        _check_disk(params)
        if "M" not in params and "max_degree" in params:
            numbers["M"] = max((numbers["max_degree"] + 1) // 2, 2)
        if "efConstruction" not in params:
            numbers["efConstruction"] = numbers["search_list_size"]
    found: dict[str, int | str] = {**numbers}
    if kind == "HNSW_SQ":
        found["sq_type"] = choice("sq_type", params.get("sq_type", "SQ8"), SQ_TYPES)
    if kind in REFINED:
        truth("refine", params.get("refine", "false"))
        choice("refine_type", params.get("refine_type", "FLAT"), _REFINE_TYPES)
    return found


def _check_disk(params: Mapping[str, object]) -> None:
    """Raise ParamError for a wrong value of what says where on a disk Milvus keeps codes."""
    for number in _SHARES:
        share(number, params.get(number.name))
    truth("rearrange", params.get("rearrange", "true"))
    choice("pq_read_io_engine", params.get("pq_read_io_engine", "aio"), _READ_ENGINES)
