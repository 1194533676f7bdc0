"""The private pool that holds Milvus' protocol and our extension of it, by name.

The descriptors are compiled ahead (tools/build_protos.py) from the .proto files beside this
module and loaded on first use. They live in a pool of their own, because protobuf refuses
two definitions of `milvus.proto.common` in one pool, and pymilvus registers its own in the
default one. A message class of ours is therefore another type than pymilvus' class of the
same name; only bytes pass between them.

`messages` and `rpc` in this package are what other modules use. Safe from any thread.
"""

from __future__ import annotations

import threading
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

if TYPE_CHECKING:
    from google.protobuf.descriptor import ServiceDescriptor
    from google.protobuf.message import Message

_PACKAGES = (
    *(f"milvus.proto.{name}" for name in ("milvus", "schema", "common", "feder", "rg", "msg")),
    "aiomilvus.proto.changes",
)
_loading = threading.Lock()


@cache
def _load() -> DescriptorPool:
    content = resources.files(__package__).joinpath("descriptors.binpb").read_bytes()
    loaded = DescriptorPool()
    for file in FileDescriptorSet.FromString(content).file:
        loaded.Add(file)
    return loaded


def pool() -> DescriptorPool:
    """Return the pool with all of Milvus' protocol in it."""
    with _loading:
        return _load()


def message_class(name: str) -> type[Message] | None:
    """Return the class of a top-level message by its name without package, or None."""
    for package in _PACKAGES:
        try:
            descriptor = pool().FindMessageTypeByName(f"{package}.{name}")
        except KeyError:
            continue
        return GetMessageClass(descriptor)
    return None


def enum_class(name: str) -> type[IntEnum] | None:
    """Return a top-level enum by its name without package, or None."""
    for package in _PACKAGES:
        try:
            descriptor = pool().FindEnumTypeByName(f"{package}.{name}")
        except KeyError:
            continue
        members = [(value.name, value.number) for value in descriptor.values]
        made: type[IntEnum] = IntEnum(name, members)  # type: ignore[misc]  # no literal
        return made
    return None


def service() -> ServiceDescriptor:
    """Return the descriptor of MilvusService."""
    return pool().FindServiceByName("milvus.proto.milvus.MilvusService")


def extensions() -> ServiceDescriptor:
    """Return the descriptor of the service with what Milvus' protocol has no RPC for."""
    return pool().FindServiceByName("aiomilvus.proto.changes.ChangesService")
