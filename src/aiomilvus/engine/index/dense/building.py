"""Building, storing and opening the approximate indexes of dense vectors.

Graphs over plain vectors are stored without them: once built, their storage is a view of the
segment's column. Those of many float32 vectors are built from leaves (`graph_build`). Where faiss
builds them, they stand over half-width copies meanwhile, added block by block, and the part of the
column's file that was read is given back to the system: so building takes less memory than the
vectors, and less time than over full width.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.dense.clustering import find_centres
from aiomilvus.engine.index.dense.copies import WRITTEN, Copies
from aiomilvus.engine.index.dense.distinct_index import WITH_COPIES, searcher_over
from aiomilvus.engine.index.dense.faiss_index import FORMAT, STRUCTURE, FaissIndex
from aiomilvus.engine.index.dense.faiss_library import (
    FaissObject,
    Threads,
    faiss_library,
    from_bytes,
    to_bytes,
    view_codes,
)
from aiomilvus.engine.index.dense.half_width import suits_half
from aiomilvus.engine.index.dense.index_types import (
    RECIPES,
    code_storage,
    empty_graph,
    empty_lists,
    in_own_width,
    measure_of,
)
from aiomilvus.engine.index.dense.judged import Judged
from aiomilvus.engine.index.dense.kernel_access import make_ahead
from aiomilvus.engine.index.dense.leaf_building import (
    ENOUGH_FOUND,
    graph_of_leaves,
    share_found,
)
from aiomilvus.engine.index.dense.own_recall import judge
from aiomilvus.engine.index.dense.scalar_codes import centre_of
from aiomilvus.engine.index.dense.unit_storage import CODES as UNIT_CODES
from aiomilvus.engine.index.dense.unit_storage import unit_codes_of, walk_over
from aiomilvus.engine.index.dense.vectors import (
    are_unit,
    as_floats,
    blocks_of,
    lengths_of,
    narrowed,
    normalized,
)
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.index.contract import BuildBudget
    from aiomilvus.model.columns import VectorColumn

    _Array = NDArray[Any]
    _Kept = dict[str, _Array]
    _Params = Mapping[str, Any]

_OLDER = 1
_READ = (_OLDER, FORMAT, WITH_COPIES)
"""Format 1 kept COSINE's vectors at length 1 in ``vectors``."""
_BLOCK_VALUES = 1 << 18
_LEAST_BLOCK_ROWS = 512
"""Values, and rows, that a graph gets before it is asked whether to go on."""
_MANY = 20_000


def build_faiss(
    column: VectorColumn,
    metric: str,
    served: str,
    params: _Params,
    budget: BuildBudget,
    *,
    default: int | None = None,
    is_judged: bool = False,
) -> FaissIndex:
    """Build an index of a sealed segment.

    Args:
        column: The segment's vectors, at least one.
        metric: ``L2``, ``IP`` or ``COSINE``.
        served: A key of `RECIPES`.
        params: Its checked build parameters.
        budget: What it may use.
        default: ``ef`` or ``nprobe`` of searches that give none; the recipe's by default.
        is_judged: Whether it asks itself how much it finds, and walks at a larger ef where
            `default` is not enough.

    Raises:
        BuildStoppedError: The work was given up.
    """
    recipe = RECIPES[served]
    ef = recipe.default if default is None else default
    values = column.values
    unit = metric == "COSINE" and not are_unit(values)
    keep: _Kept = {}
    judged: Judged | None = None
    copies: Copies | None = None
    if recipe.is_graph and recipe.own_vectors and len(values) >= _MANY:
        make_ahead()  # which takes seconds once on a machine, and this build takes longer
    with Threads(budget.threads):
        if recipe.is_graph and recipe.own_vectors:
            copies = Copies.among(values, column.valid)
            if copies is None:
                index = _best_graph(values, metric, params, budget, keep, unit=unit)
            else:
                index = _graph_of_distinct(copies, values, metric, params, budget, keep, unit=unit)
            if is_judged:
                asked = FaissIndex(column, metric, served, index, keep, ef)
                only = None if copies is None else copies.firsts
                judged = judge(asked, index, only, ef, budget)
                ef = judged.ef
        elif recipe.is_graph:
            index = _graph(values, metric, params, budget, unit=unit)
            _compress(index, values, metric, served, params, budget, unit=unit)
        else:
            index = _filled_lists(values, metric, served, params, budget, unit=unit)
    if not recipe.own_vectors:
        _keep_lengths(values, metric, keep)
    return searcher_over(column, metric, served, index, keep, ef, judged=judged, copies=copies)


def _graph_of_distinct(
    copies: Copies,
    values: _Array,
    metric: str,
    params: _Params,
    budget: BuildBudget,
    keep: _Kept,
    *,
    unit: bool,
) -> FaissObject:
    """Return a graph over one row of each vector, as `_best_graph` builds it."""
    index = _best_graph(values[copies.firsts], metric, params, budget, {}, unit=unit)
    keep.update(copies.arrays())
    # Stored as it is now: faiss reads no graph with rows that have no lists.
    keep[STRUCTURE] = to_bytes(index, faiss_library().IO_FLAG_SKIP_STORAGE)
    copies.put_under(index)
    _put_over_vectors(index, values, metric, keep, unit=unit)
    return index


def _best_graph(
    values: _Array,
    metric: str,
    params: _Params,
    budget: BuildBudget,
    keep: _Kept,
    *,
    unit: bool,
) -> FaissObject:
    """Return a graph over the vectors, in which rows find themselves.

    Few data are such that leaves don't lead to all of them: small clusters far apart. There faiss
    builds a graph, too, and the better one is taken.
    """
    index = graph_of_leaves(values, metric, params, budget, unit=unit)
    share = 0.0
    if index is not None:
        _put_over_vectors(index, values, metric, keep, unit=unit)
        share = share_found(index, values, unit=unit)
    if index is None or share < ENOUGH_FOUND:
        other = _graph(values, metric, params, budget, unit=unit)
        _put_over_vectors(other, values, metric, keep, unit=unit)
        if index is None or share_found(other, values, unit=unit) > share:
            index = other
    return index


def _put_over_vectors(
    index: FaissObject,
    values: _Array,
    metric: str,
    keep: _Kept,
    *,
    unit: bool,
) -> None:
    """Make what is kept of the vectors the storage of a graph."""
    if unit and values.dtype == np.float32:
        if UNIT_CODES not in keep:
            keep["lengths"] = lengths_of(values)
            keep.update(unit_codes_of(values))
        _take_off(index)
        walk_over(index, keep)
        return
    if unit and "vectors" not in keep:
        keep["vectors"] = narrowed(normalized(as_floats(values)), values.dtype)
    _attach(index, keep.get("vectors", values), measure_of(metric), keep)


_PER_LIST = 256
"""Rows for each list that faiss trains on at most."""


def _training(values: _Array, params: _Params, *, unit: bool) -> NDArray[np.float32]:
    """Return the rows to train on: evenly spread, as many as faiss looks at."""
    most = _PER_LIST * max(int(params.get("nlist", 1)), 1 << int(params.get("nbits", 8)))
    sample = np.ascontiguousarray(as_floats(values[:: max(len(values) // most, 1)]))
    return normalized(sample) if unit else sample


def _filled_lists(
    values: _Array,
    metric: str,
    served: str,
    params: _Params,
    budget: BuildBudget,
    *,
    unit: bool,
) -> FaissObject:
    """Return trained inverted lists of the vectors."""
    # Whole numbers do not stay whole at length 1.
    name = "float32" if unit and values.dtype == np.int8 else values.dtype.name
    index = empty_lists(served, values.shape, name, measure_of(metric), params)
    sample = _training(values, params, unit=unit)
    is_product = index.metric_type == faiss_library().METRIC_INNER_PRODUCT
    # Where the lists have their centres already, faiss trains the codes alone.
    index.quantizer.add(
        find_centres(sample, index.nlist, budget.check_wanted, spherical=is_product)
    )
    index.train(sample)
    started = monotonic()
    for block in blocks_of(values, unit=unit):
        budget.check(started, index.ntotal / len(values))
        index.add(block)
    return index


def _graph(
    values: _Array, metric: str, params: _Params, budget: BuildBudget, *, unit: bool
) -> FaissObject:
    """Return a graph that faiss builds over narrow copies of the vectors; see the module."""
    faiss = faiss_library()
    dim = values.shape[1]
    measure = measure_of(metric)
    centre = None
    code = None if unit else in_own_width(values.dtype.name)
    if code is None:
        centre = centre_of(values, None) if metric == "L2" and values.dtype == np.float32 else None
        if suits_half(values, centre):
            code = faiss.ScalarQuantizer.QT_bf16
        else:
            centre = None
    if code is None:
        storage = faiss.IndexFlat(dim, measure)
    else:
        storage = faiss.IndexScalarQuantizer(dim, code, measure)
        storage.is_trained = True
    index = empty_graph(storage, params)
    step = max(_BLOCK_VALUES // dim, _LEAST_BLOCK_ROWS)
    started = monotonic()
    for block in blocks_of(values, unit=unit):
        for at in range(0, len(block), step):
            budget.check(started, index.ntotal / len(values))
            part = block[at : at + step]
            index.add(part if centre is None else part - centre)
    return index


def _compress(
    index: FaissObject,
    values: _Array,
    metric: str,
    served: str,
    params: _Params,
    budget: BuildBudget,
    *,
    unit: bool,
) -> None:
    """Put a graph that was built over vectors onto codes: its links are better than theirs."""
    storage = code_storage(served, values.shape, measure_of(metric), params)
    if not storage.is_trained:
        storage.train(_training(values, params, unit=unit))
    started = monotonic()
    for block in blocks_of(values, unit=unit):
        budget.check(started, storage.ntotal / len(values))
        storage.add(block)
    _take_off(index)
    index.storage = storage
    index.own_fields = True
    storage.this.disown()


def open_faiss(
    column: VectorColumn, metric: str, arrays: Mapping[str, _Array], meta: _Params
) -> FaissIndex:
    """Open what `FaissIndex.to_arrays` gave; the arrays may be read-only and mapped.

    Raises:
        DataCorruptedError: It is of another format.
    """
    served = meta.get("served")
    if meta.get("format") not in _READ or served not in RECIPES:
        raise DataCorruptedError(
            message=f"dense index {served!r} of format {meta.get('format')!r}, expected one of "
            f"{_READ}"
        )
    keep: _Kept = {name: np.asarray(array) for name, array in arrays.items()}
    own = RECIPES[served].own_vectors
    copies = Copies.kept(keep, len(column))
    # What is put under copies is written to.
    structure = keep[STRUCTURE] if copies is None else np.array(keep[STRUCTURE])
    index = from_bytes(structure, faiss_library().IO_FLAG_SKIP_STORAGE if own else 0)
    if copies is not None:
        keep[WRITTEN] = structure
        if index.ntotal != copies.count:
            message = f"a graph of {index.ntotal} rows for {copies.count} vectors"
            raise DataCorruptedError(message=message)
        copies.put_under(index)
    walkable = not own or "lengths" not in keep or UNIT_CODES in keep
    if UNIT_CODES in keep:
        walk_over(index, keep)
    elif own and walkable:
        _attach(index, keep.get("vectors", column.values), measure_of(metric), keep)
    if not own or "vectors" in keep:
        _keep_lengths(column.values, metric, keep)
    return searcher_over(
        *(column, metric, served, index, keep, int(meta["default"])),
        walkable=walkable,
        judged=Judged.told(meta),
        copies=copies,
    )


def is_of_older_format(meta: object) -> bool:
    """Return whether a dense index, by its description, is stored as an older version did."""
    return isinstance(meta, dict) and meta.get("served") in RECIPES and meta.get("format") == _OLDER


def _keep_lengths(values: _Array, metric: str, keep: _Kept) -> None:
    """Keep what COSINE divides products of float32 vectors by, unless it is kept already."""
    if metric == "COSINE" and values.dtype == np.float32 and "lengths" not in keep:
        keep["lengths"] = lengths_of(values)


def _attach(index: FaissObject, vectors: _Array, measure: int, keep: _Kept) -> None:
    """Make `vectors` the storage of a graph, in their own width, without a copy."""
    faiss = faiss_library()
    dim = vectors.shape[1]
    name = vectors.dtype.name
    code = in_own_width(name)
    if code is None:
        storage = faiss.IndexFlat(dim, measure)
    else:
        storage = faiss.IndexScalarQuantizer(dim, code, measure)
        storage.is_trained = True
    codes = np.asarray(vectors)
    if name == "int8":
        codes = codes.view(np.uint8) ^ np.uint8(0x80)
    codes = np.ascontiguousarray(codes)
    view_codes(storage, codes)
    keep["codes"] = codes
    _take_off(index)
    index.storage = storage
    index.own_fields = True
    storage.this.disown()


def _take_off(index: FaissObject) -> None:
    """Free the copy of the vectors that a graph was built over."""
    before = index.storage
    index.storage = None
    index.own_fields = False
    if before is not None:
        before.this.own(True)
