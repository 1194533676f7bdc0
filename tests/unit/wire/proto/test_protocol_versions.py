"""Our protocol beside the descriptors of Milvus 2.4, 2.5, 2.6 and 3.0: same numbers, same types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto

from aiomilvus.wire.proto.pool import message_class
from tests.support.protocol_versions import VERSIONS, known_fields
from tools.protocol_versions import type_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = known_fields()
MESSAGES = sorted({name.rpartition(".")[0] for name in FIELDS})
# What we declare as `repeated bytes`, to read and write whole arrays; test_agreement.py has why.
AS_BYTES = frozenset(
    (
        "schema.BoolArray.data",
        "schema.DoubleArray.data",
        "schema.FieldData.valid_data",
        "schema.FloatArray.data",
        "schema.SearchResultData.distances",
        "schema.SearchResultData.recalls",
        "schema.SearchResultData.scores",
        "schema.StringArray.data",
    )
)
# What 2.6 called otherwise: a list there, of which one is read as the last of it.
RENAMED = {"milvus.GetReplicateInfoResponse.checkpoint": "checkpoints"}


def own_fields(message: str) -> dict[str, tuple[int, str]]:
    """Return number and type of the fields that our message of this name has."""
    package, _, path = message.partition(".")
    outer, *inner = path.split(".")
    found = message_class(outer)
    if found is None or not found.DESCRIPTOR.full_name.startswith(f"milvus.proto.{package}."):
        return {}
    proto = DescriptorProto()
    found.DESCRIPTOR.CopyToProto(proto)
    for name in inner:
        nested = next((each for each in proto.nested_type if each.name == name), None)
        if nested is None:
            return {}
        proto = nested
    return {each.name: (each.number, type_of(each)) for each in proto.field}


def ours() -> Iterator[tuple[str, int, str]]:
    for message in MESSAGES:
        for name, (number, kind) in own_fields(message).items():
            yield f"{message}.{name}", number, kind


@pytest.mark.parametrize("version", VERSIONS)
def test_a_field_has_the_number_and_type_of_every_version(version: str) -> None:
    wrong = [
        (name, (number, kind), each)
        for name, number, kind in ours()
        if name not in AS_BYTES
        for each in FIELDS.get(name, ())
        if each.since <= version <= each.until and (each.number, each.kind) != (number, kind)
    ]
    assert wrong == []


def test_every_field_is_one_of_some_version() -> None:
    assert [name for name, _, _ in ours() if name not in FIELDS] == []


def test_no_version_means_another_field_by_the_same_number() -> None:
    named: dict[tuple[str, int], set[str]] = {}
    for name, entries in FIELDS.items():
        message, _, field = name.rpartition(".")
        for each in entries:
            named.setdefault((message, each.number), set()).add(field)
    for name, number, _ in ours():
        message, _, field = name.rpartition(".")
        assert named[message, number] - {RENAMED.get(name)} == {field}, name


def test_messages_are_compared_at_all() -> None:
    assert len(list(ours())) > 1000
