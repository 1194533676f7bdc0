"""Rows that are to be inserted: an operation once the schema is known, alone or with others'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import DataNotMatchException
from aiomilvus.model.operations.data import Insert
from aiomilvus.model.results import MutationResult
from aiomilvus.model.rows.batch import batch_of, holds_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiomilvus.model.schema import Schema

MOST_ROWS = 64
"""So few rows are made together with others: what a write costs hardly depends on them."""
_SINGLE = frozenset((int, float, str, bool))
"""Types of values that no column has: a dict with one of them mostly is a row."""


class Insertion:
    """What makes the operation of an insert; call it with the schema.

    Args:
        db: Name of the database.
        collection: Name of the collection, or an alias.
        data: What the caller gave; only read.
        partition: Name of the partition, "" for the default one.
        namespace: Whose rows these are, None in a collection without namespaces.

    Attributes:
        key: Insertions with equal keys go to the same place.
        counts: How many rows each of several callers had, where these are the rows of several.
    """

    __slots__ = ("_dicts", "counts", "data", "key")

    def __init__(
        self, db: str, collection: str, data: Any, partition: str, namespace: str | None = None
    ) -> None:
        self.data = data
        self.key = (db, collection, partition, namespace)
        self.counts: Sequence[int] = ()
        self._dicts: Sequence[Mapping[str, object]] = ()
        """Those of the rows that came as one dict each, which may hold columns after all."""

    def __call__(self, schema: Schema) -> Insert:
        """Return the operation.

        Raises:
            TypeError, DataNotMatchException, ParamError: The rows do not fit the schema, or one
                of several callers' dicts is a dict of columns.
        """
        if self._dicts and holds_columns(self._dicts, schema):
            raise DataNotMatchException(message="columns can't be inserted among others' rows")
        db, collection, partition, namespace = self.key
        return Insert(
            db=db,
            collection=collection,
            batch=batch_of(self.data, schema),
            partition=partition,
            namespace=namespace,
            schema_version=schema.version,
        )

    @property
    def is_small(self) -> bool:
        """Whether these are a few rows that may be made together with others."""
        if type(self.data) is dict:
            return not _SINGLE.isdisjoint(map(type, self.data.values()))
        return type(self.data) is list and 0 < len(self.data) <= MOST_ROWS

    def with_those_of(self, others: Sequence[Insertion]) -> Insertion:
        """Return the insertion of these rows and then of those of others with the same key."""
        rows: list[object] = []
        dicts = []
        counts = []
        for each in (self, *others):
            before = len(rows)
            if type(each.data) is dict:
                rows.append(each.data)
                dicts.append(each.data)
            else:
                rows += each.data
            # Counted as they are taken: a caller whose time is up may change its list any moment.
            counts.append(len(rows) - before)
        whole = Insertion(*self.key[:2], rows, *self.key[2:])
        whole._dicts = dicts
        whole.counts = counts
        return whole


def shares(answer: MutationResult, counts: Sequence[int]) -> list[MutationResult]:
    """Return what each of several callers is answered whose rows were inserted together.

    Args:
        answer: What all of them together are answered.
        counts: As of `Insertion`.
    """
    ids, timestamp, cost = answer.ids, answer.timestamp, answer.cost
    found = []
    start = 0
    for count in counts:
        own = None if ids is None else ids.slice(start, start + count)
        found.append(MutationResult(insert_count=count, ids=own, timestamp=timestamp, cost=cost))
        start += count
    return found
