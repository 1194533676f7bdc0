"""Pieces of a message put together, against protobuf's own serializer."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from pymilvus.grpc_gen import milvus_pb2, schema_pb2

from aiomilvus.wire.splice import enclose, join, varint


@given(st.integers(0, 2**64 - 1))
@example(127)
@example(128)
def test_a_varint_is_the_protocols(value):
    message = schema_pb2.CollectionSchema.FromString(b"\x50" + varint(value & 0x7FFF_FFFF))
    assert message.version == value & 0x7FFF_FFFF
    timestamp = milvus_pb2.AllocTimestampResponse.FromString(b"\x10" + varint(value))
    assert timestamp.timestamp == value


@given(st.lists(st.binary(max_size=200), max_size=3), st.text(max_size=5))
def test_enclosed_pieces_are_a_submessage(rows, name):
    vectors = schema_pb2.VectorField(dim=3)
    vectors.sparse_float_vector.contents.extend(rows)
    whole = schema_pb2.FieldData(field_name=name, vectors=vectors)
    inner = [piece for row in rows for piece in enclose(1, [row])]
    head = schema_pb2.FieldData(field_name=name).SerializeToString()
    dim = schema_pb2.VectorField(dim=3).SerializeToString()
    spliced = join([head, *enclose(4, [dim, *enclose(6, inner)])])
    assert schema_pb2.FieldData.FromString(spliced) == whole


def test_the_length_of_a_buffer_is_its_bytes():
    values = np.arange(300, dtype=np.float32)
    spliced = join(enclose(1, [values.data]))
    assert list(schema_pb2.FloatArray.FromString(spliced).data) == values.tolist()


def test_field_numbers_beyond_15_take_two_bytes():
    spliced = join(enclose(17, [schema_pb2.FieldData(field_name="g").SerializeToString()]))
    found = schema_pb2.SearchResultData.FromString(spliced)
    assert found.group_by_field_values[0].field_name == "g"
