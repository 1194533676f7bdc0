"""Files mapped into memory, and giving the memory that they were read into back.

A map keeps no descriptor open (`mmap.mmap` does, one for each file), because a database may map
a hundred thousand files while a process may have a thousand descriptors.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
import weakref
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_READ = 1
"""PROT_READ, on every POSIX system."""
_PRIVATE = 2
"""MAP_PRIVATE, likewise."""
_FAILED = ctypes.c_void_p(-1).value


@cache
def _library() -> ctypes.CDLL:
    """Return the C library, with the types of the functions that are called here."""
    library = ctypes.CDLL(None, use_errno=True)
    pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    library.mmap.restype = pointer
    library.mmap.argtypes = [pointer, size, number, number, number, ctypes.c_long]
    library.munmap.argtypes = [pointer, size]
    library.madvise.argtypes = [pointer, size, number]
    return library


def _unmap(address: int, size: int) -> None:
    _library().munmap(address, size)


class FileMap:
    """A whole file, mapped for reading; it is unmapped with the last array over it.

    Args:
        descriptor: The open file; it may be closed afterwards.
        size: Its bytes, at least one.

    Attributes:
        address: Where it lies in memory.
        size: Its bytes.

    Raises:
        OSError: The system has no room for another map.
    """

    def __init__(self, descriptor: int, size: int) -> None:
        found = _library().mmap(None, size, _READ, _PRIVATE, descriptor, 0)
        if found == _FAILED:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        self.address: int = found
        self.size = size
        # Not at the end of the process: other threads may read from it until the very end.
        weakref.finalize(self, _unmap, found, size).atexit = False
        self.__array_interface__ = {
            "shape": (size,),
            "typestr": "|u1",
            "data": (found, True),
            "version": 3,
        }

    def forget(self, start: int = 0, size: int | None = None) -> None:
        """Give the memory of some pages back; they are read again when they are touched.

        Args:
            start: Offset of the first page.
            size: Bytes; to the end of the file by default.
        """
        if hasattr(mmap, "MADV_DONTNEED"):
            length = self.size - start if size is None else size
            _library().madvise(self.address + start, length, mmap.MADV_DONTNEED)


def map_file(path: Path) -> NDArray[np.uint8]:
    """Return a file's bytes as a read-only array that reads them when they are touched.

    Raises:
        OSError: It can't be opened or mapped.
        ValueError: It is empty.
    """
    system: str = sys.platform  # a checker takes the rest for unreachable elsewhere
    if system == "win32":
        return np.memmap(path, np.uint8, "r").view(np.ndarray)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        if not size:
            message = f"{path} is empty"
            raise ValueError(message)
        return np.asarray(FileMap(descriptor, size))
    finally:
        os.close(descriptor)


def map_of(values: NDArray[Any]) -> FileMap | None:
    """Return the file map that an array lies in, or None."""
    owner: Any = values
    while isinstance(owner, np.ndarray):
        owner = owner.base
    return owner if isinstance(owner, FileMap) else None


def release(values: NDArray[Any]) -> None:
    """Give the pages of a contiguous array back to the system, if they are those of a file.

    They stay in the system's own cache while there is room, and come back when touched.
    """
    owner = map_of(values)
    if owner is None or not values.nbytes:
        return
    first = values.ctypes.data - owner.address
    start = first - first % mmap.PAGESIZE
    owner.forget(start, first + values.nbytes - start)
