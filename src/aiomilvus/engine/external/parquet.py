"""Parquet files: their row groups, and one column of some of these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.external.arrow import library, open_parquet
from aiomilvus.engine.external.arrow_columns import check_columns, joined
from aiomilvus.engine.external.rows import ExternalRows, Part, stamp
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
        check_columns(path, file.schema_arrow, fields)
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
    return joined(field, table.column(name), f"{rows.path}, column {name!r}")
