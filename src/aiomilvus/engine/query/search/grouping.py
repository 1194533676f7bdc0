"""Grouping hits: the best few of each group, for the best groups."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from aiomilvus.engine.query.fields.fetch import places_of
from aiomilvus.engine.query.fields.named import grouping_values
from aiomilvus.engine.query.search.query_blocks import joined, queries_at_a_time
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn
from aiomilvus.model.read_limits import HIT_BYTES, check_output, end_if_abandoned

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.operations.data import HybridSearch, Search


class Searching(NamedTuple):
    """A search that may be asked for any number of hits.

    Attributes:
        queries: How many queries it has.
        find: Returns up to k hits, the first argument, of each of the queries first … last - 1, the
            second and the third.
    """

    queries: int
    find: Callable[[int, int, int], Candidates]


def grouped(
    snapshot: Snapshot,
    op: Search | HybridSearch,
    views: tuple[SegmentView, ...],
    search: Searching,
    *,
    total: int | None = None,
    together: bool = False,
) -> tuple[Candidates, ColumnBatch]:
    """Return the hits of the best groups, and the groups' values.

    Args:
        snapshot: What is searched.
        op: Says by which fields, how many groups (`limit`, after `offset`), how many hits each.
        views: The views searched.
        search: What finds hits; asked for more until the groups are full or there are no more.
        total: How many hits there can be; the number of rows when omitted.
        together: Whether the hits of a group follow each other, the best groups first; otherwise
            all hits come best first.
    """
    if total is None:
        total = sum(view.num_rows for view in views)
    wanted = (op.limit + op.offset) * op.group_size
    most, count = max(total, 1), 0
    parts: list[tuple[Candidates, ColumnBatch]] = []
    waiting = [(0, search.queries, min(max(4 * wanted, 64), most))]
    while waiting:
        first, last, k = waiting.pop()
        step = queries_at_a_time(k)
        if last - first > step:
            waiting.append((first + step, last, k))
            last = first + step
        end_if_abandoned()
        hits = search.find(k, first, last)
        values = _values(snapshot, op, views, hits)
        chosen, full = _choose(op, hits, values)
        if not full and k < most:
            waiting.append((first, last, min(4 * k, most)))
            continue
        parts.append(_picked(hits, values, chosen, together=together))
        count += len(parts[-1][0].rows)
        check_output(count * HIT_BYTES)
    # What no hit has may lack the type that it has elsewhere.
    groups = [group for part, group in parts if len(part.rows)] or [parts[0][1]]
    return joined([part for part, _ in parts]), ColumnBatch.concat(groups)


def _picked(
    hits: Candidates, values: ColumnBatch, chosen: list[list[int]], *, together: bool
) -> tuple[Candidates, ColumnBatch]:
    """Return the chosen hits of each query, and their groups' values."""
    offsets = np.zeros(len(hits.offsets), np.int64)
    np.cumsum([len(rows) for rows in chosen], out=offsets[1:])
    listed = chosen if together else [sorted(rows) for rows in chosen]
    order = np.array([row for rows in listed for row in rows], np.int64)
    return hits.pick(order, offsets), values.take(order)


def ranked_groups(
    snapshot: Snapshot,
    op: HybridSearch | Search,
    views: tuple[SegmentView, ...],
    hits: Candidates,
    *,
    larger: bool,
) -> tuple[Candidates, ColumnBatch]:
    """Return the best groups of hits that are all there are, each group's hits together.

    Args:
        snapshot: What was searched.
        op: Says by which fields, how many groups, how many hits each, and for a hybrid search
            by which score (largest, sum or average of the hits kept) the groups rank.
        views: What the hits' owners number.
        hits: Best first within each query.
        larger: Whether larger scores are better.
    """
    scorer = getattr(op, "group_scorer", "max")
    values = _values(snapshot, op, views, hits)
    sign = 1.0 if larger else -1.0
    order: list[int] = []
    offsets = [0]
    for query in range(len(hits.offsets) - 1):
        first, end = int(hits.offsets[query]), int(hits.offsets[query + 1])
        groups: dict[tuple[object, ...], list[int]] = {}
        for hit, key in enumerate(_keys(values.slice(first, end)), first):
            members = groups.setdefault(key, [])
            if len(members) < op.group_size:
                members.append(hit)
        ranking = sorted(
            groups.values(), key=lambda members: -sign * _score(hits.scores[members], scorer, sign)
        )
        for members in ranking[op.offset : op.offset + op.limit]:
            order += members
        offsets.append(len(order))
    rows = np.array(order, np.int64)
    return hits.pick(rows, np.array(offsets, np.int64)), values.take(rows)


def _score(scores: NDArray[np.float32], scorer: str, sign: float) -> float:
    """Return what a group ranks by: its best hit's score, or the sum or average of all."""
    if scorer == "sum":
        return float(scores.sum())
    if scorer == "avg":
        return float(scores.mean())
    return float(sign * (sign * scores).max())


def _values(
    snapshot: Snapshot,
    op: Search | HybridSearch,
    views: tuple[SegmentView, ...],
    hits: Candidates,
) -> ColumnBatch:
    places = places_of(views, hits.owners, hits.rows) if len(hits.rows) else []
    columns = {name: grouping_values(snapshot, name, places) for name in op.group_by}
    return ColumnBatch(len(hits.rows), columns)


def _keys(values: ColumnBatch) -> list[tuple[object, ...]]:
    columns = [_listed(column) for column in values.columns.values()]
    return list(zip(*columns, strict=True))


def _listed(column: Column) -> list[object]:
    if isinstance(column, FixedColumn):
        listed = cast("list[object]", column.values.tolist())
    else:
        listed = list(BytesColumn.expect(column))
    if column.valid is None:
        return listed
    return [v if there else None for v, there in zip(listed, column.valid, strict=True)]


def _choose(
    op: Search | HybridSearch, hits: Candidates, values: ColumnBatch
) -> tuple[list[list[int]], bool]:
    """Return the chosen hits of each query, group by group; and whether more can't improve them."""
    chosen: list[list[int]] = []
    all_full = True
    for first, end in pairwise(hits.offsets.tolist()):
        groups = _first_groups(op, _keys(values.slice(first, end)), first)
        picked = groups[op.offset :]
        enough = len(groups) == op.offset + op.limit
        complete = not op.strict_group_size or all(len(m) == op.group_size for m in picked)
        all_full = all_full and enough and complete
        chosen.append([hit for members in picked for hit in members])
    return chosen, all_full


def _first_groups(
    op: Search | HybridSearch, keys: list[tuple[object, ...]], first: int
) -> list[list[int]]:
    """Return the groups that one query's hits come to first, and the first hits of each.

    Args:
        op: Says how many groups, and how many hits each.
        keys: The groups of the query's hits, best first.
        first: Number of the first of these hits among those of all queries.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    most = op.offset + op.limit
    for hit, key in enumerate(keys, first):
        members = groups.get(key)
        if members is None and len(groups) == most:
            continue
        if members is None:
            members = groups[key] = []
        if len(members) < op.group_size:
            members.append(hit)
    return list(groups.values())
