"""Reads that were checked and planned once: of a few keys, whichever, or about all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.index import costs
from aiomilvus.engine.query.fields.fetch import fetch
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
    from aiomilvus.model.schema import Field


class PreparedLookup:
    """A read of some keys without these, on one snapshot. Safe to share.

    Args:
        snapshot: What is read.
        op: One of the reads, which was carried out: it was checked then.
    """

    __slots__ = ("_outputs", "_schema", "_snapshot", "_views", "field", "operation")

    def __init__(self, snapshot: Snapshot, op: Query) -> None:
        self._snapshot = msgspec.structs.replace(snapshot)  # the other will keep this
        self._views = views_of(snapshot, op.partitions, namespace=op.namespace)
        self._outputs = query_outputs(snapshot, op)
        self._schema = schema_in(snapshot, op.time_zone)
        self.field = snapshot.schema.primary
        """The primary key."""
        self.operation = msgspec.structs.replace(op, ids=None)
        """One of the reads, without its keys."""

    def fits(self, keys: Column | None) -> bool:
        """Return whether so few keys can be looked up."""
        return keys is not None and len(keys) <= FEW

    def seconds(self, keys: Column | None) -> float:
        """Return how long it will take with these keys, roughly."""
        asked = 0 if keys is None else len(keys)
        return (costs.CALL + asked * costs.KEY * (2 + len(self._views))) / 1e6

    def look_up(self, keys: Column | None) -> QueryResult:
        """Return the rows with these keys, in the order of the keys.

        Raises:
            ParamError: A key is none.
        """
        if keys is None:
            raise TypeError("a read of some keys needs these")
        checked(self.field, keys)
        outputs = self._outputs
        return QueryResult(
            batch=fetch(outputs.fields, few_by_key(self._views, keys)),
            schema=self._schema,
            output_fields=outputs.names,
            snapshot=self._snapshot.number,
            timestamp=self._snapshot.timestamp,
        )


class KeptAnswer:
    """What all rows of one snapshot give: the same whenever it is asked for. Safe to share.

    Args:
        field: The primary key.
        op: The query, which was carried out.
        found: Its answer, which holds aggregates alone.
    """

    __slots__ = ("_found", "field", "operation")

    def __init__(self, field: Field, op: Query, found: QueryResult) -> None:
        self._found = found
        self.field = field
        """The primary key."""
        self.operation = op
        """The query."""

    def fits(self, keys: Column | None) -> bool:
        """Return whether all rows are meant."""
        return keys is None

    def seconds(self, keys: Column | None) -> float:  # noqa: ARG002 - there are none
        """Return how long it will take."""
        return costs.CALL / 1e6

    def look_up(self, keys: Column | None) -> QueryResult:  # noqa: ARG002 - there are none
        """Return the answer."""
        return self._found


def run_and_keep(snapshot: Snapshot, op: Query) -> QueryResult:
    """Return what `run_query` does, and keep what the next query of the same shape can use.

    Only queries without a filter have a shape: a read of some keys is kept without these, an
    aggregate of all rows with its answer.
    """
    found = run_query(snapshot, op)
    if op.shape is None or op.shape in snapshot.cache.lookups:
        return found
    is_aggregated = any(is_aggregate(name) for name in op.output_fields)
    if op.ids is None and is_aggregated:
        snapshot.cache.keep_lookup(op.shape, KeptAnswer(snapshot.schema.primary, op, found))
    # Reading a column of an external collection takes too long for an event loop.
    elif op.ids is not None and not is_aggregated and not snapshot.schema.is_external:
        snapshot.cache.keep_lookup(op.shape, PreparedLookup(snapshot, op))
    return found
