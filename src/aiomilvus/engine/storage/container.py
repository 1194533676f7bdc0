"""The array container: named numpy arrays and a JSON description in one run of bytes.

Layout (little-endian; normative text in docs/formats/container.md)::

    magic        8 bytes  b"AMVARR01"
    header size  uint32
    header CRC   uint32   CRC32C of the header
    header       JSON: {"meta": …, "arrays": [{name, dtype, shape, offset, nbytes, crc}, …]}
    padding to a multiple of 64, then each array's bytes, each padded to a multiple of 64

`offset` counts from the start of the data area. Column files, index files and deletion files all
are containers; so were the records of logs of version 1.
"""

from __future__ import annotations

import errno
import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import google_crc32c
import msgspec
import numpy as np

from aiomilvus.engine.storage.mapped import release
from aiomilvus.errors import DataCorruptedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from aiomilvus.engine.storage.files import FileSystem

MAGIC = b"AMVARR01"
ALIGNMENT = 64
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
_PREFIX = len(MAGIC) + 8


class ArrayEntry(msgspec.Struct):
    """One array in the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int
    crc: int


class Header(msgspec.Struct):
    """The container's header."""

    arrays: list[ArrayEntry]
    meta: Any = None


def checksum(data: bytes | memoryview | NDArray[np.uint8], value: int = 0) -> int:
    """Return the CRC32C of `data`, continuing from `value`, the CRC of what came before."""
    # The extension takes bytes and arrays, not memory views, and keeps the interpreter to itself.
    if isinstance(data, bytes) and len(data) <= _TURN:
        return int(google_crc32c.extend(value, data))
    whole = np.frombuffer(data, np.uint8)
    for at in range(0, len(whole), _TURN):
        value = google_crc32c.extend(value, whole[at : at + _TURN])
    return int(value)


_TURN = 1 << 18
"""Bytes that take some 50 µs: so long other threads wait for the interpreter."""
_PIECE = 1 << 20
_PAUSE = 0.0002
"""Seconds between pieces of a large array: whoever wants the interpreter has it meanwhile."""


def _padding(size: int) -> int:
    return -size % ALIGNMENT


class Blocks(NamedTuple):
    """An array that is made block by block, so that it never is in memory as a whole.

    Attributes:
        dtype: The type of its values.
        shape: Its shape; the blocks follow each other along the first axis.
        blocks: Yields the blocks, the same ones each time it is called.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    blocks: Callable[[], Iterator[NDArray[Any]]]

    @property
    def nbytes(self) -> int:
        """Bytes of all blocks."""
        return math.prod(self.shape) * self.dtype.itemsize

    def pieces(self) -> Iterator[memoryview]:
        """Yield the bytes of one block after the other."""
        for block in self.blocks():
            if block.nbytes:
                yield np.ascontiguousarray(block).reshape(-1).view(np.uint8).data


def encode(arrays: Mapping[str, NDArray[Any]], meta: Any = None) -> list[bytes | memoryview]:
    """Return the container's bytes in parts; array data is not copied.

    Args:
        arrays: Arrays of any shape with a plain dtype; made contiguous where they are not.
        meta: Anything that JSON can hold.
    """
    entries: list[ArrayEntry] = []
    body: list[bytes | memoryview] = []
    offset = 0
    for name, array in arrays.items():
        whole = np.ascontiguousarray(array).reshape(array.shape)
        data = whole.reshape(-1).view(np.uint8).data if whole.nbytes else memoryview(b"")
        entries.append(
            ArrayEntry(name, whole.dtype.str, whole.shape, offset, len(data), checksum(data))
        )
        pad = _padding(len(data))
        body += [data, bytes(pad)]
        offset += len(data) + pad
    return [*_head(entries, meta), *body]


def _head(entries: list[ArrayEntry], meta: Any) -> list[bytes | memoryview]:
    header = msgspec.json.encode(Header(entries, meta))
    prefix = MAGIC + len(header).to_bytes(4, "little") + checksum(header).to_bytes(4, "little")
    return [prefix, header, bytes(_padding(_PREFIX + len(header)))]


def encode_blocks(arrays: Mapping[str, Blocks]) -> Iterator[bytes | memoryview]:
    """Yield a container's bytes; each block is made twice, for the checksum and to be yielded."""
    entries: list[ArrayEntry] = []
    offset = 0
    for name, array in arrays.items():
        crc = 0
        for piece in array.pieces():
            crc = checksum(piece, crc)
        size = array.nbytes
        entries.append(ArrayEntry(name, array.dtype.str, array.shape, offset, size, crc))
        offset += size + _padding(size)
    yield from _head(entries, None)
    for array in arrays.values():
        yield from array.pieces()
        yield bytes(_padding(array.nbytes))


class Container:
    """A decoded container: arrays are views into `data`.

    Args:
        data: uint8 array, usually a read-only memory map.
        where: File name and offset, for errors.
        base: Offset of the container in that file, for errors.

    Raises:
        DataCorruptedError: The header is damaged or cut off.
    """

    def __init__(self, data: NDArray[np.uint8], where: str, base: int = 0) -> None:
        self.where = where
        self._base = base
        prefix = data[:_PREFIX].tobytes()
        size = int.from_bytes(prefix[8:12], "little")
        raw = data[_PREFIX : _PREFIX + size].tobytes()
        if prefix[:8] != MAGIC or len(prefix) < _PREFIX or len(raw) != size:
            raise self._damaged(0, "the header is not that of a container")
        if checksum(raw) != int.from_bytes(prefix[12:16], "little"):
            raise self._damaged(_PREFIX, "the header does not match its checksum")
        self._header = msgspec.json.decode(raw, type=Header)
        self.meta: Any = self._header.meta
        self._start = _PREFIX + size + _padding(_PREFIX + size)
        self._data = data
        last = self._header.arrays[-1] if self._header.arrays else None
        if last is not None and self._start + last.offset + last.nbytes > len(data):
            raise self._damaged(len(data), "the file is cut off")
        self.arrays: dict[str, NDArray[Any]] = {
            entry.name: self._bytes(entry).view(entry.dtype).reshape(entry.shape)
            for entry in self._header.arrays
        }

    def _bytes(self, entry: ArrayEntry) -> NDArray[np.uint8]:
        start = self._start + entry.offset
        return self._data[start : start + entry.nbytes]

    def _damaged(self, offset: int, what: str) -> DataCorruptedError:
        message = f"{self.where} is damaged at offset {self._base + offset}: {what}"
        return DataCorruptedError(message=message)

    def verify(self, go_on: Callable[[], bool] = lambda: True) -> bool:
        """Compare every array with its checksum.

        Args:
            go_on: Asked again and again; False ends the work early.

        Returns:
            Whether all were compared.

        Raises:
            DataCorruptedError: An array differs; the message names file, offset and array.
        """
        for entry in self._header.arrays:
            crc = self._checksum(entry, go_on)
            if crc is None:
                return False
            if crc != entry.crc:
                offset = self._start + entry.offset
                raise self._damaged(offset, f"array {entry.name} does not match its checksum")
        return True

    def verify_rest(self) -> None:
        """Check the bytes that no checksum covers: zeros that pad, and nothing behind them.

        Raises:
            DataCorruptedError: There is something else; the message names file and offset.
        """
        size = int.from_bytes(self._data[8:12].tobytes(), "little")
        end = _PREFIX + size
        for entry in self._header.arrays:
            self._verify_padding(end, self._start + entry.offset)
            end = self._start + entry.offset + entry.nbytes
        whole = end + _padding(end)
        self._verify_padding(end, whole)
        if len(self._data) != whole:
            what = f"its arrays end here, but the file has {len(self._data)} bytes"
            raise self._damaged(whole, what)

    def _verify_padding(self, start: int, end: int) -> None:
        if self._data[start:end].any():
            raise self._damaged(start, "there should be zeros between the arrays")

    def _checksum(self, entry: ArrayEntry, go_on: Callable[[], bool]) -> int | None:
        """Return an array's checksum, keeping little of a mapped file in memory for it."""
        crc = 0
        for at in range(0, entry.nbytes, _PIECE):
            if not go_on():
                return None
            piece = self._bytes(entry)[at : at + _PIECE]
            crc = checksum(piece, crc)
            if entry.nbytes > _PIECE:
                release(piece)
                time.sleep(_PAUSE)
        return crc


def write_container(
    files: FileSystem, path: Path, arrays: Mapping[str, NDArray[Any]], meta: Any = None
) -> None:
    """Write a container file durably; it exists wholly or not at all."""
    files.write_new(path, encode(arrays, meta))


def map_container(files: FileSystem, path: Path) -> Container:
    """Open a container file as a read-only memory map, without reading the arrays.

    Raises:
        DataCorruptedError: The file is missing, empty, cut off, or its header is damaged.
        OSError: The system has no room for another open file or map; the file may be intact.
    """
    try:
        data = files.map(path)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
        raise DataCorruptedError(message=f"{path} can't be opened: {error}") from error
    except ValueError as error:
        raise DataCorruptedError(message=f"{path} can't be opened: {error}") from error
    return Container(data, str(path))
