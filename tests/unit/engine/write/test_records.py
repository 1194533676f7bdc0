"""Log records: rows and keys come back as they were, under today's schema."""

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.storage.frames import LogRecord, frame_of, records_in
from aiomilvus.engine.write.records import (
    Record,
    decode,
    decode_keys,
    decode_rows,
    encode_keys,
    encode_rows,
)
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType
from tests.support.batches import batch, key_values, keys, schema
from tests.support.columns import ELEMENTS, SCALARS, VECTORS, columns, facts

KINDS = [
    *((dtype, DataType.NONE) for dtype in [*SCALARS, *VECTORS]),
    *((DataType.ARRAY, element) for element in ELEMENTS),
]


def read(record: LogRecord) -> LogRecord:
    frame = b"".join(bytes(part) for part in frame_of([record]))
    (found,) = records_in(np.frombuffer(frame, np.uint8), 0, "memory")
    return found


@given(st.sampled_from(KINDS).flatmap(lambda kind: columns(*kind)))
def test_rows_of_every_type_come_back(pair):
    field, column = pair
    schema_ = Schema(fields=(field,))
    record = Record(op="insert", timestamp=7, partition=3, rows=len(column))
    payload = read(encode_rows(record, schema_, ColumnBatch(len(column), {field.name: column})))
    assert decode(payload) == record
    back = decode_rows(payload, schema_, len(column))
    assert facts(back[field.name]) == facts(column)


def test_a_slice_is_stored_without_its_neighbours():
    whole = schema(key=DataType.VARCHAR)
    rows = batch(["x" * 10_000, "y"]).slice(1, 2)
    record = Record(op="insert", timestamp=1, rows=1)
    assert sum(len(part) for part in frame_of([encode_rows(record, whole, rows)])) < 2_000


def test_fields_dropped_since_are_left_out_and_younger_ones_filled():
    old = schema(Field(name="gone", dtype=DataType.VARCHAR, default="x"))
    young = Field(id=103, name="young", dtype=DataType.INT8, default=4)
    new = msgspec.structs.replace(old, fields=(*old.fields[:2], young))
    full = ColumnBatch(2, {**batch([1, 2]).columns, "gone": keys(["a", "b"])})
    payload = read(encode_rows(Record(op="insert", timestamp=1, rows=2), old, full))
    back = decode_rows(payload, new, 2)
    assert list(back.columns) == ["id", "v", "young"]
    assert back["young"].arrays()["values"].tolist() == [4, 4]


def test_keys_of_a_deletion_come_back():
    for values in ([3, -1], ["a", "ß"]):
        schema_ = schema(key=DataType.VARCHAR if isinstance(values[0], str) else DataType.INT64)
        payload = read(encode_keys(Record(op="delete", timestamp=2), keys(values)))
        assert key_values(decode_keys(payload, schema_)) == values
