"""Compile src/aiomilvus/wire/proto/*.proto into the two generated files beside them.

`descriptors.binpb` is a serialized FileDescriptorSet, dependencies first, that the package
loads at run time, so no user needs a protobuf compiler. `messages.pyi` tells type checkers
what `aiomilvus.wire.proto.messages` holds.

    python -m tools.build_protos            write both
    python -m tools.build_protos --check    write nothing; fail if either is out of date
"""

from __future__ import annotations

import argparse
import keyword
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorSet,
)
from grpc_tools import protoc  # type: ignore[import-untyped]  # it ships no types

PROTO = Path(__file__).resolve().parents[1] / "src" / "aiomilvus" / "wire" / "proto"
DESCRIPTORS = PROTO / "descriptors.binpb"
STUB = PROTO / "messages.pyi"

_STUB_HEAD = """\
# Written by tools/build_protos.py from the .proto files here; don't edit it by hand.
# The names are the protocol's:
# ruff: noqa: A002, N802, N803, N815
# mypy: disable-error-code="explicit-override"

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Literal, TypeAlias

from google.protobuf.internal.containers import (
    MessageMap,
    RepeatedCompositeFieldContainer,
    RepeatedScalarFieldContainer,
    ScalarMap,
)
from google.protobuf.message import Message

"""

_SCALARS = {
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
    FieldDescriptorProto.TYPE_DOUBLE: "float",
    FieldDescriptorProto.TYPE_ENUM: "int",
    FieldDescriptorProto.TYPE_FLOAT: "float",
    FieldDescriptorProto.TYPE_INT32: "int",
    FieldDescriptorProto.TYPE_INT64: "int",
    FieldDescriptorProto.TYPE_STRING: "str",
    FieldDescriptorProto.TYPE_UINT32: "int",
    FieldDescriptorProto.TYPE_UINT64: "int",
}


def compile_protos() -> FileDescriptorSet:
    """Compile every .proto file; the result has a file only after all that it imports."""
    sources = sorted(path.name for path in PROTO.glob("*.proto"))
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory) / "set"
        arguments = ["protoc", f"-I{PROTO}", f"--descriptor_set_out={output}", *sources]
        if protoc.main(arguments) != 0:
            sys.exit("protoc failed")
        compiled = FileDescriptorSet.FromString(output.read_bytes())
    for file in compiled.file:
        for message in file.message_type:
            _drop_json_names(message)
    return compiled


def _drop_json_names(message: DescriptorProto) -> None:
    """Drop what pools compute themselves; it is a quarter of the file."""
    for field in message.field:
        field.ClearField("json_name")
    for nested in message.nested_type:
        _drop_json_names(nested)


def check_short_names(compiled: FileDescriptorSet) -> None:
    """Refuse two messages or enums of one name, since `messages` is one namespace."""
    seen: dict[str, str] = {}
    for file in compiled.file:
        names = [message.name for message in file.message_type]
        names += [enum.name for enum in file.enum_type]
        for name in names:
            if name in seen:
                sys.exit(f"{name} is in both {seen[name]} and {file.name}")
            seen[name] = file.name


class _Types:
    """How a message's stub names the types of its fields."""

    def __init__(self, message: DescriptorProto, package: str) -> None:
        self._package = package
        self._taken = {field.name for field in message.field}
        self.maps = {
            nested.name: nested for nested in message.nested_type if nested.options.map_entry
        }
        self.aliased: set[str] = set()

    def element(self, field: FieldDescriptorProto) -> str:
        """Return the type of one value of the field."""
        if field.type != FieldDescriptorProto.TYPE_MESSAGE:
            return _SCALARS[field.type]
        # .milvus.proto.<package>.<Message>[.<Nested>]
        name = ".".join(field.type_name.split(".")[4:])
        if name in self._taken:  # a field that shadows the message it holds
            self.aliased.add(name)
            return f"_{name}"
        return name

    def map_entry(self, field: FieldDescriptorProto) -> DescriptorProto | None:
        """Return the entry type of a map field; None if the field is no map."""
        if field.type != FieldDescriptorProto.TYPE_MESSAGE:
            return None
        return self.maps.get(field.type_name.rsplit(".", 1)[-1])

    def argument(self, field: FieldDescriptorProto) -> str:
        """Return the type that the constructor takes for the field."""
        entry = self.map_entry(field)
        if entry is not None:
            return f"Mapping[{self.element(entry.field[0])}, {self.element(entry.field[1])}]"
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            return f"Iterable[{self.element(field)}]"
        return self.element(field)

    def attribute(self, field: FieldDescriptorProto) -> list[str]:
        """Return the stub of the attribute; only plain values can be assigned."""
        entry = self.map_entry(field)
        is_message = field.type == FieldDescriptorProto.TYPE_MESSAGE
        if entry is not None:
            key, value = (self.element(item) for item in entry.field)
            of_messages = entry.field[1].type == FieldDescriptorProto.TYPE_MESSAGE
            kind = f"{'MessageMap' if of_messages else 'ScalarMap'}[{key}, {value}]"
        elif field.label == FieldDescriptorProto.LABEL_REPEATED:
            container = "Composite" if is_message else "Scalar"
            kind = f"Repeated{container}FieldContainer[{self.element(field)}]"
        elif is_message:
            kind = self.element(field)
        else:
            return [f"{field.name}: {self.element(field)}"]
        return ["@property", f"def {field.name}(self) -> {kind}: ..."]


def _literal(names: list[str]) -> str:
    return "Literal[" + ", ".join(f'"{name}"' for name in names) + "]"


def _presence(message: DescriptorProto) -> list[str]:
    """Return the stubs of HasField and WhichOneof, with the names they accept."""
    lines: list[str] = []
    known = [
        field.name
        for field in message.field
        if field.label != FieldDescriptorProto.LABEL_REPEATED
        and (field.HasField("oneof_index") or field.type == FieldDescriptorProto.TYPE_MESSAGE)
    ]
    if known:
        lines.append(f"def HasField(self, field_name: {_literal(known)}) -> bool: ...")
    members = [
        field
        for field in message.field
        if field.HasField("oneof_index") and not field.proto3_optional
    ]
    groups = [message.oneof_decl[index].name for index in {f.oneof_index for f in members}]
    if len(groups) > 1:
        sys.exit(f"{message.name} has several oneofs: WhichOneof needs overloads")
    if groups:
        choice = f"{_literal([field.name for field in members])} | None"
        lines.append(f"def WhichOneof(self, oneof_group: {_literal(groups)}) -> {choice}: ...")
    return lines


def _indent(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def enum_stub(enum: EnumDescriptorProto) -> list[str]:
    """Return the stub of a top-level enum; `None` can only be had by value."""
    members = [f"{v.name} = {v.number}" for v in enum.value if not keyword.iskeyword(v.name)]
    return [f"class {enum.name}(IntEnum):", *_indent(members)]


def message_stub(message: DescriptorProto, package: str) -> tuple[list[str], set[str]]:
    """Return the stub of a message, and the names it needs underscored aliases of."""
    types = _Types(message, package)
    body: list[str] = []
    for enum in message.enum_type:
        body += [f"{value.name}: Literal[{value.number}]" for value in enum.value]
    for nested in message.nested_type:
        if nested.name not in types.maps:
            lines, aliased = message_stub(nested, package)
            types.aliased |= aliased
            body += lines
    arguments: list[str] = []
    for field in message.field:
        if keyword.iskeyword(field.name):
            continue  # it can only be had by getattr
        body += types.attribute(field)
        arguments.append(f"{field.name}: {types.argument(field)} | None = ...")
    if arguments:
        body.append(f"def __init__(self, *, {', '.join(arguments)}) -> None: ...")
    body += _presence(message)
    return [f"class {message.name}(Message):", *_indent(body or ["..."])], types.aliased


def stub(compiled: FileDescriptorSet) -> str:
    """Return the text of messages.pyi, formatted."""
    lines: list[str] = []
    aliased: set[str] = set()
    for file in compiled.file:
        for enum in file.enum_type:
            lines += enum_stub(enum)
        for message in file.message_type:
            body, names = message_stub(message, file.package)
            lines += body
            aliased |= names
    lines += [f"_{name}: TypeAlias = {name}" for name in sorted(aliased)]
    text = _STUB_HEAD + "\n".join(lines) + "\n"
    ruff = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(STUB), "-"]
    return subprocess.run(ruff, input=text, stdout=subprocess.PIPE, text=True, check=True).stdout


def main() -> None:
    """Write the generated files, or with --check compare them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    check = parser.parse_args().check
    compiled = compile_protos()
    check_short_names(compiled)
    generated = {
        DESCRIPTORS: compiled.SerializeToString(deterministic=True),
        STUB: stub(compiled).encode(),
    }
    stale = [
        path
        for path, content in generated.items()
        if not path.exists() or path.read_bytes() != content
    ]
    if check and stale:
        names = ", ".join(path.name for path in stale)
        sys.exit(f"out of date, run python -m tools.build_protos: {names}")
    for path in stale:
        path.write_bytes(generated[path])


if __name__ == "__main__":
    main()
