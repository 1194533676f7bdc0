"""What a value of each data type may be; Milvus' rules and Milvus' words.

Every check raises `ParamError` that names the row, the field, the value and what is allowed.
Values stay as they are. Numbers that came in another width, as integers do from JSON, get their
field's: then `checked` returns another column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.batch import vector_width
from aiomilvus.model.columns import (
    FIXED_DTYPES,
    VECTOR_DTYPES,
    BytesColumn,
    Column,
    FixedColumn,
    ListColumn,
    SparseColumn,
    VectorColumn,
)
from aiomilvus.model.geometry import InvalidGeometryError, check_wkb
from aiomilvus.model.json_text import decode_json
from aiomilvus.model.moments import FIRST_MOMENT, LAST_MOMENT
from aiomilvus.model.rows.vectors import from_bfloat16
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.model.schema import Field


_LONG = FIXED_DTYPES[DataType.INT64]
MAX_JSON = 65_536
MAX_TEXT = 2 << 20
MAX_SPARSE_INDEX = 2**32 - 2


def checked(field: Field, column: Column) -> Column:
    """Return `column` in `field`'s exact layout, or raise.

    Raises:
        ParamError: The layout or a value does not fit the field.
    """
    dtype = field.dtype
    if dtype is DataType.INT64 and type(column) is FixedColumn and column.values.dtype is _LONG:
        return column  # as keys mostly are
    if dtype in (DataType.ARRAY, DataType.ARRAY_OF_VECTOR):
        return _checked_list(field, column)
    return _checked_values(field, dtype, column)


def _checked_values(field: Field, dtype: DataType, column: Column) -> Column:
    if dtype in FIXED_DTYPES:
        return _checked_fixed(field, dtype, _of(FixedColumn, field, column))
    if dtype in VECTOR_DTYPES:
        return _checked_vectors(field, dtype, _of(VectorColumn, field, column))
    if dtype is DataType.SPARSE_FLOAT_VECTOR:
        sparse: SparseColumn = _of(SparseColumn, field, column)
        check_sparse(field, sparse)
        return sparse
    return _checked_bytes(field, dtype, _of(BytesColumn, field, column))


def _of(kind: type[Any], field: Field, column: Column) -> Any:
    if isinstance(column, kind):
        return column
    message = (
        f"the data of field {field.name} has the layout {column.kind}, "
        f"but {field.dtype.spelling} needs {kind.kind}: invalid parameter"
    )
    raise ParamError(message=message)


def _first(bad: NDArray[np.bool_]) -> int:
    return int(np.argmax(bad))


def _checked_fixed(field: Field, dtype: DataType, column: FixedColumn) -> FixedColumn:
    wanted = FIXED_DTYPES[dtype]
    values = column.values
    if wanted.kind == "f":
        _finite(field, values, column.valid)
    if dtype is DataType.TIMESTAMPTZ:
        _within_years(field, values, column.valid)
    if values.dtype == wanted:
        return column
    if wanted.kind == "i" and values.dtype.kind in "iu":
        info = np.iinfo(wanted)
        bad = (values < info.min) | (values > info.max)
        if bad.any():
            at = _first(bad)
            message = (
                f"the {at}th element ({values[at]}) out of range: [{info.min}, {info.max}]"
                f": field {field.name}: invalid parameter"
            )
            raise ParamError(message=message)
    elif (wanted.kind == "b") != (values.dtype.kind == "b") or wanted.kind == "i":
        message = (
            f"field {field.name} needs {dtype.spelling}, got {values.dtype}: invalid parameter"
        )
        raise ParamError(message=message)
    return FixedColumn(values.astype(wanted), column.valid)


def _within_years(field: Field, values: NDArray[Any], valid: NDArray[np.bool_] | None) -> None:
    bad = (values < FIRST_MOMENT) | (values > LAST_MOMENT)
    if valid is not None:
        bad &= valid
    if bad.any():
        at = _first(bad)
        message = (
            f"the {at}th element ({values[at]}) out of range: [{FIRST_MOMENT}, {LAST_MOMENT}]"
            f", the years 0 to 9999 in microseconds: field {field.name}: invalid parameter"
        )
        raise ParamError(message=message)


def _finite(
    field: Field,
    values: NDArray[Any],
    valid: NDArray[np.bool_] | None,
    starts: NDArray[np.int64] | None = None,
) -> None:
    # One pass: a sum is finite unless a value is not, or the sum itself overflows.
    with np.errstate(over="ignore", invalid="ignore"):
        total = values.sum(dtype=np.float64 if values.dtype.itemsize > 2 else np.float32)
    if np.isfinite(total):
        return
    bad = ~np.isfinite(values)
    if valid is not None:
        bad &= valid.reshape(-1, *[1] * (values.ndim - 1))
    if bad.any():
        at = int(np.argwhere(bad)[0][0])
        row = at if starts is None else int(np.searchsorted(starts, at, side="right")) - 1
        shown = str(values[bad][0])
        shown = {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(shown, shown)
        message = (
            f"value '{shown}' is not a number or infinity: field {field.name}, row {row}"
            ": invalid parameter"
        )
        raise ParamError(message=message)


def _checked_vectors(field: Field, dtype: DataType, column: VectorColumn) -> VectorColumn:
    width = vector_width(dtype, field.dim)
    values = column.values
    if values.ndim != 2 or values.shape[1] != width:
        given = values.shape[-1] * (8 if dtype is DataType.BINARY_VECTOR else 1)
        kind = "binary" if dtype is DataType.BINARY_VECTOR else "float"
        message = (
            f"the length({given}) of {kind} data should divide the dim({field.dim})"
            f": field {field.name}: invalid parameter"
        )
        raise ParamError(message=message)
    wanted = VECTOR_DTYPES[dtype]
    if values.dtype != wanted:
        message = (
            f"field {field.name} needs {wanted} vectors, got {values.dtype}: invalid parameter"
        )
        raise ParamError(message=message)
    if dtype is DataType.BFLOAT16_VECTOR:
        # The exponent of a NaN or an infinity is all ones.
        if ((values & 0x7F80) == 0x7F80).any():
            _finite(field, from_bfloat16(values), column.valid)
    elif wanted.kind == "f":
        _finite(field, values, column.valid)
    return VectorColumn(np.ascontiguousarray(values), column.valid)


def check_sparse(field: Field, column: SparseColumn) -> None:
    """Raise ParamError for vectors, stored or searched for, that have no meaning.

    A value is not finite, an index is too large, or a row's indices do not ascend.
    """
    _finite(field, column.values, None, column.indptr)
    indices = column.indices
    if len(indices) and int(indices.max()) > MAX_SPARSE_INDEX:
        message = f"field {field.name}: sparse vector index must be less than 2^32-1"
        raise ParamError(message=message)
    rising = indices[1:] > indices[:-1]
    starts = column.indptr[1:-1] - 1
    rising[starts[(starts >= 0) & (starts < len(rising))]] = True
    if not rising.all():
        row = int(np.searchsorted(column.indptr, _first(~rising), "right")) - 1
        message = (
            f"field {field.name}, row {row}: indices of a sparse vector must be sorted and unique"
            ": invalid parameter"
        )
        raise ParamError(message=message)


def _checked_bytes(field: Field, dtype: DataType, column: BytesColumn) -> BytesColumn:
    lengths = np.diff(column.offsets)
    longest = int(lengths.max()) if len(lengths) else 0
    if dtype.is_string:
        limit = field.max_length or MAX_TEXT
        if longest > limit and dtype is not DataType.TEXT:
            at = _first(lengths > limit)
            message = (
                f"length of varchar field {field.name} exceeds max length, row number: {at}, "
                f"length: {lengths[at]}, max length: {limit}: invalid parameter"
            )
            raise ParamError(message=message)
        _utf8(field, column)
    elif dtype is DataType.JSON:
        if longest > MAX_JSON:
            what = "dynamic field" if field.is_dynamic else f"json field ({field.name})"
            message = f"the length ({longest}) of {what} exceeds max length ({MAX_JSON})"
            raise ParamError(message=f"{message}: invalid parameter")
        _json(field, column)
    elif dtype is DataType.GEOMETRY:
        _geometry(field, column)
    return column


def _utf8(field: Field, column: BytesColumn) -> None:
    data = column.data[column.offsets[0] : column.offsets[-1]]
    if data.tobytes().isascii():
        return
    for row, raw in enumerate(column):
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            message = f"field {field.name}, row {row}: not valid UTF-8: {error.reason}"
            raise ParamError(message=message) from error


def _geometry(field: Field, column: BytesColumn) -> None:
    try:
        check_wkb([None if column.is_null(row) else raw for row, raw in enumerate(column)])
    except InvalidGeometryError as error:
        message = f"field {field.name}, row {error.at}: {error}: invalid parameter"
        raise ParamError(message=message) from None
    except ValueError as error:
        raise ParamError(message=f"field {field.name}: {error}: invalid parameter") from None
    valid = np.ones(len(column), np.bool_) if column.valid is None else column.valid
    empty = valid & (np.diff(column.offsets) == 0)
    if empty.any():
        message = f"field {field.name}, row {_first(empty)}: an empty value is no geometry"
        raise ParamError(message=f"{message}: invalid parameter")


def _json(field: Field, column: BytesColumn) -> None:
    for row, raw in enumerate(column):
        if raw in (b"", b"{}") and (field.is_dynamic or column.is_null(row)):
            continue
        value = decode_json(raw, f"the value of field {field.name}, row {row},")
        if field.is_dynamic and not isinstance(value, dict):
            message = f"row {row}: the dynamic field must be a JSON object, got {value!r}"
            raise ParamError(message=message)


def _check_element_lengths(field: Field, runs: ListColumn) -> None:
    """Raise ParamError for a text in an array that is too long, naming the row and the place."""
    if field.element_type is not DataType.VARCHAR or not isinstance(runs.child, BytesColumn):
        return
    lengths = np.diff(runs.child.offsets)
    limit = field.max_length or MAX_TEXT
    if not len(lengths) or int(lengths.max()) <= limit:
        return
    at = _first(lengths > limit)
    row = int(np.searchsorted(runs.offsets, at, "right")) - 1
    message = (
        f'length of Array array field "{field.name}" exceeds max length, row number: {row}, '
        f"array index: {at - int(runs.offsets[row])}, length: {lengths[at]}, max length: {limit}"
    )
    raise ParamError(message=f"{message}: invalid parameter")


def _checked_list(field: Field, column: Column) -> ListColumn:
    runs: ListColumn = _of(ListColumn, field, column)
    lengths = np.diff(runs.offsets)
    longest = int(lengths.max()) if len(lengths) else 0
    if field.max_capacity and longest > field.max_capacity:
        at = _first(lengths > field.max_capacity)
        what = f"{at}th array"
        if field.dtype is DataType.ARRAY_OF_VECTOR:
            what = f"array of vector field {field.name} row {at}"
        message = f"the length ({lengths[at]}) of {what} exceeds max capacity"
        where = f"field {field.name}, row {at}: invalid parameter"
        raise ParamError(message=f"{message} ({field.max_capacity}): {where}")
    _check_element_lengths(field, runs)
    child = _checked_values(field, field.element_type, runs.child)
    return ListColumn(runs.offsets, child, runs.valid)
