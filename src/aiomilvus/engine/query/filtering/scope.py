"""Which segment views an operation reads, and which of their rows it may return.

Here tombstones take effect: `alive` leaves out the rows that the masks of a view say are deleted or
shadowed, and `allowed` those that a filter refuses, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.namespaces import BY_KEY, appear_by_themselves, partition_of
from aiomilvus.engine.properties import refused
from aiomilvus.engine.query.filtering.key_lookup import restricted
from aiomilvus.engine.query.filtering.view_source import SegmentSource
from aiomilvus.errors import (
    CollectionNotLoadedError,
    MilvusException,
    ParamError,
    PartitionNotLoadedError,
)
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.predicate import Predicate, Sample
from aiomilvus.model.moments import zone_of
from aiomilvus.model.nearest import or_nearest
from aiomilvus.model.read_limits import end_if_abandoned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.expr.diagnostics import Plan
    from aiomilvus.model.schema import Schema

    Bools = NDArray[np.bool_]


def views_of(
    snapshot: Snapshot,
    partitions: tuple[str, ...],
    *,
    namespace: str | None = None,
    ignore_growing: bool = False,
    purpose: str = "query",
) -> tuple[SegmentView, ...]:
    """Return the views to read: of the named partitions or namespace, or of all loaded ones.

    Of a key that was inserted several times they show the newest row among those read.

    Raises:
        CollectionNotLoadedError: Nothing is loaded.
        ParamError: Partitions are named, but chosen by the partition key; or a namespace is named
            and there are none, or none is and there are some.
        PartitionNotLoadedError: A named partition is not loaded.
        MilvusException: A named partition does not exist (code 65535).
    """
    loaded = snapshot.loaded
    if partitions and snapshot.schema.partition_key is not None:
        raise refused(BY_KEY)
    # As in Milvus, what is wrong with the request comes before what is wrong with the collection.
    of_namespace = partition_of(snapshot.schema, snapshot.properties, namespace, partitions)
    if of_namespace is not None:
        wanted = _number_of(snapshot, of_namespace)
    else:
        wanted = _numbers(snapshot, partitions) if partitions else loaded
    if not loaded:
        raise CollectionNotLoadedError(
            message=f"failed to {purpose}: collection not loaded[collection={snapshot.name}]"
            f"; call load_collection({snapshot.name!r}) first"
        )
    views = snapshot.views
    if len(wanted) != len(snapshot.partitions):
        views = tuple(view for view in views if view.segment.partition_id in wanted)
        views = restricted(snapshot, views)
    if ignore_growing:
        views = tuple(view for view in views if view.segment.sealed)
    return views


def _number_of(snapshot: Snapshot, namespace: str) -> frozenset[int]:
    """Return the partition of a namespace, none before its first row was written."""
    by_itself = appear_by_themselves(snapshot.schema, snapshot.properties)
    if by_itself and namespace not in snapshot.partitions:
        return frozenset()
    return _numbers(snapshot, (namespace,))


def _numbers(snapshot: Snapshot, partitions: tuple[str, ...]) -> frozenset[int]:
    numbers = set()
    for name in partitions:
        number = snapshot.partitions.get(name)
        if number is None:
            near = or_nearest(name, snapshot.partitions)
            raise MilvusException(65535, f"partition name {name} not found{near}")
        if snapshot.loaded and number not in snapshot.loaded:
            raise PartitionNotLoadedError(
                message=f"partition not loaded[partition={name}]; call load_partitions first"
            )
        numbers.add(number)
    return frozenset(numbers)


class Filter(NamedTuple):
    """A filter bound to a schema.

    Attributes:
        predicate: What to evaluate.
        key: Names the predicate among those of one schema, so that a view can keep the mask;
            None for filters that are not kept (templates, samples).
    """

    predicate: Predicate
    key: tuple[str, ...] | None


def bound(
    snapshot: Snapshot,
    text: str,
    params: Mapping[str, Any],
    time_zone: str = "",
    *,
    plan: Plan = "query",
) -> Filter | None:
    """Return the filter bound to the snapshot's schema; None when every row passes.

    Raises:
        ExpressionError: The filter can't be parsed, or does not fit the schema.
    """
    if not text.strip():
        return None
    zone = time_zone or snapshot.properties.get("timezone", "UTC")
    predicate = compile_filter(text, snapshot.schema, params, timezone=zone, plan=plan)
    if predicate.passes_all:
        return None
    is_kept = not params and not isinstance(predicate.root, Sample)
    return Filter(predicate, (text, zone) if is_kept else None)


def schema_in(snapshot: Snapshot, zone: str) -> Schema:
    """Return the schema of a result, whose moments are shown in a time zone.

    Args:
        snapshot: What was read.
        zone: IANA name, "" for the collection's own.

    Raises:
        ParamError: There is no such time zone.
    """
    if zone:
        try:
            zone_of(zone)
        except ValueError as error:
            raise ParamError(message=f"{error}: invalid parameter") from None
    return snapshot.schema.in_zone(zone)


def alive(view: SegmentView, *, shadowed: bool = False) -> Bools | None:
    """Return the mask of rows that are there, None for all; kept with the view.

    Args:
        view: The segment view.
        shadowed: Count shadowed rows as there (``count(*)`` does).
    """
    if view.deleted is None and (shadowed or view.shadowed is None):
        return None
    kept = view.cache.counted if shadowed else view.cache.alive
    if kept is None:
        hidden = np.zeros(view.num_rows, np.bool_)
        if view.deleted is not None:
            hidden |= view.deleted
        if view.shadowed is not None and not shadowed:
            hidden |= view.shadowed
        kept = ~hidden
        if shadowed:
            view.cache.counted = kept
        else:
            view.cache.alive = kept
    return kept


def allowed(
    snapshot: Snapshot, view: SegmentView, given: Filter | None, *, shadowed: bool = False
) -> Bools | None:
    """Return the mask of rows that are there and pass the filter; None for all rows.

    A view never changes, so it keeps the masks of the filters last used on it. The mask may
    belong to an index or a view: it is not to be written into.
    """
    end_if_abandoned()
    if given is None:
        return alive(view, shadowed=shadowed)
    if given.key is None:
        return _evaluated(snapshot, view, given, shadowed=shadowed)
    key = (*given.key, shadowed, snapshot.schema.version)
    mask = view.cache.masks.get(key)
    if mask is None:
        mask = _evaluated(snapshot, view, given, shadowed=shadowed)
        view.cache.keep_mask(key, mask)
    return mask


def _evaluated(snapshot: Snapshot, view: SegmentView, given: Filter, *, shadowed: bool) -> Bools:
    there = alive(view, shadowed=shadowed)
    source = SegmentSource(snapshot, view)
    root = given.predicate.root
    if not isinstance(root, Sample):
        passing = evaluate(given.predicate, source)
        return passing if there is None else passing & there
    # A sample is drawn from the rows that are there, so these are told first.
    passing = evaluate(Predicate(root.predicate, given.predicate.columns), source)
    candidates = np.flatnonzero(passing if there is None else passing & there)
    return _drawn(candidates, root.fraction, view.num_rows)


def _drawn(candidates: NDArray[np.int64], fraction: float, rows: int) -> Bools:
    """Return a mask over `rows` with a random fraction of the candidates, one at least."""
    mask = np.zeros(rows, np.bool_)
    if len(candidates):
        size = max(int(len(candidates) * fraction), 1)
        mask[np.random.default_rng().choice(candidates, size, replace=False)] = True
    return mask
