"""Query results and outcomes of writes to the wire and back."""

from __future__ import annotations

import numpy as np
import pytest
from pymilvus.client.abstract import MutationResult as Shown
from pymilvus.client.entity_helper import extract_row_data_from_fields_data_v2
from pymilvus.grpc_gen import milvus_pb2

from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.results import MutationResult, QueryResult
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType
from aiomilvus.wire.codec import query_results as rows
from aiomilvus.wire.proto import messages
from tests.support.columns import facts

SCHEMA = Schema(
    fields=(
        Field(id=100, name="id", dtype=DataType.INT64, is_primary=True),
        Field(id=101, name="n", dtype=DataType.INT32, nullable=True),
    )
)


def exchanged(data):
    theirs = milvus_pb2.QueryResults.FromString(data)
    return theirs, messages.QueryResults.FromString(theirs.SerializeToString())


def test_rows_survive_and_pymilvus_shows_them():
    batch = ColumnBatch(
        2,
        {
            "id": FixedColumn(np.array([1, 2])),
            "n": FixedColumn(np.array([0, 5], np.int32), np.array([False, True])),
        },
    )
    result = QueryResult(batch=batch, schema=SCHEMA, output_fields=("id", "n"), timestamp=9, cost=2)
    theirs, ours = exchanged(rows.write_rows(result, "c", "id"))
    shown: list[dict[str, object]] = [{}, {}]
    for column in theirs.fields_data:
        extract_row_data_from_fields_data_v2(column, shown)
    assert shown == [{"id": 1, "n": None}, {"id": 2, "n": 5}]
    assert (theirs.collection_name, theirs.primary_field_name) == ("c", "id")

    read = rows.read_rows(ours, SCHEMA)
    assert {n: facts(c) for n, c in read.batch.columns.items()} == {
        n: facts(c) for n, c in batch.columns.items()
    }
    assert (read.schema, read.output_fields) == (SCHEMA, ("id", "n"))
    assert (read.timestamp, read.cost, read.count) == (9, 2, None)


@pytest.mark.parametrize("count", [0, 12_345])
def test_a_count_survives(count):
    result = QueryResult(
        batch=ColumnBatch(0, {}), schema=SCHEMA, output_fields=("count(*)",), count=count
    )
    theirs, ours = exchanged(rows.write_rows(result))
    assert theirs.fields_data[0].field_name == "count(*)"
    assert list(theirs.fields_data[0].scalars.long_data.data) == [count]
    read = rows.read_rows(ours, SCHEMA)
    assert (read.count, len(read.batch), read.output_fields) == (count, 0, ("count(*)",))


def test_no_columns_are_no_rows():
    _, ours = exchanged(b"")
    assert len(rows.read_rows(ours, SCHEMA).batch) == 0


def test_aggregates_describe_themselves():
    reply = messages.QueryResults()
    reply.fields_data.add(type=5, field_name="id").scalars.long_data.data.extend([1, 2])
    column = reply.fields_data.add(type=11, field_name="avg(n)")
    column.scalars.double_data.data.append(np.array([0.5, 1.5]).tobytes())
    read = rows.read_rows(reply, SCHEMA)
    assert facts(read.batch["avg(n)"]) == facts(FixedColumn(np.array([0.5, 1.5])))
    assert read.schema.by_name["avg(n)"].dtype is DataType.DOUBLE
    assert read.count is None


@pytest.mark.parametrize(
    "ids", [FixedColumn(np.array([5, 6, 7])), BytesColumn.of([b"a", "ü".encode()])]
)
def test_the_outcome_of_a_write_survives_and_pymilvus_shows_it(ids):
    result = MutationResult(insert_count=len(ids), ids=ids, timestamp=2**62, cost=3)
    sent = rows.write_mutation(result).SerializeToString()
    shown = Shown(milvus_pb2.MutationResult.FromString(sent))
    assert (shown.insert_count, shown.timestamp, shown.cost) == (len(ids), 2**62, 3)
    assert shown.succ_count == len(ids)
    keys = [5, 6, 7] if isinstance(ids, FixedColumn) else ["a", "ü"]
    assert list(shown.primary_keys) == keys

    read = rows.read_mutation(messages.MutationResult.FromString(sent))
    assert read.ids is not None
    assert facts(read.ids) == facts(ids)
    assert (read.insert_count, read.timestamp, read.cost) == (len(ids), 2**62, 3)


def test_a_deletion_has_no_keys():
    read = rows.read_mutation(rows.write_mutation(MutationResult(delete_count=4)))
    assert read == MutationResult(delete_count=4)
