"""How many rows a filter lets pass, estimated from scalar indexes without evaluating it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.query.filtering.index_lookup import counted
from aiomilvus.expr.predicate import And, Bound, Not, Or, Sample, Truth

if TYPE_CHECKING:
    from aiomilvus.engine.snapshot import SegmentView, Snapshot


def selectivity(snapshot: Snapshot, view: SegmentView, root: Bound) -> float | None:
    """Return the estimated share of a view's rows that pass, None when no index can tell.

    Single leaves are counted exactly. What is combined is taken to be independent; a part of a
    conjunction that no index knows is taken to let all pass.
    """
    if not view.num_rows:
        return None
    if isinstance(root, Truth):
        return 1.0 if root.value else 0.0
    if isinstance(root, And):
        return _conjunction(snapshot, view, root.operands)
    if isinstance(root, Or):
        return _disjunction(snapshot, view, root.operands)
    if isinstance(root, Sample):
        within = selectivity(snapshot, view, root.predicate)
        return None if within is None else within * root.fraction
    leaf = root.operand if isinstance(root, Not) else root
    count = counted(snapshot, view, leaf) if view.segment.sealed else None
    if count is None:
        return None
    share = count / view.num_rows
    return 1.0 - share if isinstance(root, Not) else share


def _conjunction(snapshot: Snapshot, view: SegmentView, parts: tuple[Bound, ...]) -> float | None:
    known = [selectivity(snapshot, view, part) for part in parts]
    told = [share for share in known if share is not None]
    if not told:
        return None
    product = 1.0
    for share in told:
        product *= share
    return product


def _disjunction(snapshot: Snapshot, view: SegmentView, parts: tuple[Bound, ...]) -> float | None:
    failing = 1.0
    for part in parts:
        share = selectivity(snapshot, view, part)
        if share is None:
            return None
        failing *= 1.0 - share
    return 1.0 - failing
