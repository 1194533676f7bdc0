"""Rows that are to be inserted: an operation once the schema is known, alone or with others'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.model.operations.data import Insert
from aiomilvus.model.rows.batch import batch_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.model.results import MutationResult
    from aiomilvus.model.schema import Schema

MOST_ROWS = 64
"""So few rows are made together with others: what a write costs hardly depends on them."""


class Insertion:
    """What makes the operation of an insert; call it with the schema.

    Args:
        db: Name of the database.
        collection: Name of the collection, or an alias.
        data: What the caller gave; only read.
        partition: Name of the partition, "" for the default one.

    Attributes:
        key: Insertions with equal keys go to the same place.
    """

    __slots__ = ("data", "key")

    def __init__(self, db: str, collection: str, data: Any, partition: str) -> None:
        self.data = data
        self.key = (db, collection, partition)

    def __call__(self, schema: Schema) -> Insert:
        """Return the operation.

        Raises:
            TypeError, DataNotMatchException, ParamError: The rows do not fit the schema.
        """
        db, collection, partition = self.key
        return Insert(
            db=db,
            collection=collection,
            batch=batch_of(self.data, schema),
            partition=partition,
            schema_version=schema.version,
        )

    @property
    def is_small(self) -> bool:
        """Whether these are a few rows that may be made together with others."""
        return type(self.data) is list and 0 < len(self.data) <= MOST_ROWS

    def with_those_of(self, others: Sequence[Insertion]) -> Insertion:
        """Return the insertion of these rows and then of those of others with the same key."""
        rows = list(self.data)
        for other in others:
            rows += other.data
        return Insertion(*self.key[:2], rows, self.key[2])


def shares(answer: MutationResult, insertions: Sequence[Insertion]) -> list[MutationResult]:
    """Return what each of several insertions is answered that were made together."""
    found = []
    start = 0
    for each in insertions:
        count = len(each.data)
        ids = None if answer.ids is None else answer.ids.slice(start, start + count)
        found.append(msgspec.structs.replace(answer, insert_count=count, ids=ids))
        start += count
    return found
