"""Sealed segments: immutable column and index files in one folder, memory-mapped on demand.

The folder holds ``f<field id>.amv`` for each column, ``keys.amv`` with what finds primary keys,
``i<index id>.amv`` for each built index, ``c<index id>.amv`` for codes derived of it, and
``masks-<timestamp>.amv`` with deleted and shadowed rows. All are containers
(docs/formats/segment.md). A segment of an external collection reads columns of somebody else's
file (`segment.external`), and has neither files for these nor ``keys.amv``.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from aiomilvus.engine.caches import SegmentCache
from aiomilvus.engine.index.dense.faiss_index import FaissIndex
from aiomilvus.engine.index.registry import open_index
from aiomilvus.engine.segment.codes_file import CodesFile, FolderGate, codes_name
from aiomilvus.engine.segment.derived_columns import younger_column
from aiomilvus.engine.segment.external import ExternalColumns, VirtualKeys, virtual_keys
from aiomilvus.engine.segment.key_index import key_arrays, open_keys
from aiomilvus.engine.segment.times import RowTimes
from aiomilvus.engine.storage.container import Container, map_container, write_container
from aiomilvus.engine.storage.files import FileSystem
from aiomilvus.errors import DataCorruptedError
from aiomilvus.model.batch import column_from_arrays
from aiomilvus.model.columns import own_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aiomilvus.engine.caches import KeyFinder
    from aiomilvus.engine.catalog.records import IndexSpec, SegmentRecord
    from aiomilvus.engine.index.contract import ScalarIndex, VectorIndex
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema

TIMES = "times.amv"
SMALL = 16 << 20
"""Files up to this many bytes are checked when they are opened, larger ones in the background."""

MASKS = ("deleted", "shadowed", "elsewhere")
"""The names of a segment's masks, in their order."""


def write_segment(
    files: FileSystem,
    folder: Path,
    schema: Schema,
    batch: ColumnBatch,
    times: RowTimes | None = None,
) -> int:
    """Write the column files of a new segment and return their bytes.

    Args:
        files: The disk.
        folder: Where to; made if it does not exist.
        schema: Names the fields.
        batch: One column for each field of `schema`.
        times: When the rows were written.
    """
    with files.new_folder(folder):
        for field in schema.fields:
            column = own_data(batch[field.name])
            write_container(files, folder / f"f{field.id}.amv", column.arrays())
        write_container(files, folder / "keys.amv", key_arrays(batch[schema.primary.name]))
        if times is not None:
            write_container(files, folder / TIMES, times.arrays())
        files.sync_directory(folder.parent)
    return batch.nbytes


class _Hold:
    """What all objects for one segment share; lives as long as any of them does."""

    def __init__(self) -> None:
        self.finalizer: object = None
        self.unverified: list[Container] = []
        self.ahead: dict[str, Container] = {}
        """Files that are mapped already, until they are asked for."""
        self.mapped: set[str] = set()
        """Names of all files that were ever asked for."""
        self.damage: DataCorruptedError | None = None
        self.notice: Callable[[], None] | None = None


def _remove_here(
    files: FileSystem, folder: Path, process: int, then: Callable[[], None] | None
) -> None:
    """Remove a folder, but not from a forked child, whose parent may still read it."""
    if os.getpid() == process:
        files.remove_folder(folder)
        if then is not None:
            then()


class SealedSegment:
    """A sealed segment, opened. Implements `segment.contract.Segment`.

    Args:
        record: What the catalog says of it.
        schema: The schema it was written under.
        specs: The collection's index specs by id; shared, and kept current by the collection.
        folder: Where its files are; None for a segment in memory.
        batch: The columns of a segment in memory; None for one in files.
        current: Gives the collection's present schema; `schema` where there is no collection.
        times: When the rows were written; read from the files when it is not given.
        files: The disk.
        gate: Says whether this process may write what it derives; None if it never may.
    """

    sealed = True

    def __init__(
        self,
        record: SegmentRecord,
        schema: Schema,
        specs: dict[int, IndexSpec],
        folder: Path | None,
        batch: ColumnBatch | None = None,
        *,
        current: Callable[[], Schema] | None = None,
        times: RowTimes | None = None,
        files: FileSystem | None = None,
        gate: FolderGate | None = None,
    ) -> None:
        self._files = files or FileSystem()
        self._gate = gate
        self.id = record.id
        self.partition_id = record.partition_id
        self.num_rows = record.num_rows
        self.record = record
        self.folder = folder
        self.cache = SegmentCache()
        self._primary = schema.primary
        self._specs = specs
        self._current = current or (lambda: schema)
        self._times = times
        self._stored = frozenset(record.fields)
        self._built = frozenset(record.indexes)
        self._lock = threading.RLock()
        self._columns: dict[int, Column] = {}
        self._indexes: dict[int, Any] = {}
        self._hold = _Hold()
        self._outside: ExternalColumns | None = None
        if record.external is not None and batch is None:
            self._outside = ExternalColumns(record.external, self._forgetter())
        if batch is not None:
            self._columns = {field.id: batch[field.name] for field in schema.fields}

    def column(self, field: Field) -> Column:
        """Return the whole column, mapped at the first call.

        Raises:
            DataCorruptedError: The file, or the segment, is damaged.
        """
        column = self._columns.get(field.id)
        if column is None or self._hold.damage is not None:
            column = self._open_column(field)
        return column

    def _open_column(self, field: Field) -> Column:
        with self._lock:
            self._check()
            column = self._columns.get(field.id)
            if column is None:
                outside = self._outside
                if field.id in self._stored:
                    arrays = self._map(f"f{field.id}.amv").arrays
                    column = column_from_arrays(field, arrays)
                elif outside is not None and field.is_primary:
                    column = virtual_keys(self.id, self.num_rows)
                elif outside is not None and outside.has(field):
                    column = outside.read(field)
                else:
                    schema = self._current()
                    column = younger_column(schema, field, self.num_rows, self.column)
                self._columns[field.id] = column
            return column

    def _forgetter(self) -> Callable[[], None]:
        """Return what lets go of columns, and of all that is open over them and can be again."""
        columns, indexes, cache = self._columns, self._indexes, self.cache
        in_files = self.folder is not None

        def forget() -> None:
            columns.clear()
            cache.forget_columns()
            if in_files:
                indexes.clear()

        return forget

    def make_folder(self) -> None:
        """Make the folder of rows that are elsewhere: a backup leaves it out while it is empty."""
        if self.record.external is not None and self.folder is not None:
            self._files.make_folder(self.folder)

    def times(self) -> RowTimes:
        """Return when the rows were written."""
        times = self._times
        if times is None:
            times = self._times = self._open_times()
        return times

    def _open_times(self) -> RowTimes:
        if self.folder is None or not self._files.exists(self.folder / TIMES):
            return RowTimes.at(self.record.since, self.num_rows)  # written by an older version
        return RowTimes.of(self._map(TIMES).arrays)

    def _map(self, name: str) -> Container:
        if self.folder is None:
            message = f"segment {self.id} is in memory and has no file {name}"
            raise LookupError(message)
        ahead = self._hold.ahead.pop(name, None)
        container = ahead or map_container(self._files, self.folder / name)
        self._hold.mapped.add(name)
        if sum(array.nbytes for array in container.arrays.values()) <= SMALL:
            container.verify()
        else:
            self._hold.unverified.append(container)
            if self._hold.notice is not None:
                self._hold.notice()
        return container

    def map_ahead(self) -> None:
        """Map all files now, so that they stay readable though another process removes them.

        Raises:
            FileNotFoundError: One has gone already.
        """
        if self.folder is not None:
            names = {f"f{number}.amv" for number in self.record.fields}
            names |= set() if self.record.external else {"keys.amv"}
            names |= {f"i{number}.amv" for number in self.record.indexes}
            if self._files.is_file(self.folder / TIMES):
                names.add(TIMES)
            for name in names - self._hold.mapped - self._hold.ahead.keys():
                self._hold.ahead[name] = map_container(self._files, self.folder / name)

    def _check(self) -> None:
        damage = self._hold.damage
        if damage is not None:
            raise DataCorruptedError(message=damage.message)

    def tell_when_unverified(self, notice: Callable[[], None]) -> None:
        """Let `notice` be called when a file was opened that `verify` should check."""
        self._hold.notice = notice

    def verify(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Check the large files that were opened and not checked yet, while `go_on` agrees.

        A mismatch is raised by every later access.
        """
        while self._hold.unverified and go_on():
            container = self._hold.unverified.pop()
            try:
                if not container.verify(go_on):
                    self._hold.unverified.append(container)
            except DataCorruptedError as error:
                self._hold.damage = error

    def find(self, keys: Column) -> NDArray[np.int64]:
        """Return each key's newest row, -1 where there is none."""
        self._check()
        return self._keys().find(keys)

    def find_all(self, keys: Column) -> NDArray[np.int64]:
        """Return every row that has one of `keys`, rising."""
        self._check()
        return self._keys().find_all(keys)

    def _keys(self) -> KeyFinder:
        index = self.cache.keys
        if index is None:
            with self._lock:
                index = self.cache.keys = self._open_keys()
        return index

    def _open_keys(self) -> KeyFinder:
        if self._outside is not None:
            return VirtualKeys(self.id, self.num_rows)
        keys = self.column(self._primary)
        stored = self.folder is not None
        return open_keys(keys, self._map("keys.amv").arrays if stored else key_arrays(keys))

    def older(self, row: int) -> int:  # noqa: ARG002 - growing segments need it
        """Return -1: `find` never leads behind a view of a sealed segment."""
        return -1

    def vector_index(self, index_id: int) -> VectorIndex | None:
        """Return the built index, opened at the first call, or None."""
        self._check()
        return cast("VectorIndex | None", self._indexes.get(index_id) or self._open(index_id))

    def scalar_index(self, index_id: int) -> ScalarIndex | None:
        """Return the built scalar index, opened at the first call, or None."""
        self._check()
        return cast("ScalarIndex | None", self._indexes.get(index_id) or self._open(index_id))

    def index_meta(self, index_id: int) -> object:
        """Return how a built index' file describes it; None for none, and where it is open."""
        if self.folder is None or index_id not in self._built or index_id in self._indexes:
            return None
        return map_container(self._files, self.folder / f"i{index_id}.amv").meta

    def _open(self, index_id: int) -> VectorIndex | ScalarIndex | None:
        if index_id not in self._built or self.folder is None or index_id not in self._specs:
            return None
        with self._lock:
            index = self._indexes.get(index_id)
            if index is None:
                spec = self._specs[index_id]
                field = self._current().by_name.get(spec.field)
                if field is None:
                    return None
                stored = self._map(f"i{index_id}.amv")
                column = self.column(field)
                index = open_index(spec, field, column, stored.arrays, stored.meta)
                self.keep_codes(index_id, index)
                self._indexes[index_id] = index
            return cast("VectorIndex | ScalarIndex", index)

    def keep_codes(self, index_id: int, index: object) -> None:
        """Let the codes of an index of this segment be kept beside it, if it has any."""
        gate = self._gate or FolderGate(lambda: True, lambda: False)
        if self.folder is not None and isinstance(index, FaissIndex):
            path = self.folder / codes_name(index_id)
            index.keep_codes(CodesFile(self._files, path, gate))

    def opened(self, index_id: int) -> VectorIndex | ScalarIndex | None:
        """Return an index that is open already, else None."""
        return self._indexes.get(index_id)

    def has_index(self, index_id: int) -> bool:
        """Return whether nothing is left to build of the index for this segment."""
        return index_id in self._built or index_id in self.record.plain

    def with_record(self, record: SegmentRecord, index: tuple[int, Any] | None) -> SealedSegment:
        """Return the same segment with a new record, sharing all that is open.

        Args:
            record: The new record.
            index: Id and object of an index that was just built, if that is what changed.
        """
        other = object.__new__(SealedSegment)
        other.__dict__.update(self.__dict__)
        other.record = record
        other._stored = frozenset(record.fields)
        other._built = frozenset(record.indexes)
        opened = self._indexes.copy()  # others may forget some meanwhile
        other._indexes = {i: x for i, x in opened.items() if i in record.indexes}
        if index is not None:
            other._indexes[index[0]] = index[1]
        if other._outside is not None:
            other._outside.forget = other._forgetter()
        return other

    def files_go_with_last_reader(self, then: Callable[[], None] | None = None) -> None:
        """Remove the folder once no snapshot holds the segment, whichever object stands for it.

        Args:
            then: Called when it is gone.
        """
        if self.folder is not None:
            self._hold.finalizer = weakref.finalize(
                self._hold, _remove_here, self._files, self.folder, os.getpid(), then
            )

    def masks(self) -> tuple[NDArray[np.bool_] | None, ...]:
        """Return the masks that the files tell, in the order of `MASKS`, None for none."""
        if not self.record.masks or self.folder is None:
            return (None,) * len(MASKS)
        stored = self._map(self.record.masks).arrays
        return tuple(_unpack(stored, name, self.num_rows) for name in MASKS)


def write_masks(
    files: FileSystem, folder: Path, name: str, masks: Sequence[NDArray[np.bool_] | None]
) -> None:
    """Write a segment's masks, in the order of `MASKS`, as bits, most significant first."""
    named = zip(MASKS, masks, strict=True)
    arrays = {key: np.packbits(mask) for key, mask in named if mask is not None}
    write_container(files, folder / name, arrays)


def _unpack(stored: dict[str, NDArray[Any]], name: str, rows: int) -> NDArray[np.bool_] | None:
    if name not in stored:
        return None
    return np.unpackbits(stored[name], count=rows).view(np.bool_)
