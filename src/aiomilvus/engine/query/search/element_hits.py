"""Searches whose hits are elements of arrays of structs: which may be hits, and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from aiomilvus.engine.query.filtering.view_source import SegmentSource
from aiomilvus.engine.query.search.view_searchers import searcher_of
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.expr.evaluate.evaluator import evaluate_elements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.index.lists.elements import ElementIndex, Elements
    from aiomilvus.engine.index.search_target import SearchTarget
    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.expr.predicate import Predicate
    from aiomilvus.model.operations.data import Search

    Bools = NDArray[np.bool_]


def check_elements(target: SearchTarget, op: Search) -> None:
    """Raise unless `op` may be asked of the elements of a struct.

    Raises:
        ParamError: Entities are named instead of vectors: they have several.
        NotSupportedError: The option works on entities, and hits are elements.
    """
    name = target.field.name
    if op.ids is not None:
        message = f"search by ids is not supported on {name}: an entity has several vectors there"
        raise ParamError(message=f"{message}: invalid parameter")
    asked = {
        "a ranker": op.ranker is not None,
        "search_aggregation": "search_aggregation" in op.extra,
    }
    for what, given in asked.items():
        if given:
            message = f"{what} is not supported by a search for elements of {target.field.struct}"
            raise NotSupportedError(message=f"{message}, on field {name}")


def check_element_filter(target: SearchTarget, predicate: Predicate) -> None:
    """Raise ParamError if a filter chooses elements that are not what is searched."""
    leaf = predicate.element_filter
    if leaf is None or (target.finds_elements and leaf.field == target.field.struct):
        return
    message = (
        "element_filter is only supported for element-level search on vector sub-fields of the "
        "same struct array; use MATCH_ANY/MATCH_* for row-level vector search"
    )
    raise ParamError(message=f"{message}: invalid parameter")


def element_masks(
    snapshot: Snapshot,
    target: SearchTarget,
    views: tuple[SegmentView, ...],
    masks: list[Bools | None],
    predicate: Predicate | None,
) -> list[Bools | None]:
    """Return which elements of each view may be hits.

    They are those of rows that may be hits. Where the filter has an ``element_filter`` on this
    struct, they have to pass it themselves, too.
    """
    leaf = None if predicate is None else predicate.element_filter
    found: list[Bools | None] = []
    for view, mask in zip(views, masks, strict=True):
        passing = None
        if predicate is not None and leaf is not None and leaf.field == target.field.struct:
            evaluated = evaluate_elements(predicate, SegmentSource(snapshot, view))
            passing = None if evaluated is None else evaluated[1]
        found.append(_elements(target, view).mask(mask, passing))
    return found


def count_elements(target: SearchTarget, views: tuple[SegmentView, ...]) -> int:
    """Return how many elements the views have."""
    return sum(int(_elements(target, view).offsets[-1]) for view in views)


def with_rows(target: SearchTarget, views: tuple[SegmentView, ...], hits: Candidates) -> Candidates:
    """Return hits that number elements as hits that number rows and the elements in them."""
    rows, elements = np.empty_like(hits.rows), np.empty_like(hits.rows)
    for number, view in enumerate(views):
        mine = np.flatnonzero(hits.owners == number)
        rows[mine], elements[mine] = _elements(target, view).rows_of(hits.rows[mine])
    return hits._replace(rows=rows, elements=elements)


def best_of_each(hits: Candidates) -> Candidates:
    """Return each query's hits with the best element of each entity alone, as entities."""
    query = np.repeat(np.arange(len(hits.offsets) - 1), np.diff(hits.offsets))
    named = np.stack([query, hits.owners, hits.rows])
    firsts = np.sort(np.unique(named, axis=1, return_index=True)[1])  # best come first
    offsets = np.searchsorted(query[firsts], np.arange(len(hits.offsets)))
    return hits.pick(firsts, offsets.astype(np.int64))._replace(elements=None)


def _elements(target: SearchTarget, view: SegmentView) -> Elements:
    return cast("ElementIndex", searcher_of(target, view)).elements
