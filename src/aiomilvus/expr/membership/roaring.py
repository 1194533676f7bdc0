"""Roaring bitmaps of 64-bit integers in the format MRB1: written, checked, and asked.

The body is the portable form of 64-bit roaring bitmaps: for each upper half of members a standard
32-bit bitmap, made of containers of 65,536 values that are arrays, bitmaps or runs. Integers are
taken by their two's complement, so negative ones come last.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.expr.membership.limits import MOST_BODY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Keys = NDArray[np.uint64]

MAGIC = b"MRB1"
_HEADER = struct.Struct("<4sHHQQ8s")
HEADER_BYTES = _HEADER.size
_VERSION = _FORMAT = 1
_PLAIN, _WITH_RUNS = 12_346, 12_347
_FEW = 4
"""From so many containers on, a bitmap with runs has their places, too."""
_ARRAY_MOST = 4_096
_BITMAP = 8_192
_RUNS_LEAST = 8_224
_LEAST_CONTAINER = 6
_MOST_UPPER = 262_144
_MOST_DECODED = 64 << 20
_BITS_SET = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(axis=1)
_UPPER_COST, _CONTAINER_COST = 128, 64


class RoaringBitmap(NamedTuple):
    """A bitmap whose bytes were checked; values are uint64.

    Attributes:
        values: Members of array containers, ascending.
        starts, ends: First and last members of runs, ascending.
        keys: Values >> 16 of bitmap containers, ascending.
        bits: uint8 (containers, 8192).
    """

    values: Keys
    starts: Keys
    ends: Keys
    keys: Keys
    bits: NDArray[np.uint8]

    def has_integers(self, values: NDArray[np.int64]) -> Bools:
        """Return which values are members."""
        asked = values.astype(np.int64, copy=False).view(np.uint64)
        found = _is_in(asked, self.values)
        if len(self.starts):
            at = np.searchsorted(self.starts, asked, "right") - 1
            found |= (at >= 0) & (asked <= self.ends[np.maximum(at, 0)])
        if len(self.keys):
            upper, lower = asked >> np.uint64(16), (asked & np.uint64(0xFFFF)).astype(np.int64)
            at = np.minimum(np.searchsorted(self.keys, upper), len(self.keys) - 1)
            held = (self.bits[at, lower >> 3] >> (lower & 7).astype(np.uint8)) & np.uint8(1)
            found |= (self.keys[at] == upper) & (held == 1)
        return found


def _is_in(asked: Keys, among: Keys) -> Bools:
    if not len(among):
        return np.zeros(len(asked), np.bool_)
    at = np.minimum(np.searchsorted(among, asked), len(among) - 1)
    found: Bools = among[at] == asked
    return found


# Writing.


def to_bytes(members: NDArray[np.int64]) -> bytes:
    """Return a bitmap in the format MRB1.

    Args:
        members: Distinct integers.

    Raises:
        ParamError: The bitmap would be larger than `from_bytes` takes.
    """
    ordered = np.sort(members.astype(np.int64, copy=False).view(np.uint64))
    uppers, containers = _spread(ordered, 32), _spread(ordered, 16)
    _refuse_large(uppers, containers, _LEAST_CONTAINER * containers)  # before making them
    parts = [struct.pack("<Q", uppers)]
    for upper, part in _split(ordered, 32):
        parts.append(struct.pack("<I", upper) + _bitmap32(part))
    body = b"".join(parts)
    _refuse_large(uppers, containers, len(body))
    return _HEADER.pack(MAGIC, _VERSION, _FORMAT, len(ordered), len(body), bytes(8)) + body


def _spread(ordered: Keys, bits: int) -> int:
    """Return over how many upper parts ascending values are spread."""
    return int(np.count_nonzero(np.diff(ordered >> np.uint64(bits)))) + bool(len(ordered))


def _refuse_large(uppers: int, containers: int, body: int) -> None:
    """Raise unless `_read` takes a body of these parts and bytes."""
    decoded = body + _UPPER_COST * uppers + _CONTAINER_COST * containers
    if uppers > _MOST_UPPER:
        cause = f"high-container count {uppers} exceeds maximum {_MOST_UPPER}"
    elif decoded > _MOST_DECODED:
        cause = f"estimated decoded size {decoded} exceeds maximum {_MOST_DECODED}"
    else:
        return
    raise ParamError(message=f"the members of a roaring bitmap are too many or too spread: {cause}")


def _split(ordered: Keys, bits: int) -> Iterator[tuple[int, Keys]]:
    """Yield runs of values whose upper parts are equal, with these, and the lower parts."""
    upper = ordered >> np.uint64(bits)
    edges = [0, *(np.flatnonzero(np.diff(upper)) + 1).tolist(), len(ordered)]
    mask = np.uint64((1 << bits) - 1)
    for start, stop in pairwise(edges):
        if stop > start:
            yield int(upper[start]), ordered[start:stop] & mask


def _bitmap32(ordered: Keys) -> bytes:
    containers = [(key, *_container(lower)) for key, lower in _split(ordered, 16)]
    count = len(containers)
    has_runs = any(is_run for _, _, is_run, _ in containers)
    described = b"".join(struct.pack("<HH", key, size - 1) for key, size, _, _ in containers)
    if has_runs:
        flags = np.packbits([is_run for _, _, is_run, _ in containers], bitorder="little")
        head = struct.pack("<HH", _WITH_RUNS, count - 1) + flags.tobytes() + described
    else:
        head = struct.pack("<II", _PLAIN, count) + described
    bodies = [body for *_, body in containers]
    if not has_runs or count >= _FEW:
        sizes = np.array([0, *map(len, bodies[:-1])], np.int64)
        head += (len(head) + 4 * count + np.cumsum(sizes)).astype("<u4").tobytes()
    return head + b"".join(bodies)


def _container(lower: Keys) -> tuple[int, bool, bytes]:
    """Return a container's cardinality, whether it is of runs, and its body."""
    size = len(lower)
    breaks = np.flatnonzero(np.diff(lower) != 1)
    starts = lower[np.concatenate([[0], breaks + 1])]
    ends = lower[np.concatenate([breaks, [size - 1]])]
    if 2 + 4 * len(starts) < min(2 * size, _RUNS_LEAST):
        runs = np.stack([starts, ends - starts], axis=1).astype("<u2")
        return size, True, struct.pack("<H", len(starts)) + runs.tobytes()
    if size <= _ARRAY_MOST:
        return size, False, lower.astype("<u2").tobytes()
    bits = np.zeros(1 << 16, np.bool_)
    bits[lower.astype(np.int64)] = True
    return size, False, np.packbits(bits, bitorder="little").tobytes()


# Reading.


class _Reader:
    """Reads a body piece by piece; every piece is checked to be there."""

    def __init__(self, body: memoryview) -> None:
        self._body = body
        self.at = 0

    def take(self, count: int) -> memoryview:
        """Return the next bytes."""
        piece = self._body[self.at : self.at + count]
        if len(piece) != count:
            raise ValueError(f"roaring bitmap body ends after {len(self._body)} bytes, too early")
        self.at += count
        return piece

    def number(self, width: int) -> int:
        """Return the next unsigned number."""
        return int.from_bytes(self.take(width), "little")


class _Parts:
    """Containers as they are read."""

    def __init__(self) -> None:
        self.values: list[Keys] = []
        self.starts: list[Keys] = []
        self.ends: list[Keys] = []
        self.keys: list[int] = []
        self.bits: list[NDArray[np.uint8]] = []
        self.cardinality = 0

    def bitmap(self) -> RoaringBitmap:
        """Return them as one bitmap."""
        nothing = np.zeros(0, np.uint64)
        bits = np.stack(self.bits) if self.bits else np.zeros((0, _BITMAP), np.uint8)
        return RoaringBitmap(
            np.concatenate([nothing, *self.values]),
            np.concatenate([nothing, *self.starts]),
            np.concatenate([nothing, *self.ends]),
            np.array(self.keys, np.uint64),
            bits,
        )


def from_bytes(blob: bytes) -> RoaringBitmap:
    """Return the bitmap that a blob holds.

    Raises:
        ValueError: It is none, or it is larger than Milvus takes; the message says why.
    """
    if len(blob) < _HEADER.size:
        raise ValueError(f"roaring bitmap blob too short: {len(blob)} bytes, want {_HEADER.size}")
    magic, version, kind, cardinality, length, reserved = _HEADER.unpack_from(blob)
    if magic != MAGIC:
        raise ValueError(f"roaring bitmap blob has invalid magic {magic!r}")
    if version != _VERSION:
        raise ValueError(f"unsupported roaring bitmap version {version}, expected {_VERSION}")
    if kind != _FORMAT:
        raise ValueError(f"unsupported roaring bitmap format {kind}, expected {_FORMAT}")
    if reserved != bytes(8):
        raise ValueError("roaring bitmap reserved field must be 0")
    if length > MOST_BODY:
        raise ValueError(f"roaring bitmap body length {length} exceeds maximum {MOST_BODY}")
    if length != len(blob) - _HEADER.size:
        raise ValueError(
            f"roaring bitmap body length {len(blob) - _HEADER.size} does not match {length}"
        )
    parts = _read(memoryview(blob)[_HEADER.size :])
    if parts.cardinality != cardinality:
        raise ValueError(
            f"roaring bitmap holds {parts.cardinality} members, its header says {cardinality}"
        )
    return parts.bitmap()


def _read(body: memoryview) -> _Parts:
    reader, parts = _Reader(body), _Parts()
    uppers = reader.number(8)
    if uppers > _MOST_UPPER:
        raise ValueError(f"high-container count {uppers} exceeds maximum {_MOST_UPPER}")
    decoded = len(body) + _UPPER_COST * uppers
    before = -1
    for _ in range(uppers):
        upper = reader.number(4)
        if upper <= before:
            raise ValueError("roaring bitmap high parts do not rise")
        before = upper
        decoded += _CONTAINER_COST * _read_bitmap32(reader, upper << 32, parts)
        if decoded > _MOST_DECODED:
            raise ValueError(f"estimated decoded size {decoded} exceeds maximum {_MOST_DECODED}")
    if reader.at != len(body):
        raise ValueError(f"roaring bitmap body has {len(body) - reader.at} bytes too many")
    return parts


def _read_bitmap32(reader: _Reader, base: int, parts: _Parts) -> int:
    """Read the containers of one upper half; return how many there are."""
    cookie = reader.number(4)
    runs: NDArray[np.uint8] | None = None
    if cookie & 0xFFFF == _WITH_RUNS:
        count = (cookie >> 16) + 1
        flags = np.frombuffer(reader.take((count + 7) // 8), np.uint8)
        runs = np.unpackbits(flags, bitorder="little")[:count]
    elif cookie == _PLAIN:
        count = reader.number(4)
    else:
        raise ValueError(f"roaring bitmap has unknown cookie {cookie}")
    if count > 1 << 16:
        raise ValueError(f"roaring bitmap has {count} containers, at most {1 << 16} are possible")
    described = np.frombuffer(reader.take(4 * count), "<u2").reshape(count, 2).astype(np.int64)
    keys = described[:, 0]
    if (np.diff(keys) <= 0).any():
        raise ValueError("roaring bitmap container keys do not rise")
    if runs is None or count >= _FEW:
        reader.take(4 * count)  # where containers lie, which they tell by their sizes
    for at, (key, size) in enumerate(described.tolist()):
        is_run = runs is not None and bool(runs[at])
        _read_container(reader, base | (key << 16), size + 1, parts, is_run=is_run)
    return count


def _read_container(reader: _Reader, base: int, size: int, parts: _Parts, *, is_run: bool) -> None:
    offset = np.uint64(base)
    if is_run:
        pairs = np.frombuffer(reader.take(4 * reader.number(2)), "<u2").reshape(-1, 2)
        starts = pairs[:, 0].astype(np.int64)
        ends = starts + pairs[:, 1]
        if (starts[1:] <= ends[:-1]).any() or ends.max(initial=0) >= 1 << 16:
            raise ValueError("roaring bitmap runs overlap or leave their container")
        parts.starts.append(starts.astype(np.uint64) | offset)
        parts.ends.append(ends.astype(np.uint64) | offset)
        found = int((ends - starts + 1).sum())
    elif size <= _ARRAY_MOST:
        lower = np.frombuffer(reader.take(2 * size), "<u2").astype(np.uint64)
        if (lower[1:] <= lower[:-1]).any():
            raise ValueError("roaring bitmap array does not rise")
        parts.values.append(lower | offset)
        found = size
    else:
        bits = np.frombuffer(reader.take(_BITMAP), np.uint8)
        parts.keys.append(base >> 16)
        parts.bits.append(bits)
        found = int(_BITS_SET[bits].sum())
    if found != size:
        raise ValueError(f"roaring bitmap container holds {found} members, it says {size}")
    parts.cardinality += size
