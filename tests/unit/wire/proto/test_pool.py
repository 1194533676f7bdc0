"""The private pool: lazy, thread-safe, and no rival of pymilvus'."""

from __future__ import annotations

import ast
import subprocess
import sys
import threading
from enum import EnumMeta
from importlib import resources
from keyword import kwlist

import pytest

from aiomilvus.wire.proto import messages, pool, rpc

USE_BOTH = """
{first}
{second}
from aiomilvus.wire.proto import messages
from pymilvus.grpc_gen import milvus_pb2
request = messages.InsertRequest(collection_name="c", num_rows=1)
column = request.fields_data.add(type=101, field_name="v")
column.vectors.dim = 2
column.vectors.float_vector.data.append(b"\\0\\0\\x80\\x3f\\0\\0\\0\\x40")
theirs = milvus_pb2.InsertRequest.FromString(request.SerializeToString())
assert list(theirs.fields_data[0].vectors.float_vector.data) == [1.0, 2.0]
back = messages.InsertRequest.FromString(theirs.SerializeToString())
assert back == request and type(theirs) is not type(back)
from google.protobuf.internal import api_implementation
print(api_implementation.Type())
"""
OURS = "from aiomilvus.wire.proto import messages; messages.Status"
THEIRS = "import pymilvus"


def run(script):
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.mark.parametrize("backend", ["upb", "python"])
@pytest.mark.parametrize("order", [(OURS, THEIRS), (THEIRS, OURS)], ids=["ours", "theirs"])
def test_pymilvus_lives_in_the_same_process(backend, order, monkeypatch):
    monkeypatch.setenv("PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION", backend)
    script = USE_BOTH.format(first=order[0], second=order[1])
    assert run(script) == backend


def test_nothing_is_loaded_before_a_message_is_asked_for():
    script = (
        "from aiomilvus.wire.proto import messages, pool\n"
        "assert pool._load.cache_info().currsize == 0\n"
        "messages.Status()\n"
        "assert pool._load.cache_info().currsize == 1\n"
        "print('loaded')"
    )
    assert run(script) == "loaded"


def test_an_unknown_message_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no message or enum 'SerachRequest'"):
        getattr(messages, "SerachRequest")  # noqa: B009 - no type checker knows this name


def test_an_unknown_rpc_is_a_key_error():
    with pytest.raises(KeyError):
        rpc.rpc("Serach")


def test_threads_that_race_for_a_name_get_the_same_class():
    for name in ("LoadState", "ListDatabasesResponse"):
        vars(messages).pop(name, None)
        start = threading.Barrier(8)
        found: list[object] = []

        def look_up(name=name, start=start, found=found):
            start.wait()
            found.append(getattr(messages, name))

        threads = [threading.Thread(target=look_up) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len({id(item) for item in found}) == 1


def test_enums_carry_the_protocols_numbers():
    assert int(messages.DataType.SparseFloatVector) == 104
    assert messages.PlaceholderType["None"] == 0
    assert messages.FieldPartialUpdateOp.ARRAY_APPEND == 1


def test_every_message_and_enum_can_be_had_by_its_short_name():
    for name in rpc.names():
        request = rpc.rpc(name).request
        assert pool.message_class(request.DESCRIPTOR.name) is request


def test_the_stub_declares_what_there_is():
    stub = resources.files("aiomilvus.wire.proto").joinpath("messages.pyi").read_text()
    declared = {c.name: c for c in ast.parse(stub).body if isinstance(c, ast.ClassDef)}
    for name, body in declared.items():
        found = getattr(messages, name)
        members = {m.target.id for m in body.body if isinstance(m, ast.AnnAssign)}  # type: ignore[union-attr]
        members |= {m.name for m in body.body if isinstance(m, ast.FunctionDef)}
        if isinstance(found, EnumMeta):
            assigned = {m.targets[0].id for m in body.body if isinstance(m, ast.Assign)}  # type: ignore[attr-defined]
            assert assigned == set(found.__members__) - {"None"}
            continue
        fields = set(found.DESCRIPTOR.fields_by_name) - {*kwlist}  # had by getattr alone
        nested = {value.name for enum in found.DESCRIPTOR.enum_types for value in enum.values}
        assert members - {"__init__", "HasField", "WhichOneof"} - nested == fields, name
    assert set(rpc_messages()) <= set(declared)


def rpc_messages():
    for name in rpc.names():
        yield rpc.rpc(name).request.DESCRIPTOR.name
        yield rpc.rpc(name).response.DESCRIPTOR.name
