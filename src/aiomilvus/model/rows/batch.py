"""Rows of any shape → ColumnBatch: one dict, many dicts, a dict of columns, or a table."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import DataNotMatchException, ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, Column
from aiomilvus.model.rows import errors
from aiomilvus.model.rows.documents import dynamic_bytes
from aiomilvus.model.rows.missing import is_nan, unmarked
from aiomilvus.model.rows.scalars import moments, scalar_column
from aiomilvus.model.rows.single_values import reader_of
from aiomilvus.model.rows.sparse import is_scipy_sparse, sparse_column
from aiomilvus.model.rows.structs import struct_columns
from aiomilvus.model.rows.tables import columns_of_table, is_table
from aiomilvus.model.rows.vectors import vector_column
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aiomilvus.model.schema import Field, Schema


class _Absent:
    """What stands for a value that a row does not give."""


_ABSENT = _Absent()
_DICT = frozenset((dict,))
_PLAIN = (dict, list)
"""Types of what is no table for sure."""
_SINGLE = (int, str, float, bool)
"""Types of what is no column for sure."""
_OF_ANYTHING = (DataType.JSON, DataType.ARRAY)
"""Fields whose values look like columns."""


def batch_of(
    data: Any, schema: Schema, *, upsert: bool = False, partial: bool = False
) -> ColumnBatch:
    """Return rows as columns, ready for an insert or upsert.

    Columns that no row gives are left out: the engine fills them with defaults or nulls, or
    refuses. Rows that lack what others give get the default, or null.

    Args:
        data: A dict per row, one dict, a dict of columns, or a pandas, polars or Arrow table.
        schema: The collection's schema.
        upsert: Whether generated keys are given too.
        partial: Whether fields may be missing that the schema requires.

    Raises:
        TypeError: `data` is none of these.
        DataNotMatchException, ParamError: A row does not fit the schema; row and field are
            named.
    """
    reader = _reader(schema, upsert=upsert, partial=partial)
    if type(data) not in _PLAIN and is_table(data):
        return reader.from_columns(columns_of_table(data))
    if isinstance(data, dict):
        if reader.holds_columns(data):
            return reader.from_columns(data)
        data = [data]
    if not isinstance(data, (list, tuple)):
        raise TypeError(
            "wrong type of argument 'data',expected 'Dict' or list of 'Dict', got "
            f"'{type(data).__name__}'"
        )
    if not _DICT.issuperset(map(type, data)):
        _check_dicts(data)
    return reader.from_rows(data)


def _check_dicts(rows: Sequence[object]) -> None:
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise TypeError(
                "wrong type of argument 'data',expected 'Dict' or list of 'Dict', got "
                f"'{type(row).__name__}' in row {number}"
            )


def holds_columns(dicts: Iterable[Mapping[str, object]], schema: Schema) -> bool:
    """Tell whether any of some dicts to be inserted holds columns rather than one row's values."""
    return any(map(_reader(schema, upsert=False, partial=False).holds_columns, dicts))


def _is_single(dtype: DataType) -> bool:
    """Tell whether a number or a text may be a value of a field."""
    return not dtype.is_vector and dtype not in _OF_ANYTHING


def field_column(field: Field, values: Any) -> Column:
    """Return the column of any field; None among `values` is null."""
    if field.dtype is DataType.SPARSE_FLOAT_VECTOR:
        return sparse_column(field, values)
    if field.dtype.is_vector:
        return vector_column(field, values)
    return scalar_column(field, values)


class _Reader:
    """Reads rows or columns against one schema."""

    def __init__(self, schema: Schema, *, upsert: bool, partial: bool) -> None:
        self.schema = schema
        self.partial = partial
        self.fields = {
            field.name: field
            for field in schema.fields
            if not field.is_dynamic
            and not field.struct
            and not field.is_function_output
            and (upsert or not (field.is_primary and field.auto_id))
        }
        self.single = {name: reader_of(field) for name, field in self.fields.items()}
        self.structs = {struct.name: struct for struct in schema.structs}
        self.known = self.fields.keys() | self.structs.keys()
        first = next(iter(self.fields.values()), None)
        self._first = first.name if first is not None and _is_single(first.dtype) else ""
        """Name of the first field, where numbers and texts are its values; or ""."""

    def holds_columns(self, data: Mapping[str, Any]) -> bool:
        """Tell whether the one dict holds columns rather than a single row's values."""
        if type(data.get(self._first)) in _SINGLE:
            return False  # as the first step of what follows finds in most rows
        for name, field in self.fields.items():
            value = data.get(name)
            if value is None or field.dtype in _OF_ANYTHING:
                continue
            if type(value) in _SINGLE and _is_single(field.dtype):
                return False
            if is_scipy_sparse(value):
                return len(value.shape) == 2 and value.shape[0] > 1
            if field.dtype is DataType.SPARSE_FLOAT_VECTOR:
                return isinstance(value, list) and not isinstance(next(iter(value), ()), tuple)
            if field.dtype.is_vector:
                first = None if isinstance(value, bytes) else next(iter(value), value)
                return isinstance(first, (list, tuple, bytes, np.ndarray))
            return not isinstance(value, (str, bytes)) and hasattr(value, "__len__")
        return False

    def from_rows(self, rows: Sequence[dict[str, Any]]) -> ColumnBatch:
        known = self.known
        extras = None
        alone = rows[0] if len(rows) == 1 else {}
        if not known.issuperset(alone or set().union(*rows)):
            extras = self._extras(rows)
        columns: dict[str, Column] = {}
        for name, field in self.fields.items():
            single = self.single[name](alone[name]) if name in alone else None
            if single is not None:
                columns[name] = single
                continue
            values = self._values(rows, name)
            if values is not None:
                columns[name] = self._column(field, values)
            elif not self.partial and not field.nullable and not field.has_default:
                raise errors.missing(name, 0)
        for name, struct in self.structs.items():
            values = self._values(rows, name)
            if values is None and not struct.nullable and not self.partial:
                raise errors.missing(name, 0)
            if values is not None:
                given = [None if value is _ABSENT else value for value in values]
                columns.update(struct_columns(self.schema, struct, given))
        if extras is not None and self.schema.dynamic is not None:
            columns[self.schema.dynamic.name] = BytesColumn.of(extras)
        return ColumnBatch(len(rows), columns)

    def _values(self, rows: Sequence[dict[str, Any]], name: str) -> list[Any] | None:
        """Return each row's value, _ABSENT where there is none; None when no row has one."""
        try:
            return unmarked([row[name] for row in rows])
        except KeyError:
            values = unmarked([row.get(name, _ABSENT) for row in rows])
        return None if all(value is _ABSENT for value in values) else values

    def _column(self, field: Field, values: list[Any]) -> Column:
        if field.dtype is DataType.TIMESTAMPTZ:
            given = [None if value is _ABSENT else value for value in values]
            read = moments(field, given, self.schema.time_zone or "UTC")
            values = [old if old is _ABSENT else new for old, new in zip(values, read, strict=True)]
        # Far fewer steps than asking each value: most columns hold values of one type.
        if not {type(None), _Absent}.isdisjoint(map(type, values)):
            self._fill(field, values)
        return field_column(field, values)

    def _fill(self, field: Field, values: list[Any]) -> None:
        """Put defaults, or None for null, in place of what rows do not give."""
        for row, value in enumerate(values):
            if value is not None and value is not _ABSENT:
                continue
            if field.has_default:
                values[row] = field.default
            elif field.nullable:
                values[row] = None
            elif value is None:
                raise errors.wrong_kind(field, row, value)
            else:
                raise errors.missing(field.name, row)

    def _extras(self, rows: Sequence[dict[str, Any]]) -> list[bytes | None]:
        """Return each row's keys that no field names, as JSON text."""
        dynamic = self.schema.dynamic
        known, fields = self.known, self.schema.by_name
        encoded: list[bytes | None] = []
        for number, row in enumerate(rows):
            extra = {name: value for name, value in row.items() if name not in known}
            for name in extra:
                field = fields.get(name)
                if field is not None and field.is_function_output:
                    raise errors.unexpected_output(name, number)
                if dynamic is None:
                    raise errors.unexpected(name, number)
            if dynamic is not None:
                whole = extra.pop(dynamic.name, None)
                encoded.append(dynamic_bytes(dynamic, whole, extra, number))
        return encoded

    def from_columns(self, given: Mapping[str, Any]) -> ColumnBatch:
        counts = {name: len_of(values) for name, values in given.items()}
        num_rows = next(iter(counts.values()), 0)
        for name, count in counts.items():
            if count != num_rows:
                raise DataNotMatchException(
                    message="The data fields length is inconsistent. previous length is "
                    f"{num_rows}, current length is {count} (field {name})"
                )
        unknown = [name for name in given if name not in self.known]
        if unknown and self.schema.dynamic is None:
            raise errors.unexpected(unknown[0], 0)
        columns: dict[str, Column] = {}
        for name, field in self.fields.items():
            if name in given:
                columns[name] = self._given_column(field, given[name])
            elif not self.partial and not field.nullable and not field.has_default:
                raise errors.missing(name, 0)
        for name, struct in self.structs.items():
            if name in given:
                columns.update(struct_columns(self.schema, struct, unmarked(list(given[name]))))
        if unknown and self.schema.dynamic is not None:
            rows = self._rows_of({name: given[name] for name in unknown}, num_rows)
            columns[self.schema.dynamic.name] = BytesColumn.of(self._extras(rows))
        return ColumnBatch(num_rows, columns)

    def _given_column(self, field: Field, values: Any) -> Column:
        if isinstance(values, Column):
            if values.valid is not None and not field.nullable:
                return self._column(field, _python_values(values, field))
            return values
        if field.dtype is DataType.TIMESTAMPTZ and isinstance(values, np.ndarray):
            return self._column(field, list(moments(field, values, self.schema.time_zone or "UTC")))
        if isinstance(values, np.ndarray) and values.dtype.kind != "O":
            return field_column(field, values)
        if is_scipy_sparse(values):
            return field_column(field, values)
        return self._column(field, unmarked(list(values)))

    @staticmethod
    def _rows_of(columns: Mapping[str, Any], num_rows: int) -> list[dict[str, Any]]:
        """Return each row's dynamic keys: those whose column has a value for it, NaN being none."""
        lists = [unmarked(list(values)) for values in columns.values()]
        names = list(columns)
        if not lists:
            return [{} for _ in repeat(None, num_rows)]
        return [
            {
                name: value
                for name, value in zip(names, row, strict=True)
                if value is not None and not is_nan(value)
            }
            for row in zip(*lists, strict=True)
        ]


_readers: dict[tuple[int, bool, bool], _Reader] = {}
"""Readers by the identity of their schema, which they keep alive, and so unique."""
_MOST_READERS = 64


def _reader(schema: Schema, *, upsert: bool, partial: bool) -> _Reader:
    """Return a reader for the schema: the same one as long as it is the same object."""
    key = (id(schema), upsert, partial)
    reader = _readers.get(key)
    if reader is None:
        if len(_readers) >= _MOST_READERS:
            _readers.clear()
        reader = _readers[key] = _Reader(schema, upsert=upsert, partial=partial)
    return reader


def _python_values(column: Column, field: Field) -> list[Any]:
    missing_rows = [] if column.valid is None else np.flatnonzero(~column.valid).tolist()
    if missing_rows and not field.has_default:
        raise ParamError(
            message=f"field {field.name} is null in row {missing_rows[0]}, and is not nullable"
        )
    raise DataNotMatchException(
        message=f"field {field.name} has a default value; leave the column out, or give it as a "
        "list, to use the default for nulls"
    )


def len_of(values: Any) -> int:
    """Return the number of rows of a column given in any way."""
    return int(values.shape[0]) if is_scipy_sparse(values) else len(values)
