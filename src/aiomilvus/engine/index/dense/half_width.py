"""Whether bfloat16 copies of vectors serve while a graph is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.dense.vectors import as_floats, narrowed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    _Array = NDArray[Any]

_BLOCK = 1 << 14
_SAMPLED = 256
_LEAST_DIM = 32
_FINENESS = 100.0
"""Half width serves where squared distances between neighbours are so many times its errors."""


def suits_half(values: _Array, centre: NDArray[np.float32] | None = None) -> bool:
    """Return whether bfloat16 tells vectors apart from their neighbours.

    Few dimensions pack vectors close together; and the copy would save little.
    """
    if values.shape[1] < _LEAST_DIM:
        return False
    block = as_floats(values[:_BLOCK])
    if centre is not None:
        block = block - centre
    some = np.ascontiguousarray(block[:: max(len(block) // _SAMPLED, 1)])
    errors = (as_floats(narrowed(some, np.dtype(np.uint16))) - some).astype(np.float64)
    wide, few = block.astype(np.float64), some.astype(np.float64)
    squares = np.einsum("ij,ij->i", wide, wide)
    # In pieces, as searches that need the product's library wait while it is at work.
    products = np.concatenate(
        [few @ wide[at : at + _SAMPLED].T for at in range(0, len(wide), _SAMPLED)], axis=1
    )
    apart = squares[None, :] - 2 * products + np.einsum("ij,ij->i", few, few)[:, None]
    apart[apart <= 1e-13 * squares.max(initial=0)] = np.inf  # the vector itself, or its copy
    near = np.quantile(apart.min(axis=1), 0.1)
    return bool(np.quantile(np.einsum("ij,ij->i", errors, errors), 0.9) * _FINENESS <= near)
