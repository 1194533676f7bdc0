"""Our protocol text against the descriptors that pymilvus ships."""

from __future__ import annotations

from importlib import resources

import grpc
import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as FieldDescriptor
from pymilvus.grpc_gen import (
    common_pb2,
    feder_pb2,
    milvus_pb2,
    milvus_pb2_grpc,
    msg_pb2,
    rg_pb2,
    schema_pb2,
)

from aiomilvus.wire.proto import rpc
from aiomilvus.wire.proto.pool import pool

THEIRS = {
    module.DESCRIPTOR.package: module.DESCRIPTOR
    for module in (common_pb2, feder_pb2, milvus_pb2, msg_pb2, rg_pb2, schema_pb2)
}

# Fields that we declare as `repeated bytes`, and what they are in the protocol.
AS_BYTES = {
    "milvus.proto.schema.BoolArray.data": FieldDescriptor.TYPE_BOOL,
    "milvus.proto.schema.DoubleArray.data": FieldDescriptor.TYPE_DOUBLE,
    "milvus.proto.schema.FieldData.valid_data": FieldDescriptor.TYPE_BOOL,
    "milvus.proto.schema.FloatArray.data": FieldDescriptor.TYPE_FLOAT,
    "milvus.proto.schema.SearchResultData.distances": FieldDescriptor.TYPE_FLOAT,
    "milvus.proto.schema.SearchResultData.recalls": FieldDescriptor.TYPE_FLOAT,
    "milvus.proto.schema.SearchResultData.scores": FieldDescriptor.TYPE_FLOAT,
    "milvus.proto.schema.StringArray.data": FieldDescriptor.TYPE_STRING,
}


# What protobuf packs when it is repeated, unless told not to.
PACKABLE = frozenset(range(1, 19)) - {
    FieldDescriptor.TYPE_STRING,
    FieldDescriptor.TYPE_GROUP,
    FieldDescriptor.TYPE_MESSAGE,
    FieldDescriptor.TYPE_BYTES,
}


def walk(messages):
    for message in messages:
        yield message
        yield from walk(message.nested_types)


def our_files():
    """Return service.proto and all that it imports."""
    seen = {}

    def visit(file):
        if file.name not in seen:
            seen[file.name] = file
            for dependency in file.dependencies:
                visit(dependency)

    visit(pool().FindFileByName("service.proto"))
    return list(seen.values())


OUR_MESSAGES = {
    message.full_name: message
    for file in our_files()
    for message in walk(file.message_types_by_name.values())
}
OUR_ENUMS = {
    enum.full_name: enum for file in our_files() for enum in file.enum_types_by_name.values()
}


def their_message(full_name):
    package = ".".join(full_name.split(".")[:3])
    descriptor = None
    for name in full_name.split(".")[3:]:
        known = (
            THEIRS[package].message_types_by_name
            if descriptor is None
            else descriptor.nested_types_by_name
        )
        descriptor = known[name]
    return descriptor


def facts(message):
    """Return what must agree of each field: everything that shows on the wire or in the API."""
    described = DescriptorProto()
    message.CopyToProto(described)
    return {
        field.name: {
            "number": field.number,
            "type": field.type,
            "repeated": field.label == FieldDescriptor.LABEL_REPEATED,
            "packed": field.type in PACKABLE
            and not (field.options.HasField("packed") and not field.options.packed),
            "of": field.type_name,
            "oneof": described.oneof_decl[field.oneof_index].name
            if field.HasField("oneof_index")
            else None,
            "optional": field.proto3_optional,
        }
        for field in described.field
    }, described.options.map_entry


@pytest.mark.parametrize("full_name", sorted(OUR_MESSAGES))
def test_a_message_has_the_fields_that_pymilvus_knows(full_name):
    ours, is_map = facts(OUR_MESSAGES[full_name])
    theirs, theirs_is_map = facts(their_message(full_name))
    assert is_map == theirs_is_map
    for name, field in theirs.items():
        declared = AS_BYTES.get(f"{full_name}.{name}")
        if declared is not None:
            assert field["repeated"]
            assert field["type"] == declared
            assert field["packed"] or declared == FieldDescriptor.TYPE_STRING
            field |= {"type": FieldDescriptor.TYPE_BYTES, "packed": False}
    assert ours == theirs


@pytest.mark.parametrize("full_name", sorted(OUR_ENUMS))
def test_an_enum_has_the_values_that_pymilvus_knows(full_name):
    package, _, name = full_name.rpartition(".")
    theirs = THEIRS[package].enum_types_by_name[name]
    assert {v.name: v.number for v in OUR_ENUMS[full_name].values} == {
        v.name: v.number for v in theirs.values
    }


def test_every_exception_is_a_field_of_ours():
    fields = {f.full_name for message in OUR_MESSAGES.values() for f in message.fields}
    assert set(AS_BYTES) <= fields


EXTENSIONS = {"changes.proto"}
"""What Milvus does not have."""


def test_no_file_of_the_text_is_left_out_of_the_comparison():
    texts = resources.files("aiomilvus.wire.proto").iterdir()
    names = {path.name for path in texts if path.name.endswith(".proto")}
    assert names - EXTENSIONS == {file.name for file in our_files()}


def test_every_rpc_of_pymilvus_exists_with_the_same_messages():
    theirs = milvus_pb2.DESCRIPTOR.services_by_name["MilvusService"]
    assert sorted(rpc.names()) == sorted(method.name for method in theirs.methods)
    for method in theirs.methods:
        ours = rpc.rpc(method.name)
        assert ours.path == f"/{theirs.full_name}/{method.name}"
        assert ours.request.DESCRIPTOR.full_name == method.input_type.full_name
        assert ours.response.DESCRIPTOR.full_name == method.output_type.full_name
        assert ours.client_streaming == method.client_streaming
        assert ours.server_streaming == method.server_streaming


def test_pymilvus_stub_calls_the_paths_that_we_name():
    with grpc.insecure_channel("127.0.0.1:1") as channel:
        stub = milvus_pb2_grpc.MilvusServiceStub(channel)
        paths = {name: call._method.decode() for name, call in vars(stub).items()}
    assert paths == {name: rpc.rpc(name).path for name in rpc.names()}
