"""Schemas to the wire and back, and as pymilvus sends and shows them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymilvus import CollectionSchema, FieldSchema, Function
from pymilvus import DataType as PymilvusType
from pymilvus import FunctionType as PymilvusFunctionType
from pymilvus.client.abstract import CollectionSchema as Described
from pymilvus.client.prepare import Prepare
from pymilvus.grpc_gen import milvus_pb2, schema_pb2

from aiomilvus.errors import ParamError
from aiomilvus.model.schema import Field, FunctionSpec, Schema, StructSpec
from aiomilvus.model.types import DataType, FunctionType
from aiomilvus.wire.codec import schema as codec
from aiomilvus.wire.proto import messages
from tests.support.examples import examples

TEXT = st.text(max_size=6)
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True)
PARAMS = st.dictionaries(st.sampled_from(["mmap.enabled", "enable_match", "x"]), TEXT)
DEFAULTS = {
    DataType.BOOL: st.booleans(),
    DataType.INT8: st.integers(-128, 127),
    DataType.INT64: st.integers(-(2**63), 2**63 - 1),
    DataType.FLOAT: st.floats(width=32, allow_nan=False),
    DataType.DOUBLE: st.floats(allow_nan=False),
    DataType.VARCHAR: TEXT,
    DataType.JSON: st.dictionaries(TEXT, st.lists(st.integers(0, 9))),
    DataType.TIMESTAMPTZ: st.one_of(st.just("2026-01-01T00:00:00Z"), st.integers(0, 2**60)),
}
DTYPES = [*DEFAULTS, DataType.FLOAT_VECTOR, DataType.SPARSE_FLOAT_VECTOR, DataType.ARRAY]


@st.composite
def fields(draw, name, struct=""):
    dtype = DataType.ARRAY if struct else draw(st.sampled_from(DTYPES))
    default = msgspec.UNSET
    if dtype in DEFAULTS and draw(st.booleans()):
        default = draw(DEFAULTS[dtype])
    return Field(
        id=draw(st.integers(100, 999)),
        name=f"{struct}[{name}]" if struct else name,
        dtype=dtype,
        description=draw(TEXT),
        auto_id=draw(st.booleans()),
        nullable=draw(st.booleans()),
        default=default,
        is_partition_key=draw(st.booleans()),
        is_clustering_key=draw(st.booleans()),
        is_function_output=draw(st.booleans()),
        element_type=DataType.INT16 if dtype is DataType.ARRAY else DataType.NONE,
        dim=draw(st.integers(1, 99)) if dtype is DataType.FLOAT_VECTOR else 0,
        max_length=draw(st.integers(0, 99)),
        max_capacity=7 if struct else draw(st.integers(0, 9)),
        params=draw(PARAMS),
        struct=struct,
    )


@st.composite
def schemas(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    made = [draw(fields(name)) for name in names]
    structs = []
    if draw(st.booleans()):
        structs.append(
            StructSpec(
                id=5, name="S", description="d", max_capacity=7, nullable=draw(st.booleans())
            )
        )
        made += [draw(fields(name, "S")) for name in names]
    made.sort(key=lambda field: field.id)
    dynamic = draw(st.booleans())
    if dynamic:
        made.append(Field(name="$meta", dtype=DataType.JSON, is_dynamic=True))
    function = FunctionSpec(
        id=3,
        name="f",
        type=FunctionType.BM25,
        description=draw(TEXT),
        inputs=(names[0],),
        outputs=(names[-1],),
        params=draw(PARAMS),
    )
    return Schema(
        fields=tuple(made),
        functions=draw(st.sampled_from([(), (function,)])),
        structs=tuple(structs),
        description=draw(TEXT),
        enable_dynamic_field=dynamic,
        enable_namespace=draw(st.booleans()),
        version=draw(st.integers(0, 9)),
    )


@settings(max_examples=examples(80))
@given(schemas())
def test_a_schema_survives_the_way_through_pymilvus(schema):
    ours = codec.write_schema(schema, "c", "d")
    theirs = schema_pb2.CollectionSchema.FromString(ours.SerializeToString())
    assert (theirs.name, theirs.dbName) == ("c", "d")
    back = messages.CollectionSchema.FromString(theirs.SerializeToString())
    assert codec.read_schema(back) == schema


def test_what_pymilvus_sends_to_create_a_collection_is_read():
    schema = CollectionSchema(
        [
            FieldSchema("id", PymilvusType.INT64, is_primary=True, auto_id=True),
            FieldSchema("t", PymilvusType.VARCHAR, max_length=20, enable_analyzer=True),
            FieldSchema("n", PymilvusType.INT32, nullable=True, default_value=7),
            FieldSchema(
                "a",
                PymilvusType.ARRAY,
                element_type=PymilvusType.VARCHAR,
                max_length=5,
                max_capacity=9,
                mmap_enabled=True,
            ),
            FieldSchema("v", PymilvusType.FLOAT_VECTOR, dim=8),
            FieldSchema("s", PymilvusType.SPARSE_FLOAT_VECTOR),
        ],
        description="d",
        enable_dynamic_field=True,
        functions=[
            Function(
                name="bm25",
                function_type=PymilvusFunctionType.BM25,
                input_field_names=["t"],
                output_field_names=["s"],
            )
        ],
    )
    sent = Prepare.get_schema_from_collection_schema("c", schema)
    read = codec.read_schema(messages.CollectionSchema.FromString(sent.SerializeToString()))
    assert read == Schema(
        fields=(
            Field(name="id", dtype=DataType.INT64, is_primary=True, auto_id=True),
            Field(
                name="t",
                dtype=DataType.VARCHAR,
                max_length=20,
                params={"enable_analyzer": "true"},
            ),
            Field(name="n", dtype=DataType.INT32, nullable=True, default=7),
            Field(
                name="a",
                dtype=DataType.ARRAY,
                element_type=DataType.VARCHAR,
                max_length=5,
                max_capacity=9,
                params={"mmap.enabled": "true"},
            ),
            Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=8),
            Field(name="s", dtype=DataType.SPARSE_FLOAT_VECTOR, is_function_output=True),
            Field(name="$meta", dtype=DataType.JSON, is_dynamic=True),
        ),
        functions=(
            FunctionSpec(name="bm25", type=FunctionType.BM25, inputs=("t",), outputs=("s",)),
        ),
        description="d",
        enable_dynamic_field=True,
    )


def test_pymilvus_shows_what_we_describe():
    schema = Schema(
        fields=(
            Field(id=100, name="id", dtype=DataType.INT64, is_primary=True),
            Field(id=101, name="v", dtype=DataType.FLOAT_VECTOR, dim=8),
            Field(
                id=103,
                name="S[n]",
                dtype=DataType.ARRAY,
                element_type=DataType.INT64,
                struct="S",
                max_capacity=4,
            ),
            Field(id=104, name="$meta", dtype=DataType.JSON, is_dynamic=True),
        ),
        structs=(StructSpec(id=102, name="S", max_capacity=4),),
        enable_dynamic_field=True,
        version=3,
    )
    reply = messages.DescribeCollectionResponse()
    reply.schema.CopyFrom(codec.write_schema(schema, "c"))
    shown = Described(
        milvus_pb2.DescribeCollectionResponse.FromString(reply.SerializeToString())
    ).dict()
    assert [field["name"] for field in shown["fields"]] == ["id", "v"]
    assert shown["fields"][0] == {
        "field_id": 100,
        "name": "id",
        "description": "",
        "type": PymilvusType.INT64,
        "params": {},
        "is_primary": True,
    }
    assert shown["fields"][1]["params"] == {"dim": 8}
    (struct,) = shown["struct_array_fields"]
    assert (struct["name"], struct["fields"][0]["name"]) == ("S", "n")
    assert struct["fields"][0]["params"] == {"max_capacity": 4}
    assert shown["enable_dynamic_field"] is True
    assert shown["schema_version"] == 3


def test_sub_fields_may_come_with_their_full_names():
    message = messages.CollectionSchema()
    struct = message.struct_array_fields.add(name="S")
    struct.fields.add(name="S[n]", data_type=DataType.ARRAY, element_type=DataType.INT64)
    assert codec.read_schema(message).fields[0].name == "S[n]"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"name": "f", "data_type": 77}, "invalid data type of field f: 77 is not known"),
        (
            {"name": "f", "data_type": 22, "element_type": 77},
            "invalid element type of field f: 77 is not known",
        ),
        (
            {"name": "f", "data_type": 101, "type_params": [{"key": "dim", "value": "x"}]},
            "the value for dim of field f must be an integer, but got 'x'",
        ),
        (
            {"name": "f", "data_type": 23, "default_value": {"bytes_data": b"{"}},
            "the default value of field f is no JSON",
        ),
    ],
)
def test_what_is_no_field_is_refused(field, text):
    theirs = schema_pb2.CollectionSchema(fields=[field])
    with pytest.raises(ParamError, match=text):
        codec.read_schema(messages.CollectionSchema.FromString(theirs.SerializeToString()))


def test_an_unknown_function_type_is_refused():
    message = messages.CollectionSchema()
    message.functions.add(name="f", type=77)
    with pytest.raises(ParamError, match="invalid type of function f: 77 is not known"):
        codec.read_schema(message)


@pytest.mark.parametrize(
    ("dtype", "default"),
    [
        (DataType.INT64, "seven"),
        (DataType.INT8, 2**31),
        (DataType.VARCHAR, 7),
        (DataType.FLOAT_VECTOR, [1.0]),
        (DataType.ARRAY, [1]),
    ],
)
def test_a_default_that_the_type_does_not_have_is_refused(dtype, default):
    schema = Schema(fields=(Field(name="f", dtype=dtype, default=default),))
    with pytest.raises(ParamError, match="default_value"):
        codec.write_schema(schema, "c")


def test_function_parameters_that_are_no_strings_are_written_as_json():
    function = FunctionSpec(
        name="f", type=FunctionType.RERANK, params={"k": 60, "on": True, "w": [0.5], "s": "x"}
    )
    message = messages.FunctionSchema()
    codec.write_function(message, function)
    assert codec.read_function(message).params == {
        "k": "60",
        "on": "true",
        "w": "[0.5]",
        "s": "x",
    }
