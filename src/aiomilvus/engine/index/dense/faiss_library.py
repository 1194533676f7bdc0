"""The one place that loads faiss, and what its Python binding lacks."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from aiomilvus.native import load

if TYPE_CHECKING:
    from numpy.typing import NDArray

FaissObject: TypeAlias = Any
"""Something of faiss' binding, which has no types."""


@lru_cache(maxsize=1)
def faiss_library() -> FaissObject:
    """Return the module `faiss`, loaded with the first index: it takes a tenth of a second.

    A forked child has none of the threads that OpenMP made for the thread that forked, but
    would wait for them; with one thread, faiss asks OpenMP for no others there.
    """
    faiss = load("faiss", "faiss/_swigfaiss.*")
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: faiss.omp_set_num_threads(1))
    return faiss


def view_codes(index: FaissObject, codes: NDArray[Any]) -> None:
    """Make `codes` the vectors of a flat or scalar-quantised faiss index, without a copy.

    Args:
        index: An empty `IndexFlat` or trained `IndexScalarQuantizer`.
        codes: C-contiguous (n, width), in the index' own code layout; the caller keeps it
            alive as long as the index.
    """
    faiss = faiss_library()
    raw = codes.reshape(-1).view(np.uint8)
    view = faiss.MaybeOwnedVectorUInt8()
    view.is_owned = False
    view.view_data = view.c_ptr = faiss.swig_ptr(raw)
    view.view_size = view.c_size = raw.nbytes
    index.codes = view
    index.ntotal = len(codes)


def to_bytes(index: FaissObject, flags: int = 0) -> NDArray[np.uint8]:
    """Return a faiss index as bytes."""
    faiss = faiss_library()
    writer = faiss.VectorIOWriter()
    faiss.write_index(index, writer, flags)
    found: NDArray[np.uint8] = faiss.vector_to_array(writer.data)
    return found


def from_bytes(data: NDArray[np.uint8], flags: int = 0) -> FaissObject:
    """Return the faiss index in `data`, sharing its memory where the index type allows it.

    The caller keeps `data` alive as long as the index.
    """
    faiss = faiss_library()
    flat = np.asarray(data)
    reader = faiss.ZeroCopyIOReader(faiss.swig_ptr(flat), flat.nbytes)
    return faiss.read_index(reader, flags)


def selector_of(mask: NDArray[np.bool_]) -> tuple[FaissObject, NDArray[np.uint8]]:
    """Return a faiss selector of the rows allowed by `mask`, and the bits it points into."""
    faiss = faiss_library()
    bits = np.packbits(mask, bitorder="little")
    return faiss.IDSelectorBitmap(bits.nbytes, faiss.swig_ptr(bits)), bits


class Threads:
    """Let faiss use so many threads within the block, in this thread alone."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._before = 1

    def __enter__(self) -> None:
        faiss = faiss_library()
        self._before = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(max(self._count, 1))

    def __exit__(self, *_: object) -> None:
        faiss_library().omp_set_num_threads(self._before)
