"""What waits in a collection's write queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiomilvus.engine.outcome import generated_keys
from aiomilvus.engine.request_id import current_request
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.clock import Clock
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Schema


@dataclass(eq=False)
class WriteRequest:
    """One insert, upsert or delete.

    Attributes:
        batch: Checked rows, or None for a delete.
        removed_keys: Keys whose rows go away first: a delete's, or those that an upsert of
            generated keys replaces.
        partition: Target (rows) and scope (what is deleted or replaced); 0 to route the rows, and
            for everywhere.
        alone: Needs the state that earlier requests leave; `resolve` runs at its turn and
            fills in the rest.
        request: Id of the forwarded call that this is, "" for one of this process.
        first_key: First of the keys that were made for the rows, 0 where the caller gave them.
    """

    upsert: bool = False
    batch: ColumnBatch | None = None
    removed_keys: Column | None = None
    partition: int = 0
    alone: bool = False
    resolve: Callable[[WriteRequest], None] | None = None
    schema_version: int = 0
    request: str = field(default_factory=current_request)
    first_key: int = 0
    counted: int | None = None
    result: MutationResult = field(default_factory=MutationResult)
    error: BaseException | None = None
    done: bool = False


def with_generated_keys(
    schema: Schema, batch: ColumnBatch, clock: Clock
) -> tuple[ColumnBatch, int]:
    """Return `batch` with a key column made of fresh timestamps, and the first of them."""
    first = clock.next(max(batch.num_rows, 1))
    keys = generated_keys(first, batch.num_rows, is_text=schema.primary.dtype.is_string)
    named = {field.name: batch.columns.get(field.name) for field in schema.fields}
    named[schema.primary.name] = keys
    columns = {name: column for name, column in named.items() if column is not None}
    return type(batch)(batch.num_rows, columns), first
