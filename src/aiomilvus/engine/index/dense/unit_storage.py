"""Vectors at length 1 in bytes: what faiss walks a COSINE graph over.

faiss compares by products, so COSINE needs vectors at length 1, and columns hold them as given.
A full copy would double an index. One byte a dimension is enough to lead a walk; what is found is
compared again by the vectors themselves. The bytes are faiss' `QT_8bit`: each dimension has a
range of its own, `(value - lowest) / width * 255`.

Made when an index is built and stored with it; derived in memory for indexes that were stored
without. Graphs over vectors that have length 1 already need nothing of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.index.dense.faiss_library import Threads, faiss_library, view_codes
from aiomilvus.engine.index.dense.vectors import normalized

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any]]

CODES, RANGES = "unit_codes", "unit_ranges"
"""Names of the arrays: uint8 (n, dim), and float32 (2 · dim), lowest values and widths."""
_BLOCK = 1 << 14


def unit_codes_of(values: NDArray[np.float32]) -> Arrays:
    """Return the arrays of `CODES` and `RANGES` for vectors of any length.

    Args:
        values: float32 (n, dim), at least one; may be mapped.
    """
    faiss = faiss_library()
    storage = _empty(values.shape[1])
    sample = values[:: max(len(values) // _BLOCK, 1)]
    codes = np.empty(values.shape, np.uint8)
    with Threads(1):
        storage.train(normalized(np.ascontiguousarray(sample)))
        for start in range(0, len(values), _BLOCK):
            block = normalized(values[start : start + _BLOCK])
            storage.sa_encode(block, codes[start : start + len(block)])
    return {CODES: codes, RANGES: faiss.vector_to_array(storage.sq.trained)}


def walk_over(index: Any, arrays: Arrays) -> None:
    """Make the codes the storage of a graph that has none, without a copy.

    Args:
        index: A faiss HNSW index without storage.
        arrays: `CODES` and `RANGES`, which the caller keeps alive as long as the index.
    """
    codes = arrays[CODES]
    storage = _empty(codes.shape[1])
    faiss_library().copy_array_to_vector(np.array(arrays[RANGES]), storage.sq.trained)
    storage.is_trained = True
    view_codes(storage, codes)
    index.storage = storage
    index.own_fields = True
    storage.this.disown()


def _empty(dim: int) -> Any:
    faiss = faiss_library()
    kind = faiss.ScalarQuantizer.QT_8bit
    return faiss.IndexScalarQuantizer(dim, kind, faiss.METRIC_INNER_PRODUCT)
