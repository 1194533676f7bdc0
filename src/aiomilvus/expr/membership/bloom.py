"""Split-block bloom filters in the format MBF1: written, checked, and asked.

A set that says of a value that it is certainly no member, or probably one. Its layout is that of
Parquet's split-block filters: a hash's upper half picks a block of eight words, its lower half sets
one bit in each word.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.expr.membership.limits import MOST_BODY
from aiomilvus.model import xxh64

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]

MAGIC = b"MBF1"
INTEGERS, TEXTS = 1, 2
"""Bits of the domains that members may be of."""
DOMAINS = {INTEGERS: "int64", TEXTS: "utf8"}
_HEADER = struct.Struct("<4sHHQdIB3s")
HEADER_BYTES = _HEADER.size
_VERSION = _ALGORITHM = 1
_WORDS = 8
_BLOCK = 4 * _WORDS
_MOST_BLOCKS = 1 << 22
_LEAST_BITS = 256
_SALTS = np.array(
    [
        0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D,
        0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31,
    ],
    np.uint32,
)  # fmt: skip
_BLOCK_VALUES = 1 << 16


class BloomFilter(NamedTuple):
    """A filter whose bytes were checked.

    Attributes:
        domains: What members there may be, bits of `DOMAINS`.
        words: uint32 (blocks, 8).
    """

    domains: int
    words: NDArray[np.uint32]

    def has_integers(self, values: NDArray[np.int64]) -> Bools:
        """Return which values may be members."""
        if not self.domains & INTEGERS:
            return np.zeros(len(values), np.bool_)
        parts = range(0, len(values), _BLOCK_VALUES)
        found = [self._has(xxh64.of_integers(values[at : at + _BLOCK_VALUES])) for at in parts]
        return np.concatenate([np.zeros(0, np.bool_), *found])

    def has_texts(self, texts: Iterable[bytes]) -> Bools:
        """Return which texts, as UTF-8, may be members."""
        every = list(texts)
        if not self.domains & TEXTS:
            return np.zeros(len(every), np.bool_)
        parts = range(0, len(every), _BLOCK_VALUES)
        found = [self._has(xxh64.of_texts(every[at : at + _BLOCK_VALUES])) for at in parts]
        return np.concatenate([np.zeros(0, np.bool_), *found])

    def _has(self, hashes: NDArray[np.uint64]) -> Bools:
        blocks, bits = _places(hashes, len(self.words))
        missing = np.count_nonzero((self.words[blocks] >> bits) & np.uint32(1) == 0, axis=1)
        found: Bools = missing == 0
        return found


def blocks_for(count: int, fpr: float) -> int:
    """Return how many blocks hold `count` members at a rate of false positives.

    Raises:
        ParamError: They would take more than `MOST_BODY`, which no filter lets match.
    """
    bits = -_WORDS * count / math.log(1 - fpr ** (1 / _WORDS))
    wanted = max(math.ceil(bits), _LEAST_BITS)
    blocks = (1 << (wanted - 1).bit_length()) // (_BLOCK * 8)
    if blocks * _BLOCK > MOST_BODY:
        raise ParamError(
            message=f"a bloom filter of {count} members at fpr {fpr:g} takes {blocks * _BLOCK} "
            f"bytes, at most {MOST_BODY} are matched: give a larger fpr, or fewer members a filter"
        )
    return blocks


def empty_words(blocks: int) -> NDArray[np.uint32]:
    """Return the words of a filter without members."""
    return np.zeros((blocks, _WORDS), np.uint32)


def add(words: NDArray[np.uint32], hashes: NDArray[np.uint64]) -> None:
    """Make what has these hashes a member."""
    blocks, bits = _places(hashes, len(words))
    which = np.broadcast_to(np.arange(_WORDS), bits.shape)
    np.bitwise_or.at(words, (blocks[:, None], which), np.uint32(1) << bits)


def _places(
    hashes: NDArray[np.uint64], blocks: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Return each hash's block, and its bit in each of the block's words."""
    upper = hashes >> np.uint64(32)
    chosen = ((upper * np.uint64(blocks)) >> np.uint64(32)).astype(np.int64)
    bits = (hashes.astype(np.uint32)[:, None] * _SALTS) >> np.uint32(27)
    return chosen, bits


def to_bytes(words: NDArray[np.uint32], domains: int, members: int, fpr: float) -> bytes:
    """Return a filter in the format MBF1."""
    header = _HEADER.pack(MAGIC, _VERSION, _ALGORITHM, members, fpr, len(words), domains, b"\0\0\0")
    return header + words.astype("<u4").tobytes()


def from_bytes(blob: bytes) -> BloomFilter:
    """Return the filter that a blob holds.

    Raises:
        ValueError: It is none; the message says why, in Milvus' words.
    """
    if len(blob) < _HEADER.size:
        raise ValueError(f"bloom filter blob too short: {len(blob)} bytes, want {_HEADER.size}")
    magic, version, algorithm, _, _, blocks, domains, reserved = _HEADER.unpack_from(blob)
    if magic != MAGIC:
        raise ValueError(f"bloom filter blob has invalid magic {magic!r}")
    if version != _VERSION:
        raise ValueError(f"unsupported bloom filter version {version}, expected {_VERSION}")
    if algorithm != _ALGORITHM:
        raise ValueError(f"unsupported bloom filter algo {algorithm}, expected {_ALGORITHM}")
    if domains & ~(INTEGERS | TEXTS):
        raise ValueError(f"bloom filter declares unknown value domains 0x{domains:02x}")
    if reserved != b"\0\0\0":
        number = int.from_bytes(reserved, "little")
        raise ValueError(f"bloom filter reserved field must be 0, got {number}")
    if not 1 <= blocks <= _MOST_BLOCKS or blocks & (blocks - 1):
        raise ValueError(
            f"bloom filter num_blocks {blocks} is not a power of two in [1, {_MOST_BLOCKS}]"
        )
    body = len(blob) - _HEADER.size
    if body != blocks * _BLOCK:
        raise ValueError(
            f"bloom filter body length {body} does not match num_blocks {blocks} "
            f"(want {blocks * _BLOCK})"
        )
    words = np.frombuffer(blob, "<u4", offset=_HEADER.size).reshape(blocks, _WORDS)
    return BloomFilter(domains, words)
