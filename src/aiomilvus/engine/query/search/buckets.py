"""Search aggregation: the hits of a search sorted into buckets, level by level.

The pool is what a search grouped by the fields of all levels finds: the best groups, as many as
the product of the levels' sizes, and of each the best hits, as many as the largest ``top_hits``
asks for (else one). Counts and metrics are of the pool, as in Milvus, not of the collection.
"""

from __future__ import annotations

import itertools
from functools import cmp_to_key, partial
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.engine.query.search.bucket_rules import Level, levels_of, returned_fields
from aiomilvus.engine.query.search.grouping import grouped
from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.results import Bucket, BucketHit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aiomilvus.engine.query.candidates import Candidates
    from aiomilvus.engine.query.fields.fetch import ViewRows
    from aiomilvus.engine.query.search.grouping import Searching
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.schema import Field

SCORE = "_score"


def aggregated(
    snapshot: Snapshot,
    op: Search,
    views: tuple[SegmentView, ...],
    search: Searching,
) -> tuple[tuple[Bucket, ...], ...]:
    """Return the buckets of each query.

    Args:
        snapshot: What is searched.
        op: Has the aggregation.
        views: The views searched.
        search: What finds hits of its queries.

    Raises:
        ParamError: The aggregation is wrong.
    """
    levels = levels_of(snapshot.schema, op)
    pool = msgspec.structs.replace(
        op,
        group_by=tuple(name for level in levels for name in level.fields),
        group_size=max(level.hits for level in levels) or 1,
        limit=prod(level.size for level in levels),
        offset=0,
        strict_group_size=False,
    )
    hits, _ = grouped(snapshot, pool, views, search)
    table = _Table(snapshot, op, views, hits, levels)
    bounds = hits.offsets.tolist()
    return tuple(
        table.buckets(list(range(start, stop)), 0) for start, stop in itertools.pairwise(bounds)
    )


class _Made(NamedTuple):
    """A bucket in the making: its values, its metrics, its rows."""

    key: tuple[Any, ...]
    metrics: dict[str, Any]
    rows: list[int]


class _Table:
    """The pool's hits and the values of every field that the levels read."""

    def __init__(
        self,
        snapshot: Snapshot,
        op: Search,
        views: tuple[SegmentView, ...],
        hits: Candidates,
        levels: Sequence[Level],
    ) -> None:
        self._schema = snapshot.schema
        self._levels = levels
        self._outputs = returned_fields(snapshot.schema, op.output_fields)
        read = {name for level in levels for name in level.reads} | set(self._outputs)
        places = places_of(views, hits.owners, hits.rows) if len(hits.rows) else []
        self._columns = {
            name: self._read(snapshot.schema.by_name[name], places)
            for name in read
            if name != SCORE
        }
        scores = hits.scores if op.round_decimal < 0 else np.round(hits.scores, op.round_decimal)
        self._columns[SCORE] = scores.tolist()
        self._keys = self._read(snapshot.schema.primary, places)

    @staticmethod
    def _read(field: Field, places: Sequence[ViewRows]) -> list[Any]:
        return _listed(field, gather(field, places))

    def buckets(self, rows: Sequence[int], depth: int) -> tuple[Bucket, ...]:
        """Return the buckets of these hits at one level, and below."""
        level = self._levels[depth]
        groups: dict[tuple[Any, ...], list[int]] = {}
        for row in rows:
            key = tuple(self._columns[name][row] for name in level.fields)
            groups.setdefault(key, []).append(row)
        made = [_Made(key, self._metrics(level, mine), mine) for key, mine in groups.items()]
        if level.order:
            made.sort(key=cmp_to_key(partial(_compared, level)))
        last = depth + 1 == len(self._levels)
        return tuple(
            Bucket(
                key=tuple(
                    (name, self._schema.by_name[name].id, value)
                    for name, value in zip(level.fields, each.key, strict=True)
                ),
                count=len(each.rows),
                metrics=each.metrics,
                hits=self._top(level, each.rows) if level.hits else (),
                buckets=() if last else self.buckets(each.rows, depth + 1),
            )
            for each in made[: level.size]
        )

    def _metrics(self, level: Level, rows: Sequence[int]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for alias, (what, name) in level.metrics.items():
            if name == "*":
                found[alias] = len(rows)
                continue
            column = self._columns[name]
            values = [column[row] for row in rows if column[row] is not None]
            found[alias] = _METRICS[what](values) if values or what == "count" else None
        return found

    def _top(self, level: Level, rows: Sequence[int]) -> tuple[BucketHit, ...]:
        ranking = sorted(rows, key=cmp_to_key(partial(self._better, level)))
        return tuple(self._hit(row) for row in ranking[: level.hits])

    def _better(self, level: Level, one: int, other: int) -> int:
        for name, descending in level.sort:
            column = self._columns[name]
            first, second = column[one], column[other]
            if first == second:
                continue
            if first is None or second is None:
                return 1 if first is None else -1
            return _sign(first > second, descending)
        return one - other  # the pool is best first

    def _hit(self, row: int) -> BucketHit:
        fields = {name: self._columns[name][row] for name in self._outputs}
        present = {name: value for name, value in fields.items() if value is not None}
        numbers = {name: self._schema.by_name[name].id for name in present}
        return BucketHit(
            key=self._keys[row], score=self._columns[SCORE][row], fields=present, field_ids=numbers
        )


_METRICS: dict[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
}


def _compared(level: Level, one: _Made, other: _Made) -> int:
    """Return which bucket comes first; nothing is less than any value."""
    pairs: list[tuple[Any, Any]]
    for name, descending in level.order:
        if name == "_count":
            pairs = [(len(one.rows), len(other.rows))]
        elif name == "_key":
            pairs = list(zip(one.key, other.key, strict=True))
        else:
            pairs = [(one.metrics[name], other.metrics[name])]
        for first, second in pairs:
            if first == second:
                continue
            if first is None or second is None:
                return _sign(second is None, descending)
            return _sign(first > second, descending)
    return 0


def _sign(above: bool, descending: bool) -> int:
    return 1 if above != descending else -1


def _listed(field: Field, column: Column) -> list[Any]:
    """Return a scalar column as Python values, None for nulls; JSON stays UTF-8 text."""
    if isinstance(column, FixedColumn):
        values: list[Any] = column.values.tolist()
    else:
        values = list(BytesColumn.expect(column))
    if field.dtype.is_string:
        values = [value.decode() for value in values]
    if column.valid is None:
        return values
    return [each if there else None for each, there in zip(values, column.valid, strict=True)]
