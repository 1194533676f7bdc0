"""Arrays that lie in mapped files, and giving the memory that they were read into back."""

from __future__ import annotations

import mmap
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def map_of(values: NDArray[Any]) -> mmap.mmap | None:
    """Return the read-only file map that an array lies in, or None."""
    owner: Any = values
    while isinstance(owner, np.ndarray):
        if isinstance(owner, np.memmap) and owner.mode != "r":
            return None
        owner = owner.base
    # Only pages of a file come back when they are needed again.
    is_file = isinstance(owner, mmap.mmap) and memoryview(owner).readonly
    return owner if is_file and hasattr(mmap, "MADV_DONTNEED") else None


def release(values: NDArray[Any]) -> None:
    """Give the pages of a contiguous array back to the system, if they are those of a file.

    They stay in the system's own cache while there is room, and come back when touched.
    """
    owner = map_of(values)
    if owner is None or not values.nbytes:
        return
    base = np.frombuffer(owner, np.uint8).ctypes.data
    first = values.ctypes.data - base
    start = first - first % mmap.PAGESIZE
    drop_pages(owner, start, first + values.nbytes - start)


def drop_pages(owner: mmap.mmap, start: int, size: int) -> None:
    """Give pages of a file's map back to the system; Windows takes them when it wants them."""
    if sys.platform != "win32":
        owner.madvise(mmap.MADV_DONTNEED, start, size)
