"""Vectors as whole numbers of 4 or 8 bits, each row with what turns products into scores.

A row fills whole cache lines, since what a walk over a graph waits for is memory: the numbers,
then its head, two float32: half of what one step of its numbers is worth, and its bias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_BLOCK = 8192
"""Rows coded at once."""
_LINE = 64
_HEAD = 8
_NONE = np.empty(0, np.float32)


class Codes(NamedTuple):
    """Coded vectors.

    Attributes:
        rows: (n * stride) from the beginning of a cache line. As int8, whole numbers from -127 to
            127. As uint8, numbers of 4 bits, 0 … 15, which stand for -7.5 … 7.5: each 32 bytes
            hold 64 of them, first the lower halves of the bytes, then the upper ones.
        heads: The same memory as float32.
        stride: Bytes of a row.
        head: Where in a row its head is.
        middle: What stands for zero, doubled.
        width: Numbers of a row, with those that pad it.
        centre: float32 (dim), the mean vector, taken off all vectors before.
    """

    rows: NDArray[Any]
    heads: Floats
    stride: int
    head: int
    middle: int
    width: int
    centre: Floats


def stride_of(dim: int, bits: int, lanes: int) -> tuple[int, int]:
    """Return the bytes of a row, and its padded numbers.

    Args:
        dim: Dimensions.
        bits: Of a number.
        lanes: Bytes that kernels read at once.
    """
    step = lanes * 8 // bits
    width = -(-dim // step) * step
    return -(-(width * bits // 8 + _HEAD) // _LINE) * _LINE, width


def widths_of(dim: int, lanes: int) -> tuple[int, ...]:
    """Return the widths of codes to try, in bits: narrow ones if they take less memory."""
    narrow, wide = (stride_of(dim, bits, lanes)[0] for bits in (4, 8))
    return (4, 8) if narrow < wide else (8,)


def code(vectors: Floats, bits: int, lanes: int, lengths: Floats | None, *, squared: bool) -> Codes:
    """Return the vectors' codes.

    Their centre is taken off: neither distances nor the order of products change, and data far
    from the origin is told apart.

    Args:
        vectors: float32 (n, dim); may be mapped.
        bits: 4 or 8.
        lanes: Bytes that kernels read at once.
        lengths: Of the vectors, to bring them to length 1; None to leave them.
        squared: Whether scores are squared distances; else products.
    """
    count, dim = vectors.shape
    stride, _ = stride_of(dim, bits, lanes)
    rows = aligned(count * stride)
    centre = centre_of(vectors, lengths)
    codes = codes_of(rows, centre, bits, lanes)
    write(codes, 0, vectors, lengths, bits, lanes, squared=squared)
    return codes


def centre_of(vectors: Floats, lengths: Floats | None) -> Floats:
    """Return the mean of some vectors, float32 (dim), at length 1 if there are lengths."""
    sample = slice(None, None, max(len(vectors) // _BLOCK, 1))
    part = _unit(vectors[sample], None if lengths is None else lengths[sample])
    centre: Floats = part.mean(axis=0, dtype=np.float64).astype(np.float32)
    return centre


def write(
    codes: Codes,
    first: int,
    vectors: Floats,
    lengths: Floats | None,
    bits: int,
    lanes: int,
    *,
    squared: bool,
) -> None:
    """Write the codes of vectors from row `first` on; the other arguments are those of `code`."""
    rows = codes.rows.view(np.uint8).reshape(-1, codes.stride)
    heads = codes.heads.reshape(len(rows), -1)[:, codes.head // 4 :]
    for start in range(0, len(vectors), _BLOCK):
        given = slice(start, start + _BLOCK)
        block: Floats = _unit(vectors[given], None if lengths is None else lengths[given])
        block = block - codes.centre
        at = slice(first + start, first + start + len(block))
        numbers, steps, squares = _numbers(block, bits)
        heads[at, 0] = steps / 2
        if squared:
            heads[at, 1] = -squares
        packed = _packed(numbers, codes.width, bits, lanes)
        rows[at, : packed.shape[1]] = packed


def codes_of(rows: NDArray[np.uint8], centre: Floats, bits: int, lanes: int) -> Codes:
    """Return codes that were made before.

    Args:
        rows: Their memory, from the beginning of a cache line.
        centre: float32 (dim), what was taken off the vectors.
        bits: Of a number.
        lanes: Bytes that kernels read at once.
    """
    stride, width = stride_of(len(centre), bits, lanes)
    head, middle = (width, 0) if bits == 8 else (width // 2, 15)
    kind = np.int8 if bits == 8 else np.uint8
    heads: Floats = rows.view(np.float32)
    return Codes(rows.view(kind), heads, stride, head, middle, width, centre)


def aligned(size: int) -> NDArray[np.uint8]:
    """Return zeros that begin with a cache line."""
    whole = np.zeros(size + _LINE, np.uint8)
    start = -whole.ctypes.data % _LINE
    return whole[start : start + size]


def _numbers(block: Floats, bits: int) -> tuple[Floats, Floats, Floats]:
    """Return whole numbers for each row, what a step of them is worth, and the row's square.

    The step is such that a row's product with itself is exact: near it, products are too.
    """
    half = 7.5 if bits == 4 else 127.0
    shift = np.float32(7.5 if bits == 4 else 0.0)
    steps = np.abs(block).max(axis=1) / np.float32(half)
    numbers: Floats = np.divide(
        block, np.where(steps > 0, steps, np.float32(1))[:, np.newaxis], dtype=np.float32
    )
    numbers += shift
    np.rint(numbers, out=numbers)
    if bits == 4:
        np.clip(numbers, 0, 15, out=numbers)
    squares = np.einsum("ij,ij->i", block, block)
    products = np.einsum("ij,ij->i", block, numbers) - shift * block.sum(axis=1)
    np.divide(squares, products, out=steps, where=(steps > 0) & (products > 0))
    return numbers, steps, squares


def _packed(numbers: Floats, width: int, bits: int, lanes: int) -> NDArray[np.uint8]:
    """Return rows of bytes; what pads them meets zeros of the query."""
    count, dim = numbers.shape
    padded = np.zeros((count, width), np.int8)
    padded[:, :dim] = numbers
    if bits == 8:
        return padded.view(np.uint8)
    parts = padded.view(np.uint8).reshape(count, -1, 2, lanes)
    both: NDArray[np.uint8] = parts[:, :, 0] | np.left_shift(parts[:, :, 1], 4, dtype=np.uint8)
    return both.reshape(count, -1)


def _unit(block: Floats, lengths: Floats | None) -> Floats:
    if lengths is None:
        return block
    unit: Floats = np.divide(block, lengths[:, np.newaxis], dtype=np.float32)
    return unit


def inverses_of(lengths: Floats | None) -> Floats:
    """Return what brings products to length 1, float32 (n); empty where there are no lengths."""
    return _NONE if lengths is None else np.float32(1) / lengths
