"""Reads of a few keys, which are checked and planned once for all that differ in their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.index import costs
from aiomilvus.engine.query.fields.fetch import fetch, places_of
from aiomilvus.engine.query.filtering.key_lookup import FEW
from aiomilvus.engine.query.filtering.scope import schema_in, views_of
from aiomilvus.engine.query.scan.aggregate import is_aggregate
from aiomilvus.engine.query.scan.queries import query_outputs, run_query
from aiomilvus.engine.query.scan.windows import few_by_key
from aiomilvus.engine.write.value_checks import checked
from aiomilvus.model.results import QueryResult

if TYPE_CHECKING:
    from aiomilvus.engine.snapshot import Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.data import Query


class PreparedLookup:
    """A read of some keys without these, on one snapshot. Safe to share.

    Args:
        snapshot: What is read.
        op: One of the reads, which was carried out: it was checked then.
    """

    __slots__ = ("_outputs", "_schema", "_snapshot", "_views", "field", "operation")

    def __init__(self, snapshot: Snapshot, op: Query) -> None:
        self._snapshot = msgspec.structs.replace(snapshot)  # the other will keep this
        self._views = views_of(snapshot, op.partitions)
        self._outputs = query_outputs(snapshot, op)
        self._schema = schema_in(snapshot, op.time_zone)
        self.field = snapshot.schema.primary
        """The primary key."""
        self.operation = msgspec.structs.replace(op, ids=None)
        """One of the reads, without its keys."""

    def fits(self, keys: Column) -> bool:
        """Return whether so few keys can be looked up."""
        return len(keys) <= FEW

    def seconds(self, keys: Column) -> float:
        """Return how long it will take with these keys, roughly."""
        return (costs.CALL + len(keys) * costs.KEY * (2 + len(self._views))) / 1e6

    def look_up(self, keys: Column) -> QueryResult:
        """Return the rows with these keys, in the order of the keys.

        Raises:
            ParamError: A key is none.
        """
        checked(self.field, keys)
        views, outputs = self._views, self._outputs
        places = places_of(views, *few_by_key(views, keys)) if views else []
        return QueryResult(
            batch=fetch(outputs.fields, places),
            schema=self._schema,
            output_fields=outputs.names,
            snapshot=self._snapshot.number,
            timestamp=self._snapshot.timestamp,
        )


def run_and_keep(snapshot: Snapshot, op: Query) -> QueryResult:
    """Return what `run_query` does; a read of keys that has a shape is kept for the next one."""
    found = run_query(snapshot, op)
    is_new = op.shape is not None and op.shape not in snapshot.cache.lookups
    is_new &= not snapshot.schema.is_external  # reading a column takes too long for an event loop
    if is_new and not any(is_aggregate(name) for name in op.output_fields):
        snapshot.cache.keep_lookup(op.shape, PreparedLookup(snapshot, op))
    return found
