"""What waits in a collection's write queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.model.columns import BytesColumn, Column, FixedColumn
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.clock import Clock
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Schema


@dataclass(eq=False)
class WriteRequest:
    """One insert, upsert or delete.

    Attributes:
        batch: Checked rows, or None for a delete.
        replaced: Keys whose rows go away first: a delete's, or those that an upsert of
            generated keys replaces.
        partition: Target (rows) or scope (delete); 0 to route, or for everywhere.
        alone: Needs the state that earlier requests leave; `resolve` runs at its turn and
            fills in the rest.
    """

    upsert: bool = False
    batch: ColumnBatch | None = None
    replaced: Column | None = None
    partition: int = 0
    alone: bool = False
    resolve: Callable[[WriteRequest], None] | None = None
    schema_version: int = 0
    counted: int | None = None
    result: MutationResult = field(default_factory=MutationResult)
    error: BaseException | None = None
    done: bool = False


def with_generated_keys(schema: Schema, batch: ColumnBatch, clock: Clock) -> ColumnBatch:
    """Return `batch` with a key column made of fresh timestamps; INT64, or their decimals."""
    first = clock.next(max(batch.num_rows, 1))
    numbers = np.arange(first, first + batch.num_rows, dtype=np.int64)
    keys: Column = FixedColumn(numbers)
    if schema.primary.dtype.is_string:
        keys = BytesColumn.of([b"%d" % number for number in numbers.tolist()])
    named = {field.name: batch.columns.get(field.name) for field in schema.fields}
    named[schema.primary.name] = keys
    columns = {name: column for name, column in named.items() if column is not None}
    return type(batch)(batch.num_rows, columns)
