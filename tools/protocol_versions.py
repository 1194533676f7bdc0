"""Write tests/support/protocol_versions.txt: which version of Milvus knows which field.

    python -m tools.protocol_versions pymilvus-2.4.15-py3-none-any.whl …

What is read are the descriptors in pymilvus' wheels, one for each version, the oldest first; they
come from ``pip download --no-deps pymilvus==2.4.15``. A line is a message, a field, its number and
type, and the first version that has it, with the last one if it was given up:

    milvus.SearchRequest nq 12 int64 2.4
"""

from __future__ import annotations

import argparse
import ast
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).resolve().parent.parent / "tests" / "support" / "protocol_versions.txt"
_SERIALIZED = re.compile(r"AddSerializedFile\((b'.*?')\)\n", re.DOTALL)
_VERSION = re.compile(r"pymilvus-(\d+\.\d+)")
_ROOT = "milvus.proto."

Entry = tuple[str, str, int, str]


def entries(wheel: Path) -> Iterator[Entry]:
    """Yield message, field, number and type of all fields that a wheel's descriptors have."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.endswith("_pb2.py"):
                continue
            found = _SERIALIZED.search(archive.read(name).decode())
            if found is None:
                continue
            file = FileDescriptorProto.FromString(ast.literal_eval(found[1]))
            if file.package.startswith(_ROOT):
                package = file.package.removeprefix(_ROOT)
                for message in file.message_type:
                    yield from _fields(f"{package}.{message.name}", message)


def _fields(name: str, message: DescriptorProto) -> Iterator[Entry]:
    for field in message.field:
        yield name, field.name, field.number, type_of(field)
    for nested in message.nested_type:
        yield from _fields(f"{name}.{nested.name}", nested)


def type_of(field: FieldDescriptorProto) -> str:
    """Return a field's type as the table has it."""
    kinds = FieldDescriptorProto.Type
    kind = field.type_name.removeprefix(f".{_ROOT}") or kinds.Name(field.type)[5:].lower()
    is_list = field.label == FieldDescriptorProto.LABEL_REPEATED
    return f"[{kind}]" if is_list else kind


def table(wheels: list[Path]) -> str:
    """Return the table of some wheels, the oldest first."""
    versions = [_version(wheel) for wheel in wheels]
    known: dict[Entry, list[str]] = {}
    for wheel, version in zip(wheels, versions, strict=True):
        for entry in sorted(set(entries(wheel))):
            known.setdefault(entry, []).append(version)
    lines = []
    for (message, field, number, kind), having in sorted(known.items()):
        span = having[0] if having[-1] == versions[-1] else f"{having[0]}-{having[-1]}"
        lines.append(f"{message} {field} {number} {kind} {span}\n")
    return "".join(lines)


def _version(wheel: Path) -> str:
    found = _VERSION.search(wheel.name)
    if found is None:
        raise SystemExit(f"{wheel} is no wheel of pymilvus")
    return found[1]


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", nargs="+", type=Path)
    TABLE.write_text(table(parser.parse_args().wheels), "utf-8")


if __name__ == "__main__":
    main()
