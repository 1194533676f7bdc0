"""Parquet files: their row groups, and one column of some of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.external.arrow import library, open_parquet
from aiomilvus.engine.external.arrow_columns import column_of, mismatch
from aiomilvus.engine.external.rows import ExternalRows, stamp
from aiomilvus.engine.external.source import check_library
from aiomilvus.errors import ExternalSourceError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aiomilvus.engine.external.arrow import ParquetFile
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

MOST_ROWS = 1_000_000
"""Row groups of a file are read together up to so many rows; a single one may have more."""


class Part(NamedTuple):
    """Rows that become one segment, and how many there are."""

    rows: ExternalRows
    num_rows: int
    nbytes: int


def _opened(path: str) -> ParquetFile:
    """Return an open file, whose owner closes it.

    Raises:
        ExternalSourceError: It is gone, or is no Parquet file.
        NotSupportedError: pyarrow is not installed.
    """
    check_library()
    try:
        return open_parquet(path)
    except (OSError, library().ArrowException) as error:
        raise ExternalSourceError(message=f"{path} can't be read as Parquet: {error}") from error


def parts_of(path: Path, fields: Sequence[Field]) -> list[Part]:
    """Return the parts that a file is read in; each has rows.

    Args:
        path: The file.
        fields: Those that read a column of it.

    Raises:
        ExternalSourceError: It can't be read, lacks a column, or has one of another type.
    """
    size, mtime_ns = stamp(path)
    with _opened(str(path)) as file:
        columns = {field.id: field.external_field for field in fields}
        _check_columns(path, file, fields)
        counts = [
            (file.metadata.row_group(n).num_rows, file.metadata.row_group(n).total_byte_size)
            for n in range(file.metadata.num_row_groups)
        ]
    parts = []
    for first, stop in _runs([rows for rows, _ in counts]):
        rows = ExternalRows(
            path=str(path),
            first=first,
            stop=stop,
            size=size,
            mtime_ns=mtime_ns,
            fields=columns,
        )
        num_rows = sum(count for count, _ in counts[first:stop])
        if num_rows:
            parts.append(Part(rows, num_rows, sum(nbytes for _, nbytes in counts[first:stop])))
    if stamp(path) != (size, mtime_ns):
        raise ExternalSourceError(message=f"{path} was changed while it was looked at: try again")
    return parts


def _runs(counts: list[int]) -> list[tuple[int, int]]:
    """Return row groups in runs of few enough rows: the first, and the one behind the last."""
    runs: list[tuple[int, int]] = []
    total = 0
    for number, count in enumerate(counts):
        if runs and total + count <= MOST_ROWS:
            runs[-1] = (runs[-1][0], number + 1)
            total += count
        else:
            runs.append((number, number + 1))
            total = count
    return runs


def _check_columns(path: Path, file: ParquetFile, fields: Sequence[Field]) -> None:
    schema = file.schema_arrow
    for field in fields:
        number = schema.get_field_index(field.external_field)
        if number < 0:
            names = ", ".join(schema.names[:20])
            message = f"{path} has no column {field.external_field!r}, which field {field.name}"
            raise ExternalSourceError(message=f"{message} reads; it has {names}")
        kind = schema.types[number]
        wanted = mismatch(field, kind)
        if wanted:
            message = f"{path}: column {field.external_field!r} is of type {kind}, but field"
            what = f"{field.name} ({field.dtype.spelling}) reads {wanted}"
            raise ExternalSourceError(message=f"{message} {what}")


def read_column(rows: ExternalRows, field: Field) -> Column:
    """Return the values that a field has in some rows.

    Raises:
        ExternalSourceError: The file is gone, was changed since the refresh, or holds a value that
            is none of the field's.
    """
    rows.check()
    name = rows.fields[field.id]
    with _opened(rows.path) as file:
        try:
            table = file.read_row_groups([*range(rows.first, rows.stop)], [name])
        except (OSError, library().ArrowException) as error:
            message = f"{rows.path}, column {name!r} can't be read: {error}"
            raise ExternalSourceError(message=message) from error
    rows.check()  # it may have been written meanwhile
    where = f"{rows.path}, column {name!r}"
    chunks = [column_of(field, chunk, where) for chunk in table.column(name).chunks]
    return chunks[0] if len(chunks) == 1 else type(chunks[0]).concat(chunks)
