"""Queries of a search to a placeholder group and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymilvus.client.prepare import Prepare
from pymilvus.client.types import DataType as PymilvusType

from aiomilvus.errors import ParamError
from aiomilvus.model.columns import (
    VECTOR_DTYPES,
    BytesColumn,
    ListColumn,
    SparseColumn,
    VectorColumn,
)
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from aiomilvus.wire.codec.placeholders import read_queries, write_queries
from aiomilvus.wire.proto import messages
from tests.support.columns import VECTORS, facts, offsets_of, plain
from tests.support.examples import examples


def vector_field(dtype, dim=8):
    return Field(name="v", dtype=dtype, dim=dim)


def list_field(element, dim=8):
    return Field(name="s[v]", dtype=DataType.ARRAY_OF_VECTOR, element_type=element, dim=dim)


@pytest.mark.parametrize("dtype", VECTORS)
@settings(max_examples=examples(30))
@given(data=st.data())
def test_vectors_survive(dtype, data):
    queries = data.draw(plain(dtype, 8, data.draw(st.integers(1, 4))))
    group = write_queries(dtype, queries)
    assert facts(read_queries(group, vector_field(dtype))) == facts(queries)


@pytest.mark.parametrize("element", list(VECTOR_DTYPES))
@settings(max_examples=examples(30))
@given(data=st.data())
def test_lists_of_vectors_survive(element, data):
    lengths = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    child = data.draw(plain(element, 8, sum(lengths)))
    queries = ListColumn(offsets_of(lengths), child)
    group = write_queries(element, queries)
    assert facts(read_queries(group, list_field(element))) == facts(queries)


def test_texts_survive():
    queries = BytesColumn.of(["Grüße".encode(), b""])
    group = write_queries(DataType.SPARSE_FLOAT_VECTOR, queries)
    field = vector_field(DataType.SPARSE_FLOAT_VECTOR)
    assert facts(read_queries(group, field)) == facts(queries)


def test_a_single_vector_in_an_array_of_vectors_asks_for_elements():
    queries = VectorColumn(np.ones((2, 8), np.float32))
    group = write_queries(DataType.FLOAT_VECTOR, queries)
    assert facts(read_queries(group, list_field(DataType.FLOAT_VECTOR))) == facts(queries)


@pytest.mark.parametrize(
    ("dtype", "theirs", "ours"),
    [
        (
            DataType.FLOAT_VECTOR,
            [[1.0, 2.0], [3.0, 4.0]],
            VectorColumn(np.array([[1, 2], [3, 4]], np.float32)),
        ),
        (
            DataType.FLOAT16_VECTOR,
            [np.array([1, 2], np.float16)],
            VectorColumn(np.array([[1, 2]], np.float16)),
        ),
        (
            DataType.INT8_VECTOR,
            [np.array([1, -2], np.int8)],
            VectorColumn(np.array([[1, -2]], np.int8)),
        ),
        (
            DataType.BINARY_VECTOR,
            [b"\x01\x80"],
            VectorColumn(np.array([[1, 128]], np.uint8)),
        ),
        (
            DataType.SPARSE_FLOAT_VECTOR,
            [{3: 0.5, 1: 2.0}],
            SparseColumn(
                np.array([0, 2]), np.array([1, 3], np.uint32), np.array([2, 0.5], np.float32)
            ),
        ),
        (DataType.SPARSE_FLOAT_VECTOR, ["Text"], BytesColumn.of([b"Text"])),
    ],
)
def test_we_write_and_read_what_pymilvus_does(dtype, theirs, ours):
    group = Prepare._prepare_placeholder_str(theirs, vector_data_type=PymilvusType(dtype))
    assert write_queries(dtype, ours) == group
    dim = 16 if dtype is DataType.BINARY_VECTOR else 2
    assert facts(read_queries(group, vector_field(dtype, dim))) == facts(ours)


def test_floats_are_accepted_for_half_width_fields():
    group = write_queries(DataType.FLOAT_VECTOR, VectorColumn(np.ones((1, 8), np.float32)))
    read = read_queries(group, vector_field(DataType.BFLOAT16_VECTOR))
    assert facts(read) == facts(VectorColumn(np.full((1, 8), 0x3F80, np.uint16)))


@pytest.mark.parametrize(
    ("kind", "values", "text"),
    [
        (101, [bytes(28)], r"expected vector size\(byte\) 32, actual 28\."),
        (101, [bytes(32), b""], r"expected vector size\(byte\) 32, actual 0\."),
        (301, [b""], r"expected vector size\(byte\) 32, actual 0\."),
        (301, [bytes(33)], r"expected vector size\(byte\) 32, actual 33\."),
        (104, [bytes(8)], "vector type must be the same, field v - type FloatVector, .*Sparse"),
        (100, [bytes(32)], "vector type must be the same"),
        (77, [bytes(32)], "vector type must be the same.*77"),
        (21, [b"\xff"], "not valid UTF-8"),
        (101, [], r"nq \[0\] is invalid"),
    ],
)
def test_queries_that_do_not_fit_are_refused(kind, values, text):
    group = messages.PlaceholderGroup()
    group.placeholders.add(tag="$0", type=kind, values=values)
    with pytest.raises(ParamError, match=text):
        read_queries(group.SerializeToString(), vector_field(DataType.FLOAT_VECTOR))


@pytest.mark.parametrize("group", [b"", b"\xff\xff", b"\x0a\x05ab"])
def test_bytes_that_are_no_queries_are_refused(group):
    with pytest.raises(ParamError):
        read_queries(group, vector_field(DataType.FLOAT_VECTOR))


@given(st.binary(max_size=60), st.sampled_from([*VECTORS]))
def test_any_bytes_are_read_or_refused(group, dtype):
    for field in (vector_field(dtype), list_field(dtype)):
        try:
            queries = read_queries(group, field)
        except ParamError:
            continue
        assert len(queries) >= 1
