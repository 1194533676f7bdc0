"""What one line of the table says: how an operation and its answer cross the wire."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError, Message

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.wire.codec.status import check_status, success
from aiomilvus.wire.proto import messages
from aiomilvus.wire.proto.rpc import Rpc, rpc

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import Descriptor

    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema


@dataclass(frozen=True, kw_only=True)
class Route:
    """One operation and its RPC.

    Attributes:
        operation: The class of the operation.
        name: Name of the RPC.
        request: (operation, schema) → message or serialized message.
        read_request: (message, schema) → operation.
        reply: (answer, operation, schema) → message or serialized message.
        read_reply: (message, operation, schema) → answer; the status is checked before.
        repeatable: Whether sending it twice has the effect of sending it once.
        needs_schema: Whether requests can't be read or written without the schema.
        empty_code: Code of the status that stands for an empty answer, (), rather than for a
            failure; 0 for none.
    """

    operation: type[Operation[Any]]
    name: str
    request: Callable[[Any, Any], Message | bytes]
    read_request: Callable[[Any, Any], Any]
    reply: Callable[[Any, Any, Any], Message | bytes]
    read_reply: Callable[[Any, Any, Any], Any]
    repeatable: bool
    needs_schema: bool = False
    empty_code: int = 0

    @property
    def rpc(self) -> Rpc:
        """The RPC: its path and message classes."""
        return rpc(self.name)

    def encode_request(self, operation: Operation[Any], schema: Schema | None) -> bytes:
        """Return the serialized request of an operation.

        Raises:
            ParamError: It holds what no message can: lone surrogates, a number of too many bits.
        """
        try:
            return _serialized(self.request(operation, schema))
        except (OverflowError, RecursionError, TypeError, ValueError) as error:
            message = f"an argument of {self.name} can't be written: {error}: invalid parameter"
            raise ParamError(message=message) from error

    def decode_request(self, message: Message, schema: Schema | None) -> Operation[Any]:
        """Return the operation that a request asks for.

        Raises:
            ParamError: The request is malformed.
        """
        found: Operation[Any] = self.read_request(message, schema)
        return found

    def encode_reply(self, answer: Any, operation: Operation[Any], schema: Schema | None) -> bytes:
        """Return the serialized reply that carries an answer."""
        return _serialized(self.reply(answer, operation, schema))

    def decode_reply(self, content: bytes, operation: Operation[Any], schema: Schema | None) -> Any:
        """Return the answer that a serialized reply carries.

        Raises:
            MilvusException: The one that the reply's status stands for, or code 1 for a
                reply that can't be parsed.
        """
        try:
            message = self.rpc.response.FromString(content)
        except DecodeError:
            raise MilvusException(message=f"the reply to {self.name} can't be parsed") from None
        status = status_of(message)
        if self.empty_code and status.code == self.empty_code:
            return ()
        check_status(status)
        return self.read_reply(message, operation, schema)


def _serialized(written: Message | bytes) -> bytes:
    return written if isinstance(written, bytes) else written.SerializeToString()


def parse(message_class: type[Message], content: bytes) -> Any:
    """Return the message that `content` holds.

    Raises:
        ParamError: It holds none.
    """
    try:
        return message_class.FromString(content)
    except DecodeError:
        raise ParamError(message=f"the {message_class.DESCRIPTOR.name} can't be parsed") from None


def status_of(message: Any) -> messages.Status:
    """Return the status in a reply, wherever it stands; an empty one if it has none."""
    if isinstance(message, messages.Status):
        return message
    name = status_field(type(message))
    return getattr(message, name) if name else messages.Status()


def status_field(message_class: type[Message]) -> str:
    """Return the name of the field of a reply that holds its status, or ""."""
    return first_field(message_class.DESCRIPTOR, ("status", "alter_status"))


@cache
def first_field(descriptor: Descriptor, names: tuple[str, ...]) -> str:
    """Return the first of `names` that a message has a field of, or ""."""
    return next((name for name in names if name in descriptor.fields_by_name), "")


def only_status(_answer: Any, _operation: Any, _schema: Any) -> messages.Status:
    """Write the reply of an operation that answers nothing, as a Status."""
    return success()


def nothing(_message: Any, _operation: Any, _schema: Any) -> None:
    """Read the reply of an operation that answers nothing."""
