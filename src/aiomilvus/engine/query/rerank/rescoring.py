"""Scores changed after the merge: by a field's decay, or by what a model says of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.providers.rerankers import reranker_of
from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.engine.query.rerank.arguments import invalid
from aiomilvus.engine.query.rerank.fusion import ranked
from aiomilvus.engine.query.rerank.rank_functions import DecayFunction, ModelFunction
from aiomilvus.model.columns import BytesColumn, FixedColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column


def rescored(
    snapshot: Snapshot,
    views: tuple[SegmentView, ...],
    hits: Candidates,
    function: DecayFunction | ModelFunction,
) -> Candidates:
    """Return the hits with new scores, best first; those without a value come last.

    Raises:
        ParamError: A model function has not one text per query.
        ModelError: The model failed.
    """
    if isinstance(function, ModelFunction):
        _check_queries(function.queries, hits.offsets)
    if not len(hits.rows):
        return hits
    places = places_of(views, hits.owners, hits.rows)
    column = gather(snapshot.schema.by_name[function.field], places)
    if isinstance(function, ModelFunction):
        scores = model_scores(function.queries, function.params, hits.offsets, column)
        return ranked(snapshot, views, hits, scores)
    values, there = numbers(column)
    factors = np.where(there, function.decay.factors(values), 0.0)
    scores = (hits.scores.astype(np.float64) * factors).astype(np.float32)
    return ranked(snapshot, views, hits, scores, last=None if there.all() else ~there)


def numbers(column: Column) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return a numeric column as float64, and where it has values."""
    fixed = FixedColumn.expect(column)
    there = np.ones(len(column), np.bool_) if column.valid is None else column.valid
    return fixed.values.astype(np.float64), there


def model_scores(
    queries: Sequence[str],
    params: Mapping[str, Any],
    offsets: NDArray[np.int64],
    column: Column,
) -> NDArray[np.float32]:
    """Return what a model says: of each hit's text, with the text of its query.

    Raises:
        ParamError: There is not one text per query, or no such model.
        ModelError: The model failed.
    """
    _check_queries(queries, offsets)
    provider = reranker_of(params)
    texts = [value.decode() for value in BytesColumn.expect(column)]
    found = [np.empty(0, np.float32)]
    for at, query in enumerate(queries):
        mine = texts[int(offsets[at]) : int(offsets[at + 1])]
        if mine:
            found.append(provider.scores(query, mine))
    return np.concatenate(found)


def _check_queries(queries: Sequence[str], offsets: NDArray[np.int64]) -> None:
    """Raise ParamError unless there is one text per query, whether or not it has hits."""
    nq = len(offsets) - 1
    if len(queries) != nq:
        invalid(f"nq must equal to queries size, but got nq [{nq}], queries size [{len(queries)}]")
