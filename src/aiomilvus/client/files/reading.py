"""Reading a file of rows, some at a time, as `insert` takes them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.client.files.arrow_files import csv_batches, parquet_batches, parquet_rows
from aiomilvus.client.files.values import row_value, table_values
from aiomilvus.errors import ImportFailedError
from aiomilvus.model.schema import DYNAMIC_FIELD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from aiomilvus.model.schema import Schema

    Row = dict[str, object]

_BATCH_BYTES = 4 << 20
_MOST_ROWS = 10_000


def rows_per_batch(schema: Schema) -> int:
    """Return how many rows make a batch of some megabytes."""
    width = 64 * len(schema.fields) + sum(4 * (field.dim or 0) for field in schema.fields)
    return max(1, min(_MOST_ROWS, _BATCH_BYTES // width))


def total_rows(kind: str, path: Path) -> int | None:
    """Return the number of rows in a file, None where only reading it all would tell.

    Raises:
        ImportFailedError: It is no Parquet file.
    """
    try:
        return parquet_rows(path) if kind == "parquet" else None
    except ValueError as error:
        raise ImportFailedError(message=f"{path.name} is malformed: {error}") from error


def read_rows(kind: str, path: Path, schema: Schema, skip: int) -> Iterator[list[Row]]:
    """Yield the rows of a file in lists; the same lists whenever it is read.

    Args:
        kind: ``parquet``, ``jsonl`` or ``csv``.
        path: The file.
        schema: The collection's.
        skip: Rows to pass over first.

    Raises:
        ImportFailedError: The file is malformed; the message says where.
    """
    size = rows_per_batch(schema)
    rows = _rows(kind, path, schema, size)
    number = skip
    try:
        for _ in islice(rows, skip):
            pass
        while batch := list(islice(rows, size)):
            yield batch
            number += len(batch)
    except (ValueError, TypeError, RecursionError, msgspec.MsgspecError) as error:
        message = f"{path.name} is malformed after row {number}: {error}"
        raise ImportFailedError(message=message) from error


def _rows(kind: str, path: Path, schema: Schema, size: int) -> Iterator[Row]:
    if kind == "jsonl":
        yield from _json_rows(path, schema)
        return
    batches = parquet_batches(path, size) if kind == "parquet" else csv_batches(path, schema)
    for batch in batches:
        yield from _table_rows(batch, schema)


def _json_rows(path: Path, schema: Schema) -> Iterator[Row]:
    decode = msgspec.json.Decoder(dict[str, object]).decode
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield _row(decode(line), schema)


def _table_rows(batch: pa.RecordBatch, schema: Schema) -> Iterator[Row]:
    names = batch.schema.names
    columns = [
        table_values(schema.by_name.get(name), column.to_pylist(), column.type)
        for name, column in zip(names, batch.columns, strict=True)
    ]
    for values in zip(*columns, strict=True):
        yield _spread(dict(zip(names, values, strict=True)))


def _row(row: Row, schema: Schema) -> Row:
    """Return a row with its values as `insert` takes them, dynamic keys beside the fields."""
    fields = schema.by_name
    return _spread({k: row_value(fields[k], v) if k in fields else v for k, v in row.items()})


def _spread(read: Row) -> Row:
    """Return a row with the keys of its dynamic field beside the others."""
    extra = read.pop(DYNAMIC_FIELD, None)
    if isinstance(extra, str):
        extra = msgspec.json.decode(extra)
    if not extra:
        return read
    if not isinstance(extra, dict):
        message = f"{DYNAMIC_FIELD} is {type(extra).__name__}, not an object"
        raise TypeError(message)
    return {**read, DYNAMIC_FIELD: extra} if extra.keys() & read.keys() else {**extra, **read}
