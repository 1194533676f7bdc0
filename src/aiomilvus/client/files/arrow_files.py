"""Parquet and CSV by pyarrow, of the extra ``arrow``."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.client.files.values import file_values
from aiomilvus.client.results.arrow import arrow
from aiomilvus.model.arrow_names import ARROW_NAMES
from aiomilvus.model.types import DataType
from aiomilvus.native import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import ModuleType

    import pyarrow as pa

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Field, Schema

_ELEMENTS = {DataType.BINARY_VECTOR: "uint8", DataType.INT8_VECTOR: "int8"}


@cache
def parquet() -> ModuleType:
    """Return ``pyarrow.parquet``, imported at the first call."""
    arrow()  # says which extra is missing
    module: ModuleType = load("pyarrow.parquet", "pyarrow/lib.*.so", "pyarrow/_parquet.*.so")
    return module


@cache
def csv() -> ModuleType:
    """Return ``pyarrow.csv``, imported at the first call."""
    arrow()
    module: ModuleType = load("pyarrow.csv", "pyarrow/lib.*.so", "pyarrow/_csv.*.so")
    return module


def arrow_type(field: Field) -> pa.DataType:
    """Return the type of a field's column in a file."""
    lib = arrow()
    made: pa.DataType
    if field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        parts = {"indices": lib.list_(lib.uint32()), "values": lib.list_(lib.float32())}
        made = lib.struct(list(parts.items()))
    elif field.dtype.is_vector:
        made = lib.list_(lib.type_for_alias(_ELEMENTS.get(field.dtype, "float")))
    elif field.dtype is DataType.ARRAY:
        made = lib.list_(lib.type_for_alias(ARROW_NAMES.get(field.element_type, "string")))
    else:
        made = lib.type_for_alias(ARROW_NAMES.get(field.dtype, "string"))
    return made


def _arrow_schema(fields: Sequence[Field]) -> pa.Schema:
    made: pa.Schema = arrow().schema([(field.name, arrow_type(field)) for field in fields])
    return made


def write_part(path: Path, fields: Sequence[Field], batch: ColumnBatch, zone: str) -> None:
    """Write rows as a Parquet file, durably."""
    lib, schema = arrow(), _arrow_schema(fields)
    arrays = []
    for field in fields:
        values = file_values(field, batch[field.name], zone)
        if field.dtype is DataType.JSON:
            values = [_json_text(v) for v in values]
        arrays.append(lib.array(values, schema.field(field.name).type))
    with path.open("wb") as file:
        parquet().write_table(lib.Table.from_arrays(arrays, schema=schema), file)
        file.flush()
        os.fsync(file.fileno())


def _json_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()


def join_parts(parts: Sequence[Path], path: Path, fields: Sequence[Field]) -> None:
    """Write the rows of Parquet files into one, durably, holding one of them in memory."""
    with path.open("wb") as file:
        with parquet().ParquetWriter(file, _arrow_schema(fields)) as writer:
            for part in parts:
                writer.write_table(parquet().read_table(part))
        file.flush()
        os.fsync(file.fileno())


def parquet_batches(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
    """Yield a Parquet file's rows, up to `rows` at a time."""
    with parquet().ParquetFile(path) as file:
        yield from file.iter_batches(batch_size=rows)


def parquet_rows(path: Path) -> int:
    """Return the number of rows of a Parquet file."""
    return int(parquet().read_metadata(path).num_rows)


def csv_batches(path: Path, schema: Schema) -> Iterator[pa.RecordBatch]:
    """Yield a CSV file's rows, some at a time; an empty cell is null, ``""`` an empty text."""
    lib, reader = arrow(), csv()
    scalar = {f.name: ARROW_NAMES.get(f.dtype, "string") for f in schema.fields}
    types = {name: lib.type_for_alias(alias) for name, alias in scalar.items()}
    options = reader.ConvertOptions(
        column_types=types,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    parse = reader.ParseOptions(newlines_in_values=True)
    with reader.open_csv(path, parse_options=parse, convert_options=options) as stream:
        yield from stream
