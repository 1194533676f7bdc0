"""Answers as Arrow, pandas and polars tables, straight from the columns they are made of.

Numbers, texts and vectors of an answer are Arrow's own layout, so an Arrow table shares their
memory; what has another layout (JSON, geometry, moments, sparse vectors) is converted value by
value, as rows show it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.client.results.arrow import arrow
from aiomilvus.client.results.numbers import packed
from aiomilvus.client.results.values import dynamic_keys, values_of
from aiomilvus.model.html import table
from aiomilvus.model.schema import DYNAMIC_FIELD
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    import numpy as np
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from numpy.typing import NDArray

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema

    Array: TypeAlias = pa.Array[Any]
    Bools = NDArray[np.bool_]

_TEXTS = frozenset({DataType.VARCHAR, DataType.TEXT, DataType.JSON})
_NUMBERS = frozenset({DataType.FLOAT_VECTOR, DataType.FLOAT16_VECTOR, DataType.INT8_VECTOR})


class Tabular:
    """What answers share that can be read as tables."""

    __slots__ = ()

    def _columns(self) -> dict[str, Array]:
        """Return the columns by name."""
        raise NotImplementedError

    def to_arrow(self) -> pa.Table:
        """Return the answer as an Arrow table, sharing memory where the layouts agree.

        A field is a column of its own. So is a key of the dynamic field that `output_fields`
        named: of numbers, of texts or of Booleans, null in a row without the key; or of JSON
        text where the rows' values differ in type, or some are lists or objects. Where no key
        was named, the dynamic field is a column of JSON text, ``$meta``, which `insert` takes.
        Of a search, ``query`` numbers the query that a hit belongs to, and ``distance`` follows
        the primary key. Changes that were made to the list of rows are not in it.

        Raises:
            ImportError: pyarrow is not installed.

        Example:
            >>> rows = await client.query("books", "year > 1950", output_fields=["title"])
            >>> rows.to_arrow().column_names
            ['id', 'title']
        """
        made: pa.Table = arrow().table(self._columns())
        return made

    def to_pandas(self) -> pd.DataFrame:
        """Return the same as a pandas frame; a vector is a numpy array in its cell.

        Raises:
            ImportError: pandas or pyarrow is not installed.

        Example:
            >>> rows = await client.query("books", "year > 1950", output_fields=["title"])
            >>> rows.to_pandas()["title"].tolist()
            ['On Foxes', 'On Rivers']
        """
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    def to_polars(self) -> pl.DataFrame:
        """Return the same as a polars frame; a vector is a value of type Array.

        Raises:
            ImportError: polars or pyarrow is not installed.

        Example:
            >>> rows = await client.query("books", "year > 1950", output_fields=["title"])
            >>> rows.to_polars()["title"].to_list()
            ['On Foxes', 'On Rivers']
        """
        polars = importlib.import_module("polars")
        frame: pl.DataFrame = polars.from_arrow(self.to_arrow())
        return frame

    def _rows_shown(self) -> list[dict[str, str]]:
        """Return the first rows as dicts of what is shown of them."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        """Return the first rows as a table, for notebooks."""
        return table(self._rows_shown())


def columns_of(
    batch: ColumnBatch, schema: Schema, output_fields: tuple[str, ...] = ()
) -> dict[str, Array]:
    """Return the columns of a batch by name; struct fields as ``name[sub-field]``.

    Args:
        batch: The columns.
        schema: Tells their types.
        output_fields: Names that were asked for; keys of the dynamic field become columns.
    """
    zone = schema.time_zone or "UTC"
    keys = dynamic_keys(batch, schema, output_fields)
    made = {
        name: column_of(schema.by_name[name], column, zone)
        for name, column in batch.columns.items()
        if not (keys and name == DYNAMIC_FIELD)
    }
    if keys:
        rows = values_of(batch.columns[DYNAMIC_FIELD], DataType.JSON)
        made.update(
            (key, _of_json([row.get(key) if row else None for row in rows])) for key in keys
        )
    return made


def _of_json(values: list[object]) -> Array:
    """Return values out of JSON as a column of one plain type, else as JSON text."""
    lib = arrow()
    made: Array
    if not any(isinstance(value, (dict, list)) for value in values):
        try:
            made = lib.array(values)
        except (lib.ArrowException, OverflowError):
            pass  # of several types, or a number beyond 64 bits
        else:
            return made
    texts = [None if value is None else msgspec.json.encode(value).decode() for value in values]
    made = lib.array(texts, lib.large_string())
    return made


def column_of(field: Field, column: Column, zone: str = "UTC") -> Array:
    """Return one column as an Arrow array."""
    lib = arrow()
    missing = None if column.valid is None else ~column.valid
    arrays = column.arrays()
    made: Array
    if column.kind == "bytes" and field.dtype in _TEXTS:
        buffers = [arrays["offsets"], arrays["data"]]
        made = _from_buffers(lib.large_string(), len(column), missing, buffers)
    elif column.kind == "fixed" and field.dtype is not DataType.TIMESTAMPTZ:
        made = lib.array(arrays["values"], mask=missing)
    elif column.kind == "vector":
        made = _vectors(arrays["values"], missing, is_numbers=field.dtype in _NUMBERS)
    elif column.kind == "sparse":
        kind = lib.map_(lib.uint32(), lib.float32())
        values = values_of(column, field.dtype)
        made = lib.array([None if v is None else list(v.items()) for v in values], kind)
    else:
        made = lib.array(values_of(column, field.dtype, field.element_type, zone))
    return made


def _vectors(values: NDArray[np.generic], missing: Bools | None, *, is_numbers: bool) -> Array:
    """Return vectors as fixed-size lists of numbers, or those that are bits as fixed-size bytes."""
    lib = arrow()
    count, width = values.shape
    flat = values.ravel()
    if not is_numbers:
        return _from_buffers(lib.binary(width * values.itemsize), count, missing, [flat])
    numbers = lib.array(flat)
    return _from_buffers(lib.list_(numbers.type, width), count, missing, [], [numbers])


def _from_buffers(
    kind: pa.DataType,
    count: int,
    missing: Bools | None,
    arrays: Iterable[NDArray[np.generic]],
    children: list[Array] | None = None,
) -> Array:
    lib = arrow()
    bitmap = None if missing is None else lib.py_buffer(packed(missing))
    buffers = [bitmap, *map(lib.py_buffer, arrays)]
    made: Array = lib.Array.from_buffers(kind, count, buffers, children=children)
    return made
