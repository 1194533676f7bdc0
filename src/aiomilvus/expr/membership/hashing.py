"""XXH64 with seed 0: of integers as 8 bytes, many at once, and of UTF-8."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_PRIMES = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
_P1, _P2, _P3, _P4, _P5 = (np.uint64(prime) for prime in _PRIMES)
_WIDTH = 8


def _rotated(values: Hashes, bits: int) -> Hashes:
    rotated: Hashes = (values << np.uint64(bits)) | (values >> np.uint64(64 - bits))
    return rotated


def of_integers(values: NDArray[np.int64]) -> Hashes:
    """Return the hash of each integer's 8 bytes, little endian."""
    lanes = values.astype(np.int64, copy=False).view(np.uint64)
    mixed = _rotated(lanes * _P2, 31) * _P1
    hashes = _rotated(mixed ^ (_P5 + np.uint64(_WIDTH)), 27) * _P1 + _P4
    hashes ^= hashes >> np.uint64(33)
    hashes *= _P2
    hashes ^= hashes >> np.uint64(29)
    hashes *= _P3
    hashes ^= hashes >> np.uint64(32)
    return hashes


def of_texts(texts: Iterable[bytes]) -> Hashes:
    """Return the hash of each text's UTF-8."""
    return np.array(list(map(_digest(), texts)), np.uint64)


@cache
def _digest() -> Callable[[bytes], int]:
    digest: Callable[[bytes], int] = importlib.import_module("xxhash").xxh64_intdigest
    return digest
