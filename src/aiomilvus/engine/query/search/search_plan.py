"""Plans of searches: what was checked, in which views, for what, under which masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.properties import largest_window
from aiomilvus.engine.query.filtering.isolation import check_isolation
from aiomilvus.engine.query.filtering.key_lookup import visible_rows
from aiomilvus.engine.query.filtering.scope import allowed, bound, views_of
from aiomilvus.engine.query.rerank.rank_plan import NOTHING, reranking_of
from aiomilvus.engine.query.search.element_hits import (
    check_element_filter,
    check_elements,
    count_elements,
    element_masks,
)
from aiomilvus.engine.query.search.search_rules import check_params, check_search
from aiomilvus.engine.query.search.view_searchers import queries_of, target_of
from aiomilvus.engine.write.value_checks import checked
from aiomilvus.errors import ParamError
from aiomilvus.model.types import MetricType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.index.search_target import SearchTarget
    from aiomilvus.engine.query.rerank.rank_plan import Reranking
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search


class Plan(NamedTuple):
    """A checked search: where, for what, under which masks, and what is done to its hits."""

    target: SearchTarget
    views: tuple[SegmentView, ...]
    queries: Column
    masks: list[NDArray[np.bool_] | None]
    larger: bool
    reranking: Reranking
    is_lasting: bool
    """Whether the masks hold for the next such search: those of a sample or template do not."""
    present: NDArray[np.bool_] | None = None
    """Of a search by ids, which of the entities have a vector; None for all."""


def plan_search(snapshot: Snapshot, op: Search) -> Plan:
    """Check `op` against the snapshot and prepare it.

    Raises:
        MilvusException: As `run_search`.
    """
    views = views_of(
        snapshot,
        op.partitions,
        namespace=op.namespace,
        ignore_growing=op.ignore_growing,
        purpose="search",
    )
    target = target_of(snapshot, op.field)
    check_search(target, op, largest_window(snapshot.properties))
    if target.finds_elements:
        check_elements(target, op)
    if op.params:
        check_params(target, op)
    predicate = None
    if op.filter:
        predicate = bound(snapshot, op.filter, op.filter_params, op.time_zone)
    if predicate is not None:
        check_element_filter(target, predicate.predicate)
    check_isolation(snapshot, None if predicate is None else predicate.predicate)
    data, present = op.data, None
    if data is None:
        if op.ids is not None:
            checked(snapshot.schema.primary, op.ids)
        data, present = stored_vectors(views, target, op)
    reranking = NOTHING
    if op.ranker is not None:
        reranking = reranking_of(snapshot.schema, op.ranker, None, target.field)
    queries = queries_of(snapshot, target, data, op.params)
    masks = [allowed(snapshot, view, predicate) for view in views]
    if target.finds_elements:
        filtered = None if predicate is None else predicate.predicate
        masks = element_masks(snapshot, target, views, masks, filtered)
    larger = MetricType(target.spec.metric).larger_is_closer
    is_lasting = predicate is None or predicate.key is not None
    return Plan(target, views, queries, masks, larger, reranking, is_lasting, present)


def stored_vectors(
    views: tuple[SegmentView, ...], target: SearchTarget, op: Search
) -> tuple[Column, NDArray[np.bool_] | None]:
    """Return the vectors of the entities named by `op.ids`, in that order, and which have one.

    Raises:
        ParamError: An entity does not exist, or none has a vector.
    """
    if op.ids is None:
        raise ParamError(message="a search needs query vectors or ids: invalid parameter")
    parts: list[Column] = []
    for at in range(len(op.ids)):
        key = op.ids.slice(at, at + 1)
        for view in views:
            rows = visible_rows(view, key)
            if len(rows):
                parts.append(view.segment.column(target.field).take(rows[:1]))
                break
        else:
            raise ParamError(message=f"no entity has the {at}th of the ids: invalid parameter")
    column = type(parts[0]).concat(parts)
    present = column.valid
    if present is None or present.all():
        column.valid = None
        return column, None
    if not present.any():
        raise ParamError(message="no entity named by ids has a vector: invalid parameter")
    column = column.take(np.flatnonzero(present))
    column.valid = None
    return column, present


def queries_in(plan: Plan) -> int:
    """Return how many queries a search has, those that find nothing included."""
    return len(plan.queries) if plan.present is None else len(plan.present)


def part_of(plan: Plan, first: int, last: int) -> Plan:
    """Return the search for its queries first … last - 1 alone."""
    if plan.present is None:
        return plan._replace(queries=plan.queries.slice(first, last))
    before, inside = (int(each.sum()) for each in (plan.present[:first], plan.present[first:last]))
    queries = plan.queries.slice(before, before + inside)
    return plan._replace(queries=queries, present=plan.present[first:last])


def most_hits(plan: Plan) -> int:
    """Return how many hits a query can have at most."""
    if plan.target.finds_elements:
        return count_elements(plan.target, plan.views)
    return sum(view.num_rows for view in plan.views)
