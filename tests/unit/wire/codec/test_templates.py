"""Values for the placeholders of a filter, to the wire and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymilvus.client.prepare import Prepare
from pymilvus.grpc_gen import milvus_pb2

from aiomilvus.errors import ParamError
from aiomilvus.wire.codec.templates import read_templates, write_templates
from aiomilvus.wire.proto import messages

INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False)
PLAIN = st.one_of(st.booleans(), INTEGERS, FLOATS, st.text())
LISTS = st.one_of(
    st.lists(st.booleans()), st.lists(INTEGERS), st.lists(FLOATS), st.lists(st.text())
)
VALUES = st.one_of(
    PLAIN,
    st.binary(),
    LISTS,
    st.lists(LISTS),
    st.lists(st.one_of(st.booleans(), st.integers(-9, 9), st.text()), min_size=2),
)


def exchanged(values):
    request = messages.QueryRequest()
    write_templates(request.expr_template_values, values)
    theirs = milvus_pb2.QueryRequest.FromString(request.SerializeToString())
    back = messages.QueryRequest.FromString(theirs.SerializeToString())
    return read_templates(back.expr_template_values)


def typed(value):
    """The value with the types of all its parts, so that 1, 1.0 and True differ."""
    if isinstance(value, list):
        return [typed(item) for item in value]
    return type(value), value


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=3))
def test_values_survive_the_way_through_pymilvus(values):
    read = exchanged(values)
    assert set(read) == set(values)
    for name, value in values.items():
        assert typed(read[name]) == typed(value)


@pytest.mark.parametrize(
    "value", [True, 7, -1.5, "x", [1, 2], [0.5], ["a"], [True], [[1], [2]], [1, 2.5]]
)
def test_we_write_what_pymilvus_writes(value):
    theirs = milvus_pb2.QueryRequest(
        expr_template_values=Prepare.prepare_expression_template({"v": value})
    )
    ours = messages.QueryRequest()
    write_templates(ours.expr_template_values, {"v": value})
    assert ours == messages.QueryRequest.FromString(theirs.SerializeToString())


def test_numpy_values_and_tuples_are_plain_values():
    values = {"a": np.int64(7), "b": np.arange(3), "c": (1.5, 2.5), "d": np.bool_(True)}
    assert exchanged(values) == {"a": 7, "b": [0, 1, 2], "c": [1.5, 2.5], "d": True}


@pytest.mark.parametrize("value", [None, {"a": 1}, object(), 2**63, [2**64], [object()], "\ud800"])
def test_a_value_that_the_protocol_does_not_have_is_refused(value):
    with pytest.raises(ParamError, match="value of filter parameter 'v'"):
        exchanged({"v": value})


def test_a_value_that_is_missing_is_refused():
    request = messages.QueryRequest()
    request.expr_template_values["v"].SetInParent()
    with pytest.raises(ParamError, match="filter parameter 'v' has no value"):
        read_templates(request.expr_template_values)


def test_broken_elements_are_refused():
    for fill in (
        lambda value: value.array_val.json_data.data.append(b"{"),
        lambda value: value.array_val.string_data.data.append(b"\xff"),
        lambda value: value.array_val.double_data.data.append(b"123"),
    ):
        request = messages.QueryRequest()
        fill(request.expr_template_values["v"])
        with pytest.raises(ParamError):
            read_templates(request.expr_template_values)
