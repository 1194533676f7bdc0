"""What a follower and the leader say to each other, as bytes.

A message is a size of 8 bytes, a byte that tells its form, and its content: what followers send
all the time has a frame of `write_frames`, all the rest is a pickle. Both ends are processes of one
user on one machine, each of which has proved that it can read the directory's secret; even so the
leader unpickles only the classes that operations are made of.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.processes.write_frames import (
    PLAIN,
    NoFrameError,
    SentWrite,
    call_frame,
    put,
    result_frame,
    taken,
)
from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.results import MutationResult

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.model.operations.base import Operation

PROTOCOL = 3
_SIZE = 8
_PICKLE, _WRITE = b"pw"
"""The forms of messages."""
_AT_ONCE = 1 << 14
"""Bytes that are asked for at first: most messages are smaller, and arrive with one call."""
_MUCH = 1 << 20
"""Bytes that are asked for at once of a larger one."""
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
    if array.dtype.kind not in PLAIN:
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


def encode(message: Message) -> bytes | bytearray:
    """Return the bytes of a message, its size included."""
    with suppress(NoFrameError):
        return _encoded_write(message)
    content = io.BytesIO()
    content.write(bytes(_SIZE) + bytes((_PICKLE,)))
    writer = pickle.Pickler(content, pickle.HIGHEST_PROTOCOL)
    writer.dispatch_table = _TOLD
    writer.dump(message)
    with content.getbuffer() as whole:
        whole[:_SIZE] = (len(whole) - _SIZE).to_bytes(_SIZE, "little")
    return content.getvalue()


def _encoded_write(message: Message) -> bytearray:
    """Return the bytes of a write, or of what became of one.

    Raises:
        NoFrameError: The message is another one, or too rare a kind of these.
    """
    if isinstance(message, Call):
        frame = call_frame(message.request, message.operation, again=message.again)
    elif isinstance(message, Answer) and isinstance(message.result, MutationResult):
        frame = result_frame(message.result)
    else:
        raise NoFrameError
    whole = bytearray(_SIZE)
    whole.append(_WRITE)
    put(frame, whole)
    whole[:_SIZE] = (len(whole) - _SIZE).to_bytes(_SIZE, "little")
    return whole


def send(
    channel: socket.socket, message: Message, waiting: Callable[[], None] | None = None
) -> None:
    """Send a message.

    Args:
        channel: Where to.
        message: What.
        waiting: Called each time the channel's timeout passes, to raise if that is too long.

    Raises:
        TimeoutError: The channel's timeout passed, and nobody is to be told.
    """
    whole = memoryview(encode(message))
    while whole:
        try:
            whole = whole[channel.send(whole) :]
        except TimeoutError:
            if waiting is None:
                raise
            waiting()


def receive(channel: socket.socket, waiting: Callable[[], None] | None = None) -> Message:
    """Return the next message, with which a channel is silent until that is answered.

    Args:
        channel: Where from.
        waiting: As for `send`.

    Raises:
        EOFError: The other end has closed, or died, or goes on where it should wait.
        TimeoutError: The channel's timeout passed, and nobody is to be told.
    """
    content = bytearray(_received(channel, _AT_ONCE, waiting))
    while len(content) < _SIZE:
        content += _received(channel, _AT_ONCE, waiting)
    missing = int.from_bytes(content[:_SIZE], "little") + _SIZE - len(content)
    if missing < 0:
        raise EOFError
    while missing:
        more = _received(channel, min(missing, _MUCH), waiting)
        content += more
        missing -= len(more)
    return decode(memoryview(content)[_SIZE:])


def _received(channel: socket.socket, most: int, waiting: Callable[[], None] | None) -> bytes:
    while True:
        try:
            found = channel.recv(most)
        except TimeoutError:
            if waiting is None:
                raise
            waiting()
            continue
        if not found:
            raise EOFError
        return found


def decode(content: bytes | bytearray | memoryview) -> Message:
    """Return the message of some bytes, without their size.

    Raises:
        ParamError: They are no message.
    """
    whole = memoryview(content)
    form = whole[0] if whole else None
    if form == _WRITE:
        told = taken(whole[1:])
        return Call(*told) if isinstance(told, SentWrite) else Answer(told)
    if form != _PICKLE:
        raise ParamError(message=f"a message of another process has the unknown form {form}")
    try:
        message = _Reader(io.BytesIO(whole[1:])).load()
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
