"""Columns to FieldData and back, in requests and in replies."""

from __future__ import annotations

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from pymilvus.grpc_gen import schema_pb2

from aiomilvus.errors import ParamError
from aiomilvus.model.columns import BytesColumn, FixedColumn, VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from aiomilvus.wire.codec.columns import read_column, write_column
from aiomilvus.wire.proto import messages
from aiomilvus.wire.splice import join
from tests.support.columns import ELEMENTS, SCALARS, VECTORS, columns, facts
from tests.support.examples import examples

PLAIN = [pytest.param(dtype, DataType.NONE, id=dtype.name) for dtype in [*SCALARS, *VECTORS]]
LISTS = [pytest.param(DataType.ARRAY, e, id=f"ARRAY of {e.name}") for e in ELEMENTS]
VECTOR_LISTS = [
    pytest.param(DataType.ARRAY_OF_VECTOR, e, id=f"ARRAY of {e.name}")
    for e in VECTORS
    if e is not DataType.SPARSE_FLOAT_VECTOR
]
ALL = [*PLAIN, *LISTS, *VECTOR_LISTS]


def written(field, column, *, reply, zone="UTC"):
    data = join(write_column(field, column, reply=reply, zone=zone))
    # What pymilvus' parser makes of it must be the same, byte for byte once normalised.
    theirs = schema_pb2.FieldData.FromString(data)
    return messages.FieldData.FromString(theirs.SerializeToString())


@pytest.mark.parametrize("reply", [False, True], ids=["request", "reply"])
@pytest.mark.parametrize(("dtype", "element"), ALL)
@settings(max_examples=examples(25))  # of each type
@given(data=st.data())
def test_a_column_survives_the_way_through_pymilvus(dtype, element, reply, data):
    field, column = data.draw(columns(dtype, element))
    message = written(field, column, reply=reply)
    assert (message.type, message.field_name, message.field_id) == (dtype, field.name, field.id)
    assert facts(read_column(field, message, len(column))) == facts(column)
    assert facts(read_column(field, message)) == facts(column)


@pytest.mark.parametrize("reply", [False, True], ids=["request", "reply"])
@pytest.mark.parametrize(("dtype", "element"), ALL)
@settings(max_examples=examples(25))  # of each type
@given(data=st.data())
def test_another_number_of_rows_is_refused(dtype, element, reply, data):
    field, column = data.draw(columns(dtype, element))
    message = written(field, column, reply=reply)
    with pytest.raises(ParamError, match=r"is not equal to passed num_rows|is wrong"):
        read_column(field, message, len(column) + 1)


def nullable(dtype, **more):
    return Field(name="f", dtype=dtype, nullable=True, **more)


def test_a_request_leaves_the_nulls_of_a_scalar_out_and_a_reply_keeps_their_place():
    column = FixedColumn(np.array([7, 0, 9]), np.array([True, False, True]))
    field = nullable(DataType.INT64)
    request = written(field, column, reply=False)
    reply = written(field, column, reply=True)
    assert list(request.scalars.long_data.data) == [7, 9]
    assert list(reply.scalars.long_data.data) == [7, 0, 9]
    assert request.valid_data == reply.valid_data == [b"\x01\x00\x01"]


@pytest.mark.parametrize("places", [[True, True], []], ids=["marked valid", "not marked"])
def test_a_json_value_of_no_bytes_is_null(places):
    message = messages.FieldData(
        type=DataType.JSON,
        field_name="f",
        valid_data=[bytes(places)] if places else [],
        scalars=messages.ScalarField(json_data=messages.JSONArray(data=[b"", b"[1]"])),
    )
    column = read_column(nullable(DataType.JSON), message, 2)
    assert [column.is_null(0), column.is_null(1)] == [True, False]
    without_nulls = read_column(Field(name="f", dtype=DataType.JSON), message, 2)
    assert isinstance(without_nulls, BytesColumn)
    assert list(without_nulls) == [b"null", b"[1]"]


def test_vectors_never_hold_a_place_for_nulls():
    column = VectorColumn(np.array([[1, 2], [0, 0]], np.float32), np.array([True, False]))
    for reply in (False, True):
        message = written(nullable(DataType.FLOAT_VECTOR, dim=2), column, reply=reply)
        assert len(message.vectors.float_vector.data[0]) == 8
        assert message.vectors.dim == 2


@pytest.mark.parametrize(
    "scalars",
    [
        {"long_data": {"data": [7, -5, 9]}},
        {"long_data": {"data": [7, 9]}},
    ],
    ids=["full", "compact"],
)
def test_nulls_are_read_in_either_form_and_their_slots_zeroed(scalars):
    theirs = schema_pb2.FieldData(valid_data=[True, False, True], scalars=scalars)
    message = messages.FieldData.FromString(theirs.SerializeToString())
    column = read_column(nullable(DataType.INT64), message, 3)
    expected = FixedColumn(np.array([7, 0, 9]), np.array([True, False, True]))
    assert facts(column) == facts(expected)


def test_full_vectors_are_read_too():
    theirs = schema_pb2.FieldData(valid_data=[False, True])
    theirs.vectors.dim = 2
    theirs.vectors.float_vector.data.extend([8, 8, 1, 2])
    message = messages.FieldData.FromString(theirs.SerializeToString())
    column = read_column(nullable(DataType.FLOAT_VECTOR, dim=2), message, 2)
    expected = VectorColumn(np.array([[0, 0], [1, 2]], np.float32), np.array([False, True]))
    assert facts(column) == facts(expected)


@pytest.mark.parametrize("places", [["", "2026-01-01T00:00:00Z"], ["2026-01-01T00:00:00Z"]])
def test_what_stands_for_a_null_moment_is_not_parsed(places):
    theirs = schema_pb2.FieldData(valid_data=[False, True])
    theirs.scalars.string_data.data.extend(places)
    message = messages.FieldData.FromString(theirs.SerializeToString())
    column = read_column(nullable(DataType.TIMESTAMPTZ), message, 2)
    expected = FixedColumn(np.array([0, 1_767_225_600_000_000]), np.array([False, True]))
    assert facts(column) == facts(expected)


def test_a_nullable_field_says_of_every_row_that_it_has_a_value():
    message = written(nullable(DataType.INT8), FixedColumn(np.zeros(2, np.int8)), reply=False)
    assert message.valid_data == [b"\x01\x01"]


@pytest.mark.parametrize(
    ("dtype", "message", "text"),
    [
        (
            DataType.INT8,
            {"scalars": {"int_data": {"data": [1, -129]}}},
            r"the 1th element \(-129\) out of range: \[-128, 127\]",
        ),
        (DataType.INT64, {"scalars": {"int_data": {"data": [1]}}}, "array type mismatch"),
        (DataType.VARCHAR, {"vectors": {"binary_vector": b"x"}}, "array type mismatch"),
        (DataType.FLOAT_VECTOR, {"scalars": {"int_data": {"data": [1]}}}, "array type mismatch"),
        (
            DataType.FLOAT_VECTOR,
            {"vectors": {"dim": 4, "float_vector": {"data": [1, 2, 3, 4]}}},
            r"the length\(4\) of float data should divide the dim\(8\)",
        ),
        (
            DataType.FLOAT_VECTOR,
            {"vectors": {"dim": 4, "float_vector": {"data": [1, 2, 3, 4] * 2}}},
            r"the dim \(4\) of field data\(f\) is not equal to schema dim \(8\)",
        ),
        (
            DataType.FLOAT_VECTOR,
            {"vectors": {"dim": 8, "float_vector": {"data": [1, 2, 3]}}},
            r"of float data should divide the dim\(8\)",
        ),
        (
            DataType.FLOAT16_VECTOR,
            {"vectors": {"dim": 8, "float16_vector": b"123"}},
            r"should divide the dim\(8\)",
        ),
        (
            DataType.SPARSE_FLOAT_VECTOR,
            {"vectors": {"sparse_float_vector": {"contents": [b"1234567"]}}},
            "invalid data length in sparse float vector",
        ),
        (
            DataType.TIMESTAMPTZ,
            {"scalars": {"string_data": {"data": ["yesterday"]}}},
            "invalid timestamp string",
        ),
    ],
)
def test_values_that_do_not_fit_are_refused(dtype, message, text):
    theirs = schema_pb2.FieldData(**message)
    field = Field(name="f", dtype=dtype, dim=8 if dtype.is_vector else 0)
    with pytest.raises(ParamError, match=text):
        read_column(field, messages.FieldData.FromString(theirs.SerializeToString()), 1)


@pytest.mark.parametrize("dim", [-1, 1 << 62])
def test_an_absurd_dimension_is_refused(dim):
    message = messages.FieldData()
    message.vectors.dim = dim
    message.vectors.float_vector.SetInParent()
    with pytest.raises(ParamError, match="invalid dimension"):
        read_column(Field(name="f", dtype=DataType.FLOAT_VECTOR), message)


@pytest.mark.parametrize(
    "values", [[b"\xff"], [b"a", b"\xc3"], [b"\xc3", b"\xa9"], [b"\xed\xa0\x80"]]
)
def test_a_string_that_is_not_utf8_is_refused(values):
    message = messages.FieldData()
    message.scalars.string_data.data.extend(values)
    with pytest.raises(ParamError, match="field 'f' holds a string that is not valid UTF-8"):
        read_column(Field(name="f", dtype=DataType.VARCHAR), message, len(values))


def test_an_array_cell_of_another_type_is_refused():
    message = messages.FieldData()
    message.scalars.array_data.data.add().long_data.data.append(1)
    field = Field(name="f", dtype=DataType.ARRAY, element_type=DataType.VARCHAR)
    with pytest.raises(ParamError, match="need VARCHAR array"):
        read_column(field, message, 1)


def test_an_empty_array_names_its_type():
    field = Field(name="f", dtype=DataType.ARRAY, element_type=DataType.INT64)
    message = messages.FieldData()
    message.scalars.array_data.data.add()
    empty = read_column(field, message, 1)
    again = written(field, empty, reply=False)
    assert again.scalars.array_data.data[0].WhichOneof("data") == "long_data"


@pytest.mark.parametrize("dtype", [DataType.FLOAT16_VECTOR, DataType.BFLOAT16_VECTOR])
def test_floats_are_accepted_for_half_width_vectors(dtype):
    message = messages.FieldData()
    message.vectors.dim = 2
    message.vectors.float_vector.data.append(np.array([1.5, -0.25], np.float32).tobytes())
    column = read_column(Field(name="f", dtype=dtype, dim=2), message, 1)
    assert isinstance(column, VectorColumn)
    expected = {
        DataType.FLOAT16_VECTOR: np.array([[1.5, -0.25]], np.float16),
        DataType.BFLOAT16_VECTOR: np.array([[0x3FC0, 0xBE80]], np.uint16),
    }[dtype]
    np.testing.assert_array_equal(column.values, expected)


def test_moments_are_written_in_the_zone_that_was_asked_for():
    column = FixedColumn(np.array([1_767_225_600_000_000, 1_500_000]))
    field = Field(name="f", dtype=DataType.TIMESTAMPTZ)
    message = written(field, column, reply=True, zone="Asia/Shanghai")
    assert message.scalars.string_data.data == [
        b"2026-01-01T08:00:00+08:00",
        b"1970-01-01T08:00:01.5+08:00",
    ]
    assert facts(read_column(field, message, 2)) == facts(column)


def test_a_moment_without_an_offset_is_in_the_zone_of_the_collection():
    message = messages.FieldData()
    message.scalars.string_data.data.append(b"2026-01-01 08:00:00")
    field = Field(name="f", dtype=DataType.TIMESTAMPTZ)
    column = read_column(field, message, 1, zone="Asia/Shanghai")
    assert facts(column) == facts(FixedColumn(np.array([1_767_225_600_000_000])))


def test_an_unknown_zone_is_refused():
    column = FixedColumn(np.array([0]))
    with pytest.raises(ParamError, match="invalid timezone: Mars/Olympus"):
        write_column(
            Field(name="f", dtype=DataType.TIMESTAMPTZ), column, reply=True, zone="Mars/Olympus"
        )


def test_geometries_are_text_on_the_wire_and_binary_in_the_model():
    shapely = pytest.importorskip("shapely")
    points = [shapely.to_wkb(shapely.Point(1, 2)), b"", shapely.to_wkb(shapely.Point(3.25, -4))]
    valid = np.array([True, False, True])
    values = BytesColumn.of(points)
    column = BytesColumn(values.offsets, values.data, valid)
    field = nullable(DataType.GEOMETRY)
    for reply in (False, True):
        message = written(field, column, reply=reply)
        texts = list(message.scalars.geometry_wkt_data.data)
        assert [text for text in texts if text] == ["POINT (1 2)", "POINT (3.25 -4)"]
        assert facts(read_column(field, message, 3)) == facts(column)


def test_a_geometry_that_is_none_is_refused():
    pytest.importorskip("shapely")
    message = messages.FieldData()
    message.scalars.geometry_wkt_data.data.append("POINT (1")
    with pytest.raises(ParamError, match="invalid Geometry data, transform to wkb failed"):
        read_column(Field(name="f", dtype=DataType.GEOMETRY), message, 1)


@pytest.mark.parametrize(("dtype", "element"), ALL)
@settings(max_examples=examples(25))  # of each type
@given(data=st.data())
def test_a_damaged_message_is_read_or_refused(dtype, element, data):
    field, column = data.draw(columns(dtype, element))
    sent = bytearray(join(write_column(field, column, reply=data.draw(st.booleans()))))
    for _ in range(data.draw(st.integers(1, 3))):
        if sent:
            at = data.draw(st.integers(0, len(sent) - 1))
            sent[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    try:
        message = messages.FieldData.FromString(bytes(sent))
    except DecodeError:
        return
    try:
        read = read_column(field, message, len(column))
    except ParamError:
        return
    assert len(read) == len(column)
