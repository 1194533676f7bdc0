"""The approximate index types of dense vectors: how faiss builds each, and how to search it.

=================  ==========================================================================
HNSW               graph over the segment's own vectors, in their own width
DISKANN            the same graph: its vectors stay in the mapped column file
HNSW_SQ, HNSW_PQ,  the same graph, over codes
HNSW_PRQ
IVF_FLAT           inverted lists of vectors
IVF_SQ8, IVF_PQ    inverted lists of codes
SCANN              inverted lists of 4-bit codes, compared by tables in registers
IVF_RABITQ         inverted lists of one bit a dimension
=================  ==========================================================================

What compares codes finds more candidates than asked for; the segment's own vectors, which are
always there, decide among them, so scores are exact whether or not ``refine`` was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from aiomilvus.engine.index.dense.faiss_library import FaissObject, faiss_library

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORT, _COARSE = 10, 100
_FEW_BITS = 32
_TRAINING = 39
"""Rows for each inverted list at least, as faiss wants them to train on."""


class Recipe(NamedTuple):
    """How an index type is searched.

    Attributes:
        ef: Name of the parameter that trades speed for recall.
        default: Its value for searches that give none.
        widen: Candidates compared exactly for each hit; 1 where the index' scores are exact.
        own_vectors: Whether the faiss index compares the segment's vectors in place.
        is_coded: Whether codes of the vectors are kept in memory to search faster.
    """

    ef: str
    default: int
    widen: int = 1
    own_vectors: bool = False
    is_coded: bool = False

    @property
    def is_graph(self) -> bool:
        """Whether it is a graph, else inverted lists."""
        return self.ef != "nprobe"


RECIPES: dict[str, Recipe] = {
    "HNSW": Recipe("ef", 64, own_vectors=True, is_coded=True),
    "DISKANN": Recipe("search_list", 64, own_vectors=True),
    "HNSW_SQ": Recipe("ef", 64, widen=2),
    "HNSW_PQ": Recipe("ef", 64, widen=16),
    "HNSW_PRQ": Recipe("ef", 64, widen=10),
    "IVF_FLAT": Recipe("nprobe", 8),
    "IVF_SQ8": Recipe("nprobe", 8, widen=2),
    "IVF_PQ": Recipe("nprobe", 8, widen=10),
    "SCANN": Recipe("nprobe", 8, widen=20),
    "IVF_RABITQ": Recipe("nprobe", 8, widen=20),
}

_SQ_TYPES = {
    "SQ4U": "QT_4bit_uniform",
    "SQ6": "QT_6bit",
    "SQ8": "QT_8bit",
    "FP16": "QT_fp16",
    "BF16": "QT_bf16",
}
SQ_TYPES = tuple(_SQ_TYPES)


_WIDTHS = {"float16": "QT_fp16", "uint16": "QT_bf16", "int8": "QT_8bit_direct_signed"}
"""Codes of faiss that keep a stored type as it is; uint16 is bfloat16's bits."""


def in_own_width(name: str) -> int | None:
    """Return faiss' code for vectors of the numpy type called `name`, None for float32."""
    return getattr(faiss_library().ScalarQuantizer, _WIDTHS[name]) if name in _WIDTHS else None


def code_storage(
    kind: str, shape: tuple[int, int], measure: int, params: Mapping[str, Any]
) -> FaissObject:
    """Return the untrained faiss index of codes that a graph type stands over.

    Args:
        kind: ``HNSW_SQ``, ``HNSW_PQ`` or ``HNSW_PRQ``.
        shape: How many vectors will be added, and their dimension; few rows get short codes.
        measure: faiss' metric.
        params: Checked build parameters.
    """
    faiss = faiss_library()
    rows, dim = shape
    if kind == "HNSW_SQ":
        quantizer = getattr(faiss.ScalarQuantizer, _SQ_TYPES[params["sq_type"]])
        return faiss.IndexScalarQuantizer(dim, quantizer, measure)
    bits = _bits(params, rows)
    if kind == "HNSW_PQ":
        index = faiss.IndexPQ(dim, params["m"], bits, measure)
        train_on_few(index)
        return index
    return faiss.IndexProductResidualQuantizer(dim, params["m"], params["nrq"], bits, measure)


def widening(recipe: Recipe, index: FaissObject, dim: int) -> int:
    """Return how many candidates for each hit are compared, where a search does not say.

    Codes of less than a byte for each dimension tell neighbours less well from each other than
    most of a type do; those of less than a bit, or of few bytes in all, hardly do.
    """
    if recipe.widen == 1:
        return 1
    bits = (index.storage if recipe.is_graph else index).sa_code_size() * 8
    least = 1 if bits >= 8 * dim else _SHORT
    return max(recipe.widen, _COARSE if bits < dim or bits <= _FEW_BITS else least)


def empty_lists(
    kind: str, shape: tuple[int, int], stored: str, measure: int, params: Mapping[str, Any]
) -> FaissObject:
    """Return an untrained faiss index of inverted lists.

    Args:
        kind: A key of `RECIPES` that is no graph.
        shape: How many vectors will be added, and their dimension; smaller numbers of lists
            and bits serve few rows.
        stored: Name of their numpy type.
        measure: faiss' metric.
        params: Checked build parameters.
    """
    rows, dim = shape
    return _lists(kind, dim, rows, measure, {**params, "code": in_own_width(stored)})


def _lists(kind: str, dim: int, rows: int, measure: int, params: Mapping[str, Any]) -> FaissObject:
    faiss = faiss_library()
    nlist = max(min(params["nlist"], rows // _TRAINING), 1)
    coarse = faiss.IndexFlat(dim, measure)
    if kind == "IVF_SQ8":
        quantizer = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexIVFScalarQuantizer(coarse, dim, nlist, quantizer, measure)
    elif kind == "IVF_PQ":
        index = faiss.IndexIVFPQ(coarse, dim, nlist, params["m"], _bits(params, rows), measure)
    elif kind == "SCANN":
        pieces = dim // 2 if dim % 2 == 0 else dim
        index = faiss.IndexIVFPQFastScan(coarse, dim, nlist, pieces, 4, measure)
    elif kind == "IVF_RABITQ":
        index = faiss.IndexIVFRaBitQ(coarse, dim, nlist, measure)
    elif params["code"] is not None:
        index = faiss.IndexIVFScalarQuantizer(
            coarse,
            dim,
            nlist,
            params["code"],
            measure,
            False,  # by_residual
        )
    else:
        index = faiss.IndexIVFFlat(coarse, dim, nlist, measure)
    index.own_fields = True
    coarse.this.disown()
    train_on_few(index)
    return index


def train_on_few(index: FaissObject) -> None:
    """Let a faiss index be trained on few rows without a word on the standard error stream."""
    trained: FaissObject
    for trained in (index, getattr(index, "pq", index)):
        if hasattr(trained, "cp"):
            trained.cp.min_points_per_centroid = 1


def _bits(params: Mapping[str, Any], rows: int) -> int:
    """Return the bits of a code: no more centres than there are rows to train them on."""
    return max(min(int(params["nbits"]), (rows // _TRAINING).bit_length() - 1), 1)


def measure_of(metric: str) -> int:
    """Return faiss' number of a metric; COSINE is the product of unit vectors."""
    faiss = faiss_library()
    return int(faiss.METRIC_L2 if metric == "L2" else faiss.METRIC_INNER_PRODUCT)


def empty_graph(storage: FaissObject, params: Mapping[str, Any]) -> FaissObject:
    """Return a graph without rows that owns its storage."""
    index = faiss_library().IndexHNSW(storage, params["M"])
    index.own_fields = True
    storage.this.disown()
    index.is_trained = True
    index.hnsw.efConstruction = params["efConstruction"]
    return index


def search_parameters(
    served: str, index: FaissObject, ef: int, selector: FaissObject, bits: int
) -> FaissObject:
    """Return faiss' parameters of a search.

    Args:
        served: A key of `RECIPES`.
        index: The index.
        ef: In the type's own unit.
        selector: Of the rows that may be hits; None for all.
        bits: Of a query's code, under IVF_RABITQ.
    """
    faiss = faiss_library()
    if RECIPES[served].is_graph:
        return faiss.SearchParametersHNSW(efSearch=ef, sel=selector)
    nprobe = max(min(ef, int(index.nlist)), 1)
    if served == "IVF_RABITQ":
        return faiss.IVFRaBitQSearchParameters(nprobe=nprobe, sel=selector, qb=bits)
    return faiss.SearchParametersIVF(nprobe=nprobe, sel=selector)
