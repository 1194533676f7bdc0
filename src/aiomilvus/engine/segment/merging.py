"""Writing a segment from rows of others, one column at a time and large ones block by block.

What is in memory at once is one column that has no fixed width, or one block of one that has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.segment.key_index import key_arrays
from aiomilvus.engine.segment.sealed import TIMES
from aiomilvus.engine.storage.container import Blocks, encode_blocks, write_container
from aiomilvus.engine.storage.mapped import release
from aiomilvus.model.columns import VectorColumn, own_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from aiomilvus.engine.segment.contract import Segment
    from aiomilvus.engine.segment.times import RowTimes
    from aiomilvus.engine.storage.files import FileSystem
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema

    Sources = Sequence[tuple[Segment, NDArray[np.int64]]]

_BLOCK_BYTES = 8 << 20


def merged_column(field: Field, sources: Sources) -> Column:
    """Return one column of the rows named by `sources`, in their order."""
    parts = [_taken(segment.column(field), rows) for segment, rows in sources]
    return parts[0] if len(parts) == 1 else type(parts[0]).concat(parts)


def _taken(column: Column, rows: NDArray[np.int64]) -> Column:
    run = _run(rows)
    return column.take(rows) if run is None else column.slice(run.start, run.stop)


def _run(rows: NDArray[np.int64]) -> slice | None:
    """Return the run that rising row numbers are, or None where some are missing between."""
    if not len(rows):
        return slice(0, 0)
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first + 1 == len(rows) else None


def write_merged(
    files: FileSystem, folder: Path, schema: Schema, sources: Sources, times: RowTimes
) -> int:
    """Write the files of a new segment and return the bytes of its columns.

    Args:
        files: The disk.
        folder: Where to; made if it does not exist.
        schema: Names the columns.
        sources: Rows of other segments, rising in each, in the order that they will have.
        times: When the rows were written.
    """
    with files.new_folder(folder):
        nbytes = _write_columns(files, folder, schema, sources)
        keys = key_arrays(merged_column(schema.primary, sources))
        write_container(files, folder / "keys.amv", keys)
        write_container(files, folder / TIMES, times.arrays())
        files.sync_directory(folder.parent)
    return nbytes


def _write_columns(files: FileSystem, folder: Path, schema: Schema, sources: Sources) -> int:
    nbytes = 0
    for field in schema.fields:
        path = folder / f"f{field.id}.amv"
        vectors = [(segment.column(field), rows) for segment, rows in sources]
        if all(isinstance(column, VectorColumn) for column, _ in vectors):
            blocks = _vector_blocks(vectors)
            files.write_new(path, encode_blocks(blocks))
            nbytes += sum(each.nbytes for each in blocks.values())
            continue
        column = own_data(merged_column(field, sources))
        write_container(files, path, column.arrays())
        nbytes += column.nbytes
    return nbytes


def _vector_blocks(parts: list[tuple[Any, NDArray[np.int64]]]) -> dict[str, Blocks]:
    first = parts[0][0].values
    total = sum(len(rows) for _, rows in parts)

    def values() -> Iterator[NDArray[Any]]:
        for column, rows in parts:
            yield from _blocks(column.values, rows)

    made = {"values": Blocks(first.dtype, (total, *first.shape[1:]), values)}
    if any(column.valid is not None for column, _ in parts):
        valid = np.concatenate(
            [
                np.ones(len(rows), np.bool_) if column.valid is None else column.valid[rows]
                for column, rows in parts
            ]
        )
        made["valid"] = Blocks(valid.dtype, valid.shape, lambda: iter([valid]))
    return made


def _blocks(values: NDArray[Any], rows: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
    """Yield the vectors of rising row numbers; what was read of a file leaves memory again."""
    step = max(_BLOCK_BYTES // max(values.shape[1] * values.itemsize, 1), 1)
    for at in range(0, len(rows), step):
        some = rows[at : at + step]
        run = _run(some)
        yield values[some] if run is None else values[run]
        release(values[int(some[0]) : int(some[-1]) + 1])
