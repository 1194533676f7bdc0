"""Graphs over what grows, extended beside the writes; see `index.dense.growing_graph`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np

from aiomilvus.engine.index.build_params import family_of
from aiomilvus.engine.index.dense.growing_codes import LEAST_ROWS as CODED_ROWS
from aiomilvus.engine.index.dense.growing_graph import (
    LEAST_ROWS,
    GrowingGraph,
    Grown,
    RemappedIndex,
)
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.index.dense.faiss_index import FaissIndex
    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.segment.growing import GrowingSegment
    from aiomilvus.engine.segment.sealed import SealedSegment
    from aiomilvus.model.schema import Field


def _wanted(collection: Collection) -> list[IndexSpec]:
    fields = collection.record.schema.by_name
    return [
        spec
        for spec in list(collection.specs.values())
        if spec.index_type != "FLAT"
        and spec.field in fields
        and family_of(fields[spec.field]) == "dense"
    ]


def behind(collection: Collection) -> list[tuple[GrowingSegment, IndexSpec]]:
    """Return the growing segments whose codes or graphs lack many rows."""
    growing = [each for each in list(collection.growing.values()) if each.num_rows >= CODED_ROWS]
    if not growing:
        return []
    return [
        (segment, spec)
        for segment in growing
        for spec in _wanted(collection)
        if _graph(segment, spec).is_behind(segment.num_rows)
    ]


def _graph(segment: Segment, spec: IndexSpec) -> GrowingGraph:
    """Return the graph of a segment; all who ask for it at once get the same one."""
    graphs = segment.cache.graphs
    found = graphs.get(spec.id)
    return graphs.setdefault(spec.id, GrowingGraph(spec.metric)) if found is None else found


def extend(collection: Collection, keep_going: Callable[[], bool]) -> bool:
    """Take new rows of growing segments into their codes and graphs: one round of each.

    While rows keep coming, one graph could take in rows for ever, and no other would get any.

    Args:
        collection: Whose segments they are.
        keep_going: Asked again and again; False ends the work early.

    Returns:
        Whether any rows were taken in; more may be left, as `behind` tells.
    """
    is_further = False
    for segment, spec in behind(collection):
        graph = _graph(segment, spec)

        def still_grows(segment: GrowingSegment = segment, spec: IndexSpec = spec) -> bool:
            current = collection.growing.get(segment.partition_id)
            return keep_going() and current is segment and collection.specs.get(spec.id) == spec

        field = collection.record.schema.by_name.get(spec.field)
        if field is None or not still_grows():
            continue
        serve = partial(segment.cache.graph_searchers.__setitem__, spec.id)
        is_further |= graph.extend(partial(_vectors, segment, field), still_grows, serve)
    return is_further


def _vectors(segment: Segment, field: Field) -> VectorColumn:
    return VectorColumn.expect(segment.column(field))


def carry_over(
    collection: Collection, source: Segment, kept: NDArray[np.int64], target: SealedSegment
) -> None:
    """Let a sealed segment be searched as before while its index is built.

    Args:
        collection: Whose segments they are.
        source: What grew.
        kept: Its rows that `target` has, in their order.
        target: What it became.
    """
    for spec in _wanted(collection):
        graph = source.cache.graphs.get(spec.id)
        served = source.cache.graph_searchers.get(spec.id)
        if graph is None or served is None:
            continue
        if len(kept) == source.num_rows:
            field = collection.record.schema.by_name[spec.field]
            served = graph.over(VectorColumn.expect(target.column(field)))
        elif served.graph is not None:
            served = Grown(RemappedIndex(cast("FaissIndex", served.graph), kept))
        else:
            continue
        target.cache.graph_searchers[spec.id] = served


def carry_over_read(
    collection: Collection, grew: Sequence[GrowingSegment], known: Container[int]
) -> None:
    """Do as `carry_over` where another process has sealed what grew here too.

    Args:
        collection: Whose segments they are, read again.
        grew: What grew before that.
        known: Numbers of the segments that were sealed before that.
    """
    sources = [source for source in grew if source.cache.graph_searchers]
    for target in list(collection.sealed.values()) if sources else ():
        if target.id in known:
            continue
        keys = target.column(collection.record.schema.primary)
        for source in sources:
            if source.partition_id == target.partition_id:
                kept = _same_rows(source.find(keys))
                if len(kept) >= LEAST_ROWS:
                    carry_over(collection, source, kept, target)


def _same_rows(found: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which rows of a source the first rows of its target are, as far as that is certain.

    Args:
        found: The source's newest row of each of the target's keys, -1 for none. Where they do
            not rise, a key was written twice, and the target may have the older row.
    """
    rising = np.concatenate([[True], np.diff(found) > 0]) & (found >= 0)
    ends = np.flatnonzero(~rising)
    return found[: ends[0]] if len(ends) else found
