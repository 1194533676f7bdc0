"""Which partition a row belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import google_crc32c
import numpy as np

from aiomilvus.model.columns import BytesColumn, FixedColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Schema


def partition_of_key(value: int | bytes, count: int) -> int:
    """Return which of `count` partitions holds rows with this partition key; stable on disk."""
    raw = value if isinstance(value, bytes) else value.to_bytes(8, "little", signed=True)
    return int(google_crc32c.value(raw)) % count


def route(
    schema: Schema, batch: ColumnBatch, partitions: Sequence[int]
) -> list[tuple[int, ColumnBatch]]:
    """Return the rows of each partition, by partition key; partitions without rows left out.

    Args:
        schema: Has a partition key.
        batch: Rows to route.
        partitions: Ids of the collection's partitions, in the order of their creation.
    """
    field = schema.partition_key
    if field is None or len(partitions) == 1:
        return [(partitions[0], batch)]
    column = batch[field.name]
    if isinstance(column, FixedColumn):
        values, which = np.unique(column.values, return_inverse=True)
        distinct: list[int | bytes] = values.tolist()
    else:
        listed = list(BytesColumn.expect(column))
        distinct = list(dict.fromkeys(listed))
        place = {value: at for at, value in enumerate(distinct)}
        which = np.array([place[value] for value in listed], np.int64)
    targets = np.array([partition_of_key(v, len(partitions)) for v in distinct], np.int64)
    target = targets[which]
    return [
        (partitions[at], batch.take(np.flatnonzero(target == at)))
        for at in np.unique(target).tolist()
    ]
