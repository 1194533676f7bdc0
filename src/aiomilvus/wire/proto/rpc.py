"""The RPCs of MilvusService and of our extension: path, message classes, streaming.

What an RPC does, whether it may be retried and who may call it is not told here but in the
wire table, which has an entry for each of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from google.protobuf.message_factory import GetMessageClass

from aiomilvus.wire.proto.pool import extensions, service

if TYPE_CHECKING:
    from google.protobuf.message import Message


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method of a service.

    Attributes:
        name: As in the protocol, such as `Insert`.
        path: The gRPC method path.
        request: The class of what the client sends.
        response: The class of what the server answers.
        client_streaming: Whether the client sends a stream of requests.
        server_streaming: Whether the server answers with a stream.
    """

    name: str
    path: str
    request: type[Message]
    response: type[Message]
    client_streaming: bool
    server_streaming: bool


def names() -> list[str]:
    """Return the names of Milvus' RPCs, in the order of service.proto."""
    return [method.name for method in service().methods]


def extension_names() -> list[str]:
    """Return the names of the RPCs that Milvus does not have."""
    return [method.name for method in extensions().methods]


@cache
def rpc(name: str) -> Rpc:
    """Return the RPC of this name. Raises KeyError if there is none."""
    found = extensions() if name in extensions().methods_by_name else service()
    method = found.methods_by_name[name]
    return Rpc(
        name=name,
        path=f"/{found.full_name}/{name}",
        request=GetMessageClass(method.input_type),
        response=GetMessageClass(method.output_type),
        client_streaming=method.client_streaming,
        server_streaming=method.server_streaming,
    )
