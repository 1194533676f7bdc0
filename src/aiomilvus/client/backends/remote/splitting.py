"""Writes too large for one message, in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.errors import MilvusException, SchemaMismatchRetryableException
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiomilvus.model.operations.data import RowWrite

PART_BYTES = 32 << 20
"""Rows per message in bytes of their columns: half of what Milvus' proxy takes (64 MiB)."""


def parts_of(operation: RowWrite) -> Iterator[RowWrite]:
    """Yield the operation, in parts of consecutive rows when it is large."""
    batch = operation.batch
    count = max(1, -(-batch.nbytes // PART_BYTES))
    if count == 1:
        yield operation
        return
    step = max(1, -(-len(batch) // count))
    for start in range(0, len(batch), step):
        part = batch.slice(start, min(start + step, len(batch)))
        yield msgspec.structs.replace(operation, batch=part)


def merged(results: list[Any]) -> MutationResult:
    """Return the outcome of all parts as one."""
    if len(results) == 1:
        only: MutationResult = results[0]
        return only
    ids = [result.ids for result in results if result.ids is not None]
    return MutationResult(
        insert_count=sum(result.insert_count for result in results),
        upsert_count=sum(result.upsert_count for result in results),
        delete_count=sum(result.delete_count for result in results),
        ids=type(ids[0]).concat(ids) if ids else None,
        timestamp=max(result.timestamp for result in results),
        cost=sum(result.cost for result in results),
    )


def partly(error: MilvusException, rows: int, total: int) -> MilvusException:
    """Return the error of a part, saying that the parts before it are written.

    A stale schema is no longer one that the whole write may be repeated for.
    """
    kind = type(error)
    if isinstance(error, SchemaMismatchRetryableException):
        kind = MilvusException
    message = f"{error.message} (the first {rows} of {total} rows are written)"
    failed = kind(error.code, message, error.compatible_code)
    failed.rows_written = rows
    return failed
