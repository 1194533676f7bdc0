"""What a follower and the leader say to each other, as bytes.

A message is a size of 8 bytes and a pickle. Both ends are processes of one user on one machine,
each of which has proved that it can read the directory's secret; even so the leader unpickles
only the classes that operations are made of.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any, NamedTuple

from aiomilvus.errors import MilvusException, ParamError

if TYPE_CHECKING:
    import socket

    from aiomilvus.model.operations.base import Operation

PROTOCOL = 1
_SIZE = 8
_OURS = ("aiomilvus.model.", "aiomilvus.errors", "aiomilvus.engine.processes.messages")
_OTHERS = frozenset(
    {
        ("builtins", "complex"),
        ("builtins", "frozenset"),
        ("builtins", "set"),
        ("builtins", "slice"),
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy.core.numeric", "_frombuffer"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "scalar"),
        ("numpy._core.numeric", "_frombuffer"),
        ("_codecs", "encode"),
        ("msgspec._core", "UNSET"),
        ("msgspec._core", "rebuild"),
        ("msgspec._utils", "rebuild"),
    }
)


class Call(NamedTuple):
    """An operation for the leader to carry out.

    Attributes:
        request: Names the call wherever it is sent again; "" for one that changes nothing.
        operation: What to do.
        again: Whether it was sent before, so that it may have been carried out already.
    """

    request: str
    operation: Operation[object]
    again: bool = False


class Ping(NamedTuple):
    """A question whether the leader still runs; it is answered at once."""


class Answer(NamedTuple):
    """What became of a call: its result, or the error that it ended in."""

    result: Any = None
    error: MilvusException | None = None


Message = Call | Ping | Answer


class _Reader(pickle.Unpickler):
    """An unpickler of nothing but what messages are made of."""

    def find_class(self, module: str, name: str) -> object:
        if module.startswith(_OURS) or (module, name) in _OTHERS:
            return super().find_class(module, name)
        raise ParamError(message=f"{module}.{name} may not be part of a message")


def encode(message: Message) -> bytes:
    """Return the bytes of a message, its size included."""
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(content).to_bytes(_SIZE, "little") + content


def send(channel: socket.socket, message: Message) -> None:
    """Send a message."""
    channel.sendall(encode(message))


def receive(channel: socket.socket) -> Message:
    """Return the next message.

    Raises:
        EOFError: The other end has closed, or died.
    """
    size = int.from_bytes(exactly(channel, _SIZE), "little")
    return decode(exactly(channel, size))


def decode(content: bytes | bytearray) -> Message:
    """Return the message of some bytes, without their size.

    Raises:
        ParamError: They are no message.
    """
    try:
        message = _Reader(io.BytesIO(content)).load()
    except MilvusException:
        raise
    except Exception as error:
        # Whatever bytes that are no pickle of ours make of themselves.
        raise ParamError(
            message=f"a message of another process can't be read: {error!r}"
        ) from error
    if not isinstance(message, Call | Ping | Answer):
        raise ParamError(message=f"{type(message).__name__} is no message of another process")
    return message


def exactly(channel: socket.socket, size: int) -> bytearray:
    """Return the next `size` bytes.

    Raises:
        EOFError: The other end has closed, or died.
    """
    content = bytearray(size)
    view = memoryview(content)
    while view:
        count = channel.recv_into(view)
        if not count:
            raise EOFError
        view = view[count:]
    return content
