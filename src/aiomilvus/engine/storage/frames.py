"""Frames of a log: what one group of writes is, as bytes and back.

Layout (normative text in docs/formats/log.md)::

    frame        size uint64 · CRC32C of the payload uint32 · CRC32C of the 12 bytes before uint32
                 payload, padded to a multiple of 16

    payload      b"AMVGRP01" · size of the JSON uint64
                 JSON: [[meta, [[name, dtype, shape], …]], …]
                 zeros up to 16, then each array's bytes, each padded to 8

Logs of older versions have payloads of containers, each preceded by its size; both are read.
Files are read and written in `log` and `log_reader`; nothing here touches the disk.
"""

from __future__ import annotations

import math
from functools import cache
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import google_crc32c
import msgspec
import numpy as np

from aiomilvus.engine.storage.container import Container, checksum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.generic]

MAGIC = b"AMVLOG02".ljust(16, b"\0")
OLDER = b"AMVLOG01".ljust(16, b"\0")
"""The header of logs whose frames all hold containers."""
MAGICS = (MAGIC, OLDER)
HEAD = 16
"""Bytes of a frame before its payload."""
_GROUP = b"AMVGRP01"
_WHOLE = 1 << 18
"""Payloads up to this size are put together, so that one checksum and one write do."""
_SMALL = 4096
"""Bytes of an array that are copied sooner than a view of them is made."""
_SIZE_AND_CRC = Struct("<QI")
_CRC = Struct("<I")
_ZEROS = [bytes(count) for count in range(HEAD)]


class LogRecord(NamedTuple):
    """One record of the log.

    Attributes:
        meta: Anything that JSON can hold.
        arrays: Arrays of any shape with a plain dtype, by name.
    """

    meta: Any
    arrays: Mapping[str, Array]


_Described = tuple[Any, list[tuple[str, str, tuple[int, ...]]]]
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[_Described])


def frame_of(records: Sequence[LogRecord]) -> list[bytes | memoryview]:
    """Return the parts of the frame that holds `records`; a small one is a single part."""
    described = []
    body: list[bytes | memoryview] = []
    size = 0
    for meta, arrays in records:
        entries = []
        for name, array in arrays.items():
            entries.append((name, dtype_name(array.dtype), array.shape))
            count = array.nbytes
            if count:
                body.append(
                    array.tobytes() if count <= _SMALL else np.ascontiguousarray(array).data
                )
                over = -count % 8
                if over:
                    body.append(_ZEROS[over])
                size += count + over
        described.append((meta, entries))
    header = _encoder.encode(described)
    over = -(16 + len(header)) % HEAD
    begin = (_GROUP, len(header).to_bytes(8, "little"), header, _ZEROS[over])
    end = _ZEROS[-size % HEAD]
    if size <= _WHOLE:
        payload = b"".join((*begin, *body, end))
        return [_head(len(payload), google_crc32c.value(payload)) + payload]
    parts = [b"".join(begin), *map(_bytes_of, body), end]
    crc = 0
    for part in parts:
        crc = checksum(part, crc)
    return [_head(sum(map(len, parts)), crc), *parts]


@cache
def dtype_name(dtype: np.dtype[np.generic]) -> str:
    """Return what the log calls a type; numpy puts it together for each that asks."""
    return dtype.str


def _bytes_of(part: bytes | memoryview) -> bytes | memoryview:
    return part if isinstance(part, bytes) else part.cast("B")


def _head(size: int, crc: int) -> bytes:
    head = _SIZE_AND_CRC.pack(size, crc)
    return head + _CRC.pack(google_crc32c.value(head))


def is_head(data: NDArray[np.uint8], at: int) -> bool:
    """Return whether the first bytes of a frame at `at` match their checksum."""
    head = data[at : at + HEAD].tobytes()
    return len(head) == HEAD and checksum(head[:12]) == int.from_bytes(head[12:], "little")


def payload_size(data: NDArray[np.uint8], at: int) -> int:
    """Return the size of the payload of a frame at `at`."""
    return int.from_bytes(data[at : at + 8].tobytes(), "little")


def is_frame(data: NDArray[np.uint8], at: int) -> bool:
    """Return whether a frame at `at` is whole and matches its checksums."""
    if not is_head(data, at):
        return False
    size = payload_size(data, at)
    payload = data[at + HEAD : at + HEAD + size]
    crc = int.from_bytes(data[at + 8 : at + 12].tobytes(), "little")
    return len(payload) == size and checksum(payload) == crc


def has_frame_behind(data: NDArray[np.uint8], start: int) -> bool:
    """Return whether an intact frame begins at `start` or later.

    Frames begin at multiples of 16, and so does what follows them: few places can be a frame's,
    so only these are looked at.
    """
    count = max(len(data) - start, 0) // HEAD
    sizes = data[start : start + count * HEAD].view("<u8")[::2]
    room = (len(data) - start - HEAD * np.arange(1, count + 1)).astype(np.uint64)
    likely = np.flatnonzero((sizes > 0) & (sizes % HEAD == 0) & (sizes <= room))
    return any(is_frame(data, start + HEAD * number) for number in likely.tolist())


def records_in(data: NDArray[np.uint8], at: int, where: str, base: int = 0) -> Iterator[LogRecord]:
    """Yield the records of the intact frame at `at`.

    Args:
        data: Bytes of a log.
        at: Where the frame begins in them.
        where: The log's name, for errors.
        base: Where in the log `data` begins, likewise.
    """
    start = at + HEAD
    stop = start + payload_size(data, at)
    if data[start : start + 8].tobytes() == _GROUP:
        yield from _group(data[start:stop])
        return
    while start < stop:
        size = payload_size(data, start)
        start += 64
        container = Container(data[start : start + size], where, base + start)
        yield LogRecord(container.meta, container.arrays)
        start += size + -size % 64


def _group(payload: NDArray[np.uint8]) -> Iterator[LogRecord]:
    size = payload_size(payload, 8)
    at = 16 + size
    described = _decoder.decode(payload[16:at].tobytes())
    at += -at % HEAD
    for meta, entries in described:
        arrays: dict[str, Array] = {}
        for name, dtype, shape in entries:
            stop = at + math.prod(shape) * np.dtype(dtype).itemsize
            arrays[name] = payload[at:stop].view(dtype).reshape(shape)
            at = stop + -stop % 8
        yield LogRecord(meta, arrays)
