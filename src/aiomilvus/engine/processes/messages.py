"""What a follower and the leader say to each other, as bytes.

A message is a size of 8 bytes and a pickle. Both ends are processes of one user on one machine,
each of which has proved that it can read the directory's secret; even so the leader unpickles
only the classes that operations are made of.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.errors import MilvusException, ParamError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.model.operations.base import Operation

PROTOCOL = 2
_SIZE = 8
_PLAIN = "biuf"
"""Kinds of numpy's types whose bytes are all there is to tell."""
_SMALL = 4096
"""Bytes that are copied faster than they are lent."""
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


class Hello(NamedTuple):
    """What a follower says first on the channel by whose end it learns that the leader has gone.

    It is not answered.

    Attributes:
        pid: The follower's process.
    """

    pid: int


class Ping(NamedTuple):
    """A question whether the leader still runs; it is answered at once.

    The result is a tuple of the processes that follow, by their numbers.
    """


class Answer(NamedTuple):
    """What became of a call: its result, or the error that it ended in."""

    result: Any = None
    error: MilvusException | None = None


Message = Call | Hello | Ping | Answer


def array_of(data: bytes | bytearray, dtype: str, *shape: int) -> NDArray[np.generic]:
    """Return the array that `_told` took apart."""
    if not data:
        return np.zeros(shape, dtype)
    array: NDArray[np.generic] = np.frombuffer(data, dtype)
    return array if len(shape) == 1 else array.reshape(shape)


def _told(array: NDArray[np.generic]) -> tuple[Callable[..., object], tuple[object, ...]]:
    """Return how to make an array again: numpy's own way takes three times as long."""
    if array.dtype.kind not in _PLAIN:
        return array.__reduce__()  # type: ignore[return-value]  # it is no name
    if array.nbytes <= _SMALL:
        return array_of, (array.tobytes(), array.dtype.str, *array.shape)
    whole = array if array.flags.c_contiguous else np.ascontiguousarray(array)
    return array_of, (pickle.PickleBuffer(whole.data), array.dtype.str, *array.shape)


_TOLD = copyreg.dispatch_table.copy()
_TOLD[np.ndarray] = _told


class _Reader(pickle.Unpickler):
    """An unpickler of nothing but what messages are made of."""

    def find_class(self, module: str, name: str) -> object:
        known = _FOUND.get((module, name))
        if known is not None:
            return known
        if module.startswith(_OURS) or (module, name) in _OTHERS:
            found: object = super().find_class(module, name)
            _FOUND[module, name] = found
            return found
        raise ParamError(message=f"{module}.{name} may not be part of a message")


_FOUND: dict[tuple[str, str], object] = {}
"""What messages were made of so far: to find it again takes longer than to read it."""


def encode(message: Message) -> bytes:
    """Return the bytes of a message, its size included."""
    content = io.BytesIO(bytes(_SIZE))
    content.seek(_SIZE)
    writer = pickle.Pickler(content, pickle.HIGHEST_PROTOCOL)
    writer.dispatch_table = _TOLD
    writer.dump(message)
    with content.getbuffer() as whole:
        whole[:_SIZE] = (len(whole) - _SIZE).to_bytes(_SIZE, "little")
    return content.getvalue()


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
    if not isinstance(message, Call | Hello | Ping | Answer):
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
