"""QueryResults and MutationResult ↔ the rows that were read, and the outcome of a write."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.results import MutationResult, QueryResult, RowElements
from aiomilvus.model.types import DataType
from aiomilvus.wire import arrays
from aiomilvus.wire.codec import batches, status
from aiomilvus.wire.codec.ids import read_keys, write_keys
from aiomilvus.wire.proto import messages
from aiomilvus.wire.splice import join

if TYPE_CHECKING:
    from aiomilvus.model.schema import Schema

COUNT = "count(*)"
"""Output field that asks for the number of rows, and the name of the column that has it."""

_FIELDS = 2  # field number in QueryResults


def write_rows(
    result: QueryResult, collection: str = "", primary_name: str = "", zone: str = "UTC"
) -> bytes:
    """Return a serialized QueryResults.

    Args:
        result: What the engine read.
        collection: Name of the collection.
        primary_name: Name of its primary key.
        zone: Time zone to write moments in.
    """
    head = messages.QueryResults(
        status=status.success(result.cost),
        collection_name=collection,
        output_fields=result.output_fields,
        session_ts=result.timestamp,
        primary_field_name=primary_name,
    )
    if result.count is not None:
        column = head.fields_data.add(type=DataType.INT64, field_name=COUNT)
        column.scalars.long_data.data.append(result.count)
        return head.SerializeToString()
    if result.elements is not None:
        for start, stop in pairwise(result.elements.offsets.tolist()):
            indices = head.element_indices.add().indices
            arrays.write_integers(indices, result.elements.indices[start:stop])
    columns = batches.write_batch(result.schema, result.batch, _FIELDS, reply=True, zone=zone)
    return join([head.SerializeToString(), *columns])


def read_rows(message: messages.QueryResults, schema: Schema) -> QueryResult:
    """Return the rows that a reply holds. The caller has checked its status.

    Args:
        message: The reply.
        schema: The collection's, as far as it is known.

    Raises:
        ParamError: A column does not fit its field, or the columns differ in length.
    """
    schema, batch = batches.read_reply_batch(schema, message.fields_data)
    count = None
    counted = batch.columns.get(COUNT)
    if len(batch.columns) == 1 and isinstance(counted, FixedColumn) and len(counted) == 1:
        count = int(counted.values[0])
        batch = ColumnBatch(0, {})
    return QueryResult(
        batch=batch,
        schema=schema,
        output_fields=tuple(message.output_fields),
        count=count,
        elements=_read_elements(message),
        snapshot=message.session_ts,
        timestamp=message.session_ts,
        cost=status.read_cost(message.status),
    )


def _read_elements(message: messages.QueryResults) -> RowElements | None:
    if not message.element_indices:
        return None
    parts = [arrays.read_int64(each.indices) for each in message.element_indices]
    offsets = np.zeros(len(parts) + 1, np.int64)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    return RowElements(offsets, np.concatenate(parts))


def write_mutation(result: MutationResult) -> messages.MutationResult:
    """Return the outcome of an insert, upsert or delete as a message."""
    message = messages.MutationResult(
        status=status.success(result.cost),
        acknowledged=True,
        insert_cnt=result.insert_count,
        delete_cnt=result.delete_count,
        upsert_cnt=result.upsert_count,
        timestamp=result.timestamp,
    )
    if result.ids is not None:
        write_keys(message.IDs, result.ids)
        message.succ_index.extend(range(len(result.ids)))
    return message


def read_mutation(message: messages.MutationResult) -> MutationResult:
    """Return the outcome that a reply tells. The caller has checked its status."""
    return MutationResult(
        insert_count=message.insert_cnt,
        upsert_count=message.upsert_cnt,
        delete_count=message.delete_cnt,
        ids=read_keys(message.IDs) if message.HasField("IDs") else None,
        timestamp=message.timestamp,
        cost=status.read_cost(message.status),
    )
