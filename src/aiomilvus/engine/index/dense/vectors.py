"""Stored vectors and queries as float32, whatever type they are kept in, and the metrics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.contract import without_warnings
from aiomilvus.engine.storage.mapped import map_of
from aiomilvus.errors import ParamError
from aiomilvus.model.columns import Column, VectorColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LARGER_IS_CLOSER = frozenset({"IP", "COSINE", "BM25"})
_UNIT = 1e-5
_SMALL = 1e-30
_BLOCK = 1 << 14
_LONGEST = 1e34


def as_floats(values: NDArray[Any]) -> Floats:
    """Return vectors of any stored type as float32; bfloat16 comes as its raw bits.

    Args:
        values: (n, dim), float32, float16, int8, or uint16 for bfloat16.
    """
    if values.dtype == np.float32:
        return values
    if values.dtype == np.uint16:
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32)


def query_floats(queries: Column, dim: int) -> Floats:
    """Return query vectors as C-contiguous float32 (nq, dim).

    Raises:
        ParamError: They are no dense vectors, or of another dimension.
    """
    if not isinstance(queries, VectorColumn):
        raise ParamError(
            message=f"a dense index can't be searched with {queries.kind} vectors"
            ": invalid parameter"
        )
    found = as_floats(queries.values)
    if found.shape[1] != dim:
        raise ParamError(
            message=f"vector dimension mismatch, expected vector size(byte) {dim * 4}, actual "
            f"{found.shape[1] * 4}: invalid parameter"
        )
    return found if found.flags.c_contiguous else np.ascontiguousarray(found)


def normalized(vectors: Floats) -> Floats:
    """Return each vector at length 1; a zero vector stays as it is."""
    if len(vectors) == 1:
        only = vectors[0]
        square = float(only.dot(only))
        if _SMALL < square < 1 / _SMALL:  # nothing overflows here, so numpy warns of nothing
            return vectors * np.float32(1.0 / math.sqrt(square))
    with without_warnings():
        return _normalized(vectors)


def _normalized(vectors: Floats) -> Floats:
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    long = np.isinf(norms)
    if long.any():
        wide = vectors[long].astype(np.float64)
        short = vectors.copy()
        short[long] = wide / np.sqrt(np.einsum("ij,ij->i", wide, wide))[:, None]
        return _normalized(short)
    norms[norms == 0.0] = 1.0
    unit: Floats = vectors / norms[:, None]
    return unit


def are_unit(values: NDArray[Any]) -> bool:
    """Return whether every vector has length 1 already, up to rounding."""
    for first in range(0, len(values), 1 << 15):
        part = as_floats(values[first : first + (1 << 15)])
        squares = np.einsum("ij,ij->i", part, part)
        if np.any(np.abs(squares - 1.0) > _UNIT):
            return False
    return True


def narrowed(vectors: Floats, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return float32 vectors as float16 or bfloat16 bits if `dtype` is theirs, else as they are."""
    if dtype == np.uint16:
        bits = vectors.view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    return vectors.astype(np.float16) if dtype == np.float16 else vectors


def blocks_of(values: NDArray[Any], *, unit: bool) -> Iterator[NDArray[np.float32]]:
    """Yield the vectors as float32, block by block; give a mapped file's pages back behind it."""
    mapped = map_of(values)
    for start in range(0, len(values), _BLOCK):
        block = np.ascontiguousarray(as_floats(values[start : start + _BLOCK]))
        yield normalized(block) if unit else block
        if mapped is not None:
            mapped.forget()


def are_too_long(values: NDArray[Any]) -> bool:
    """Return whether sums of the vectors' squares come near the largest float32.

    faiss ends the process when training meets infinities; comparing rows one by one can go on.
    """
    if values.dtype in (np.int8, np.float16):
        return False
    squares = (np.einsum("ij,ij->i", b, b).max(initial=0.0) for b in blocks_of(values, unit=False))
    return not all(square <= _LONGEST for square in squares)


def lengths_of(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return the vectors' lengths; 1 for those of zeros, so that one may divide by it."""
    parts = [np.sqrt(np.einsum("ij,ij->i", b, b)) for b in blocks_of(values, unit=False)]
    lengths = np.concatenate(parts).astype(np.float32)
    lengths[lengths == 0.0] = 1.0
    return lengths
