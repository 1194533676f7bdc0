"""numpy to the wire and back, and against pymilvus' own message classes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pymilvus.grpc_gen import schema_pb2

from aiomilvus.errors import ParamError
from aiomilvus.wire import arrays
from aiomilvus.wire.proto import messages

floats = hnp.arrays(np.float32, st.integers(0, 50))
doubles = hnp.arrays(np.float64, st.integers(0, 50))
bools = hnp.arrays(np.bool_, st.integers(0, 50))
lengths = st.one_of(st.integers(0, 20), st.integers(505, 600))
int32s = hnp.arrays(np.int32, lengths)
int64s = hnp.arrays(np.int64, lengths)
# All of one varint length, which takes the other path when there are many.
uniform = st.integers(0, 62).flatmap(
    lambda bits: hnp.arrays(np.int64, lengths, elements=st.integers(1 << bits, (2 << bits) - 1))
)


def same_bits(left, right):
    assert left.dtype == right.dtype
    assert left.tobytes() == right.tobytes()


@given(floats)
def test_floats_survive_the_way_through_pymilvus(values):
    ours = messages.FloatArray(data=arrays.packed_floats(values))
    theirs = schema_pb2.FloatArray.FromString(ours.SerializeToString())
    assert len(theirs.data) == len(values)
    np.testing.assert_array_equal(np.array(theirs.data, np.float32), values)
    back = messages.FloatArray.FromString(theirs.SerializeToString())
    np.testing.assert_array_equal(arrays.read_floats(back), values)
    same_bits(arrays.read_floats(ours), values)


@given(doubles)
def test_doubles_survive_the_way_through_pymilvus(values):
    ours = messages.DoubleArray(data=arrays.packed_doubles(values))
    theirs = schema_pb2.DoubleArray.FromString(ours.SerializeToString())
    np.testing.assert_array_equal(np.array(theirs.data, np.float64), values)
    back = messages.DoubleArray.FromString(theirs.SerializeToString())
    np.testing.assert_array_equal(arrays.read_doubles(back), values)
    same_bits(arrays.read_doubles(ours), values)


@given(bools)
def test_booleans_survive_the_way_through_pymilvus(values):
    ours = messages.BoolArray(data=arrays.packed_bools(values))
    theirs = schema_pb2.BoolArray.FromString(ours.SerializeToString())
    assert list(theirs.data) == values.tolist()
    same_bits(arrays.read_bools(messages.BoolArray.FromString(theirs.SerializeToString())), values)


@given(floats, bools)
def test_fields_beside_others_are_read_by_name(scores, valid):
    theirs = schema_pb2.SearchResultData(scores=scores.tolist(), topks=[len(scores)])
    hits = messages.SearchResultData.FromString(theirs.SerializeToString())
    np.testing.assert_array_equal(arrays.read_float_field(hits, "scores"), scores)
    theirs = schema_pb2.FieldData(valid_data=valid.tolist(), field_name="f")
    column = messages.FieldData.FromString(theirs.SerializeToString())
    same_bits(arrays.read_bool_field(column, "valid_data"), valid)


@given(int32s)
@example(np.array([-1, 0, 1, 2**31 - 1, -(2**31)], np.int32))
@example(np.full(600, -1, np.int32))
def test_int32_survives_the_way_through_pymilvus(values):
    ours = messages.IntArray()
    arrays.write_integers(ours, values)
    theirs = schema_pb2.IntArray.FromString(ours.SerializeToString())
    assert list(theirs.data) == values.tolist()
    assert theirs.SerializeToString() == ours.SerializeToString()
    same_bits(arrays.read_int32(messages.IntArray.FromString(theirs.SerializeToString())), values)


@given(st.one_of(int64s, uniform))
@example(np.array([-1, 0, 127, 128, 2**63 - 1, -(2**63)], np.int64))
@example(np.full(600, -(2**63), np.int64))
@example(np.full(600, 2**63 - 1, np.int64))
@example(np.arange(600, dtype=np.int64))
def test_int64_survives_the_way_through_pymilvus(values):
    ours = messages.LongArray()
    arrays.write_integers(ours, values)
    theirs = schema_pb2.LongArray.FromString(ours.SerializeToString())
    assert list(theirs.data) == values.tolist()
    assert theirs.SerializeToString() == ours.SerializeToString()
    same_bits(arrays.read_int64(messages.LongArray.FromString(theirs.SerializeToString())), values)


@given(hnp.arrays(np.int8, lengths))
def test_narrow_integers_are_written_as_what_they_are_worth(values):
    message = messages.IntArray()
    arrays.write_integers(message, values)
    np.testing.assert_array_equal(arrays.read_int32(message), values)


def record(payload):
    return b"\x0a" + bytes([len(payload)]) + payload


@pytest.mark.parametrize(
    ("message", "read", "values", "tag"),
    [
        (messages.FloatArray, arrays.read_floats, np.array([1.5, -2, 3], "<f4"), 0x0D),
        (messages.DoubleArray, arrays.read_doubles, np.array([1.5, -2, 3], "<f8"), 0x09),
        (messages.BoolArray, arrays.read_bools, np.array([True, False, True]), 0x08),
    ],
)
class TestOtherEncodings:
    def test_a_split_record_is_joined(self, message, read, values, tag):
        wire = record(values[:1].tobytes()) + record(values[1:].tobytes())
        np.testing.assert_array_equal(read(message.FromString(wire)), values)

    def test_values_that_are_not_packed_are_read(self, message, read, values, tag):
        wire = b"".join(bytes([tag]) + value.tobytes() for value in values)
        np.testing.assert_array_equal(read(message.FromString(wire)), values)

    def test_a_mixture_is_refused(self, message, read, values, tag):
        wire = record(values[:2].tobytes()) + bytes([tag]) + values[2:].tobytes()
        with pytest.raises(ParamError, match="mixes packed and unpacked"):
            read(message.FromString(wire))

    def test_a_value_of_another_type_is_refused(self, message, read, values, tag):
        other = b"\x09" + bytes(8) if tag != 0x09 else b"\x0d" + bytes(4)
        with pytest.raises(ParamError, match="another type"):
            read(message.FromString(other))


@pytest.mark.parametrize(
    ("message", "read", "width"),
    [
        (messages.FloatArray, arrays.read_floats, 4),
        (messages.DoubleArray, arrays.read_doubles, 8),
    ],
)
def test_a_cut_value_is_refused(message, read, width):
    for length in (1, width - 1, 2 * width - 1):
        with pytest.raises(ParamError, match="no whole number of values"):
            read(message.FromString(record(bytes(length))))


@pytest.mark.parametrize("wire", [record(b"\x02"), record(b"\x81\x00"), record(b"\x80\x01")])
def test_a_boolean_that_is_neither_0_nor_1_is_refused(wire):
    with pytest.raises(ParamError, match="neither 0 nor 1"):
        arrays.read_bools(messages.BoolArray.FromString(wire))


def test_integers_that_are_not_packed_or_split_are_read():
    wire = b"\x08\x05" + record(b"\x06\x07") + record(b"\x08")
    assert arrays.read_int64(messages.LongArray.FromString(wire)).tolist() == [5, 6, 7, 8]


@given(
    st.sampled_from([np.float32, np.float16, np.int8, np.uint16, np.uint8]).flatmap(
        lambda dtype: hnp.arrays(dtype, st.tuples(st.integers(0, 6), st.integers(1, 9)))
    )
)
def test_dense_vectors_survive(vectors):
    data = arrays.write_vectors(vectors)
    assert len(data) == vectors.nbytes
    back = arrays.read_vectors(data, vectors.shape[1], vectors.dtype)
    assert back.shape == vectors.shape
    assert back.flags.c_contiguous
    same_bits(back, vectors)


def test_vectors_are_not_copied_when_read():
    data = np.arange(12, dtype=np.float32).tobytes()
    read = arrays.read_vectors(data, 4, np.float32)
    assert np.shares_memory(read, np.frombuffer(data, np.uint8))


def test_strided_vectors_are_written_row_after_row():
    vectors = np.arange(24, dtype=np.float32).reshape(4, 6)[::2, ::3]
    assert arrays.write_vectors(vectors) == np.ascontiguousarray(vectors).tobytes()


@pytest.mark.parametrize(("length", "width"), [(12, 2), (15, 4), (16, 0), (16, -1)])
def test_vectors_that_are_no_whole_rows_are_refused(length, width):
    with pytest.raises(ParamError, match=rf"should divide the dim\({width}\)"):
        arrays.read_vectors(bytes(length), width, np.float32)


rows_of_pairs = st.lists(
    st.lists(
        st.tuples(st.integers(0, 2**32 - 1), st.floats(width=32, allow_nan=False)), max_size=5
    ),
    max_size=6,
)


def sparse_bytes(row):
    return b"".join(
        np.uint32(index).tobytes() + np.float32(value).tobytes() for index, value in row
    )


@given(rows_of_pairs)
def test_sparse_rows_survive(rows):
    wire = [sparse_bytes(row) for row in rows]
    indptr, indices, values = arrays.read_sparse_rows(wire)
    assert [array.dtype.str for array in (indptr, indices, values)] == ["<i8", "<u4", "<f4"]
    assert indptr.tolist() == [0, *np.cumsum([len(row) for row in rows]).tolist()]
    assert indices.tolist() == [index for row in rows for index, _ in row]
    assert values.tolist() == [value for row in rows for _, value in row]
    assert arrays.write_sparse_rows(indptr, indices, values) == wire


@given(rows_of_pairs.filter(len), st.data())
def test_a_slice_of_sparse_rows_is_written_as_those_rows(rows, data):
    wire = [sparse_bytes(row) for row in rows]
    indptr, indices, values = arrays.read_sparse_rows(wire)
    start = data.draw(st.integers(0, len(rows)))
    stop = data.draw(st.integers(start, len(rows)))
    part = arrays.write_sparse_rows(indptr[start : stop + 1], indices, values)
    assert part == wire[start:stop]


@pytest.mark.parametrize("length", [1, 4, 7, 9])
def test_a_sparse_row_of_broken_length_is_refused(length):
    with pytest.raises(ParamError, match=rf"{length} bytes in row 1, not a multiple of 8"):
        arrays.read_sparse_rows([bytes(8), bytes(length)])


@given(data=st.binary(max_size=40))
@pytest.mark.parametrize(
    ("message", "read"),
    [
        (messages.FloatArray, arrays.read_floats),
        (messages.DoubleArray, arrays.read_doubles),
        (messages.BoolArray, arrays.read_bools),
    ],
)
def test_any_bytes_are_read_or_refused(message, read, data):
    try:
        values = read(message(data=[data]))
    except ParamError:
        return
    assert values.nbytes == len(data)


@given(hnp.arrays(np.float32, st.tuples(st.integers(0, 4), st.integers(1, 4))))
def test_a_buffer_is_the_arrays_own_memory(values):
    assert bytes(arrays.buffer(values)) == values.tobytes()
    if values.size:
        assert np.shares_memory(np.frombuffer(arrays.buffer(values), np.uint8), values)
    every_other = values[::2, ::-1]
    assert bytes(arrays.buffer(every_other)) == every_other.tobytes()


def widened(bits):
    """The bfloat16 numbers with these bits; what is infinite counts as the next power of two."""
    values = (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return np.where(np.isinf(values), np.copysign(2.0**128, values), values)


@given(hnp.arrays(np.float32, st.integers(1, 30), elements=st.floats(width=32, allow_nan=False)))
@example(np.array([3.4028235e38, -3.4028235e38, np.inf, -np.inf, 1e-45], np.float32))
@example((np.array([0x3F808000, 0x3F818000, 0x3F808001], np.uint32)).view(np.float32))
def test_bfloat16_is_the_nearest_and_of_two_the_even_one(values):
    down = (values.view(np.uint32) >> 16).astype(np.uint16)  # towards zero
    up = np.where(np.isinf(values), down, down + np.uint16(1)).astype(np.uint16)
    exact = values.astype(np.float64)
    exact = np.where(np.isinf(exact), np.copysign(2.0**128, exact), exact)
    to_down, to_up = np.abs(exact - widened(down)), np.abs(widened(up) - exact)
    take_up = (to_up < to_down) | ((to_up == to_down) & (down % 2 == 1))
    expected = np.where(take_up, up, down)
    np.testing.assert_array_equal(arrays.bfloat16_bits(values), expected)


def test_bfloat16_keeps_what_is_not_a_number():
    values = np.array([0x7F800001, 0xFFFFFFFF, 0x7FC00000], np.uint32).view(np.float32)
    bits = arrays.bfloat16_bits(values)
    wide = (bits.astype(np.uint32) << 16).view(np.float32)
    assert np.isnan(wide).all()
    assert np.signbit(wide).tolist() == [False, True, False]
