"""XXH64 with seed 0, of many values at once: integers as 8 bytes, and strings of bytes.

The function is that of the public specification of xxHash: 32 bytes at a time go through four
accumulators, what is left by eights, a four, and ones into the one that they merge to, whose bits
are then mixed. Here each such step is taken for all values that have it, by numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Places = NDArray[np.int64]
    Records = NDArray[np.void]

_PRIMES = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
_P1, _P2, _P3, _P4, _P5 = (np.uint64(prime) for prime in _PRIMES)
_FIRST = np.array([_PRIMES[0] + _PRIMES[1], _PRIMES[1], 0, -_PRIMES[0]], object) % (1 << 64)
_ACCUMULATORS = _FIRST.astype(np.uint64)
_ZERO = np.uint64(0)
_TURNS = (1, 7, 12, 18)
_WORD = 8
_HALF = 4
_STRIPE = 4 * _WORD
_RECORD = np.dtype(f"V{_STRIPE}")
_BLOCK_BYTES = 1 << 22
_BLOCK_VALUES = 1 << 14


def of_integers(values: NDArray[np.int64]) -> Hashes:
    """Return the hash of each integer's 8 bytes, little endian."""
    lanes = values.astype(np.int64, copy=False).view(np.uint64)
    return _mixed(_with_word(_P5 + np.uint64(_WORD), lanes))


def of_texts(texts: Iterable[bytes]) -> Hashes:
    """Return the hash of each of `texts`."""
    every = list(texts)
    sizes = np.fromiter(map(len, every), np.int64, len(every))
    ends = sizes.cumsum()
    hashes = np.empty(len(every), np.uint64)
    first = 0
    while first < len(every):
        fitting = np.searchsorted(ends, ends[first] - sizes[first] + _BLOCK_BYTES, side="right")
        last = max(first + 1, min(int(fitting), first + _BLOCK_VALUES))
        hashes[first:last] = _of_block(every[first:last], sizes[first:last])
        first = last
    return hashes


def _of_block(texts: list[bytes], sizes: Places) -> Hashes:
    """Return the hashes of texts that are few enough to be copied into one run of memory."""
    ends = sizes.cumsum()
    memory = b"".join([*texts, bytes(_STRIPE)])  # a stripe read at a text's end is within memory
    # The 32 bytes from each place on, as records: copying these takes a third of what four words
    # at places that are no multiples of 8 take.
    records = np.ndarray((len(memory) - _STRIPE + 1,), _RECORD, memory, strides=(1,))
    hashes = np.full(len(texts), _P5)
    striped = np.flatnonzero(sizes >= _STRIPE)
    if len(striped):
        starts = (ends - sizes)[striped]
        hashes[striped] = _of_stripes(records, starts, sizes[striped] // _STRIPE)
    hashes += sizes.view(np.uint64)
    left = sizes & (_STRIPE - 1)
    return _mixed(_with_rest(hashes, _lanes(records, ends - left), left))


def _lanes(records: Records, places: Places) -> Hashes:
    """Return the stripe that begins at each of `places`, uint64 (places, 4)."""
    lanes: Hashes = records[places].view("<u8").reshape(-1, 4).astype(np.uint64, copy=False)
    return lanes


def _of_stripes(records: Records, starts: Places, stripes: Places) -> Hashes:
    """Return the merged accumulators of texts of at least one stripe."""
    order = np.argsort(-stripes, kind="stable")  # those that have a stripe come first
    places = starts[order]
    state = np.tile(_ACCUMULATORS, (len(order), 1))
    having = np.searchsorted(-stripes[order], -np.arange(stripes.max()), side="left")
    for done, count in enumerate(having.tolist()):
        state[:count] = _round(state[:count], _lanes(records, places[:count] + done * _STRIPE))
    merged = np.zeros(len(order), np.uint64)
    for lane, turn in enumerate(_TURNS):
        merged += _rotated(state[:, lane], turn)
    for lane in range(len(_TURNS)):
        merged = (merged ^ _round(_ZERO, state[:, lane])) * _P1 + _P4
    hashes = np.empty(len(order), np.uint64)
    hashes[order] = merged
    return hashes


def _with_rest(hashes: Hashes, lanes: Hashes, left: Places) -> Hashes:
    """Return hashes with the bytes that fill no stripe, the first `left` of `lanes`."""
    rest = lanes[:, 0]
    for lane in range(int(left.max()) // _WORD):
        has = left >= (lane + 1) * _WORD
        hashes = np.where(has, _with_word(hashes, lanes[:, lane]), hashes)
        rest = np.where(has, lanes[:, lane + 1], rest)
    has = (left & _HALF).astype(bool)
    longer = _rotated(hashes ^ (rest & np.uint64(0xFFFFFFFF)) * _P1, 23) * _P2 + _P3
    hashes = np.where(has, longer, hashes)
    rest = np.where(has, rest >> np.uint64(32), rest)
    ones = left & (_HALF - 1)
    for done in range(int(ones.max())):
        longer = _rotated(hashes ^ (rest & np.uint64(0xFF)) * _P5, 11) * _P1
        hashes = np.where(ones > done, longer, hashes)
        rest >>= np.uint64(8)
    return hashes


def _with_word(hashes: Hashes | np.uint64, lanes: Hashes) -> Hashes:
    return _rotated(hashes ^ _round(_ZERO, lanes), 27) * _P1 + _P4


def _round(state: Hashes | np.uint64, lanes: Hashes) -> Hashes:
    return _rotated(state + lanes * _P2, 31) * _P1


def _rotated(values: Hashes, bits: int) -> Hashes:
    rotated: Hashes = values << np.uint64(bits)
    rotated |= values >> np.uint64(64 - bits)
    return rotated


def _mixed(hashes: Hashes) -> Hashes:
    """Let each bit of the hashes decide all of them, in place."""
    hashes ^= hashes >> np.uint64(33)
    hashes *= _P2
    hashes ^= hashes >> np.uint64(29)
    hashes *= _P3
    hashes ^= hashes >> np.uint64(32)
    return hashes
