"""Searches that differ in their queries alone are checked and planned once a snapshot.

What most programs ask is the same search again and again. Its arguments, fields, views and masks
are looked at when it comes first; later ones find that ready, and may be run as one batch, of
which `search_batch` tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.query.search.prepared_search import PreparedSearch
from aiomilvus.engine.query.search.prepared_terms import PreparedTerms
from aiomilvus.engine.query.search.prepared_vectors import PreparedVectors
from aiomilvus.engine.query.search.view_searchers import target_of
from aiomilvus.errors import MilvusException
from aiomilvus.model.columns import BytesColumn, SparseColumn, VectorColumn

if TYPE_CHECKING:
    from collections.abc import Hashable

    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.prepared import Prepared


def prepared_before(snapshot: Snapshot, op: Search) -> Prepared | None:
    """Return `op` prepared if such a search was made on this snapshot; takes microseconds."""
    kept = snapshot.cache.prepared
    return kept.get(key_of(snapshot, op)) if kept else None


def prepare(snapshot: Snapshot, op: Search) -> PreparedSearch | None:
    """Return `op` prepared, which the snapshot keeps; None for searches that ask for more.

    Raises:
        MilvusException: As `searches.run_search`.
    """
    key = key_of(snapshot, op)
    if key is None:
        return None
    found = snapshot.cache.prepared.get(key)
    if isinstance(found, PreparedSearch) and found.fits(op.data):
        return found
    made = prepared_for(snapshot, op)
    if made.is_lasting:
        snapshot.cache.keep_prepared(key, made)
    return made


def prepared_for(snapshot: Snapshot, op: Search) -> PreparedSearch:
    """Return `op` prepared, without looking for it or keeping it; one that has a `key_of`.

    Raises:
        MilvusException: As `searches.run_search`.
    """
    is_dense = type(op.data) is VectorColumn
    return PreparedVectors(snapshot, op) if is_dense else PreparedTerms(snapshot, op)


def key_of(snapshot: Snapshot, op: Search) -> Hashable | None:
    """Return what tells such a search from others, apart from its queries; None if it has more."""
    if op.data is None or op.filter_params or op.extra or op.order_by:
        return None
    if op.ranker is not None or op.group_by or op.iterator is not None:
        return None  # even with a shape: search parameters may ask for it
    kind = _kind_of(snapshot, op.field, op.data)
    if kind is None:
        return None
    if op.shape is not None:
        return op.shape
    params = op.params
    return (
        *(op.field, op.filter, op.limit, op.offset, op.output_fields, op.partitions, op.metric),
        tuple([(name, repr(params[name])) for name in sorted(params)]) if params else (),
        *(op.radius, op.range_filter, op.round_decimal, op.ignore_growing, op.time_zone),
        op.namespace,
        *(op.ids is None, *kind),
    )


def _kind_of(snapshot: Snapshot, field: str, data: Column) -> tuple[Hashable, ...] | None:
    """Return what queries have in common that one search can be asked with; None for others.

    Texts are some where BM25 scores their words, not where a model makes vectors of them.
    """
    if type(data) is VectorColumn:
        return data.values.shape[1:], data.values.dtype
    if type(data) not in (SparseColumn, BytesColumn) or not len(data):
        return None
    try:
        is_scored = target_of(snapshot, field).spec.metric == "BM25"
    except MilvusException:
        return None
    return (type(data),) if is_scored == (type(data) is BytesColumn) else None
