"""Scalar values of one field as a column. A None stands for a null; others must fit the type."""

from __future__ import annotations

import datetime as dt
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.errors import DataNotMatchException, ParamError
from aiomilvus.model.columns import FIXED_DTYPES, BytesColumn, Column, FixedColumn, ListColumn
from aiomilvus.model.geometry import InvalidGeometryError, wkb_of
from aiomilvus.model.moments import moment_microseconds, zone_of
from aiomilvus.model.rows.documents import json_bytes
from aiomilvus.model.rows.errors import first_offender, out_of_range, shorten, wrong_kind
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_KINDS = {DataType.BOOL: "b", DataType.FLOAT: "iuf", DataType.DOUBLE: "iuf"}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "b": (bool, np.bool_),
    "iu": (int, np.integer),
    "iuf": (int, float, np.integer, np.floating),
}
_BOOLEANS = frozenset((bool, np.bool_))
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MICROSECOND = dt.timedelta(microseconds=1)


def scalar_column(field: Field, values: Any) -> Column:
    """Return the column of a scalar, JSON, geometry or array field.

    Args:
        field: Tells the type.
        values: One per row; a numpy array is taken without a copy where its dtype fits.

    Raises:
        DataNotMatchException: A value has the wrong type; row, field and value are named.
        ParamError: An integer is out of its type's range, or text is no geometry or moment.
    """
    dtype = field.dtype
    if dtype is DataType.TIMESTAMPTZ:
        values = moments(field, values, "UTC")
    if dtype in FIXED_DTYPES:
        return _fixed(field, values)
    present = list(values)
    if dtype is DataType.ARRAY:
        return _arrays(field, present)
    if dtype is DataType.JSON:
        return _encoded(present, lambda value, row: json_bytes(field, value, row))
    if dtype is DataType.GEOMETRY:
        return _geometries(field, present)
    return _texts(field, present)


def _fixed(field: Field, values: Any) -> FixedColumn:
    if isinstance(values, np.ndarray):
        return FixedColumn(_cast(field, values, values))
    present = list(values)
    valid = None
    array = _numbers(present)
    if array is None or array.dtype.kind == "O":
        valid = np.fromiter((value is not None for value in present), np.bool_, len(present))
        blank = False if field.dtype is DataType.BOOL else 0
        present = [blank if value is None else value for value in present]
        array = _numbers(present)
    if array is None:
        raise _unfit(field, present)
    try:
        return FixedColumn(
            _cast(field, array, present), None if valid is None or valid.all() else valid
        )
    except DataNotMatchException:
        raise _unfit(field, present) from None


def _numbers(values: list[Any]) -> NDArray[Any] | None:
    """Return the values as an array; None where numpy makes none of them."""
    try:
        return np.array(values)
    except (ValueError, OverflowError):
        return None


def _unfit(field: Field, values: list[Any]) -> Exception:
    """Return the error that names the first value that numpy makes no number of the field from."""
    kinds = _PYTHON_TYPES[_KINDS.get(field.dtype, "iu")]
    row = first_offender(values, kinds)
    if row is not None:
        return wrong_kind(field, row, values[row])
    if field.dtype.is_integer:
        low, high = _limits(FIXED_DTYPES[field.dtype])
    else:
        high = int(np.finfo(np.float64).max)
        low = -high
    for row, value in enumerate(values):
        if not low <= value <= high:
            return out_of_range(field, row, shorten(value), low, high)
    return wrong_kind(field, 0, values[0])


def _limits(dtype: np.dtype[Any]) -> tuple[int, int]:
    info = np.iinfo(dtype)
    return int(info.min), int(info.max)


def _cast(field: Field, array: NDArray[Any], given: Any) -> NDArray[Any]:
    wanted = FIXED_DTYPES[field.dtype]
    kinds = _KINDS.get(field.dtype, "iu")
    if array.size == 0 and array.ndim == 1:
        return np.empty(0, wanted)
    if array.ndim != 1 or array.dtype.kind not in kinds:
        row = first_offender(list(given), _PYTHON_TYPES[kinds]) or 0
        raise wrong_kind(field, row, given[row])
    if kinds != "b" and given is not array and not _BOOLEANS.isdisjoint(map(type, given)):
        row = first_offender(given, _PYTHON_TYPES[kinds]) or 0  # numpy takes [1, True] for numbers
        raise wrong_kind(field, row, given[row])
    if array.dtype == wanted:
        return np.ascontiguousarray(array)
    if kinds == "iu":
        low, high = _limits(wanted)
        outside = (array < low) | (array > high)
        if outside.any():
            row = int(outside.argmax())
            raise out_of_range(field, row, array[row], low, high)
    with np.errstate(over="ignore"):  # the engine refuses the infinity, naming row and field
        return array.astype(wanted)


def _texts(field: Field, values: list[Any]) -> BytesColumn:
    try:
        whole = "".join(values)
        if whole.isascii():  # then a text has as many bytes as characters
            return BytesColumn.laid_out(values, whole.encode())
        return BytesColumn.of(list(map(str.encode, values)))
    except (TypeError, UnicodeEncodeError):
        return _encoded(values, lambda value, row: _text_bytes(field, value, row), field)


def _text_bytes(field: Field, value: Any, row: int) -> bytes:
    if not isinstance(value, str):
        raise TypeError
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise ParamError(
            message=f"string of field {field.name} is no valid Unicode text: {error.reason} in "
            f"{shorten(value)} (row {row})"
        ) from None


def _encoded(
    values: list[Any], encode: Callable[[Any, int], bytes], field: Field | None = None
) -> BytesColumn:
    """Return the encoded values; with `field`, a TypeError becomes its wrong-kind error."""
    encoded: list[bytes | None] = []
    for row, value in enumerate(values):
        try:
            encoded.append(None if value is None else encode(value, row))
        except TypeError:
            if field is None:
                raise
            raise wrong_kind(field, row, value) from None
    return BytesColumn.of(encoded)


def _arrays(field: Field, values: list[Any]) -> ListColumn:
    runs = []
    for row, value in enumerate(values):
        run = value.tolist() if isinstance(value, np.ndarray) else value
        if run is None:
            run = ()
        elif not isinstance(run, (list, tuple)):
            raise wrong_kind(field, row, value)
        runs.append(run)
    offsets = np.zeros(len(runs) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, runs), np.int64, len(runs)), out=offsets[1:])
    element = Field(name=field.name, dtype=field.element_type, max_length=field.max_length)
    flat = list(chain.from_iterable(runs))
    if None in flat:
        row = int(np.searchsorted(offsets, flat.index(None), side="right")) - 1
        raise wrong_kind(field, row, values[row])
    child = scalar_column(element, flat)
    valid = None
    if any(value is None for value in values):
        valid = np.fromiter((value is not None for value in values), np.bool_, len(values))
    return ListColumn(offsets, child, valid)


def moments(field: Field, values: Any, zone: str) -> list[int | None]:
    """Return the moments that values name, in microseconds since 1970 UTC; None stays None.

    Args:
        field: The TIMESTAMPTZ field.
        values: ISO 8601 texts, datetimes, microseconds, or an array of datetime64.
        zone: IANA name of the time zone for values without an offset.

    Raises:
        DataNotMatchException, ParamError: A value is none of these; row and field are named.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        values = values.astype("datetime64[us]").tolist()  # NaT becomes None
    return [_microseconds(field, row, value, zone) for row, value in enumerate(values)]


def _microseconds(field: Field, row: int, value: Any, zone: str) -> int | None:
    if value is None or type(value) is int:
        return value
    if isinstance(value, np.integer):
        return int(value)
    try:
        if isinstance(value, str):
            return moment_microseconds(value, zone)
        if not isinstance(value, dt.datetime):
            raise wrong_kind(field, row, value)
        moment = value if value.tzinfo else value.replace(tzinfo=zone_of(zone))
    except (ValueError, OverflowError) as error:
        raise ParamError(
            message=f"got invalid timestamptz string '{value}': {error}: row {row} of field "
            f"{field.name} should be ISO 8601, as 2026-01-31T12:00:00+00:00"
        ) from None
    return (moment - _EPOCH) // _MICROSECOND


def _geometries(field: Field, values: list[Any]) -> BytesColumn:
    for row, value in enumerate(values):
        if not isinstance(value, (str, bytes, type(None))):
            raise wrong_kind(field, row, value)
    try:
        written = wkb_of([value if isinstance(value, str) else None for value in values])
    except InvalidGeometryError as error:
        raise ParamError(
            message=f"invalid Geometry data, transform to wkb failed: {error}: row {error.at} of "
            f"field {field.name}, given {shorten(values[error.at])}"
        ) from None
    pairs = zip(values, written, strict=True)
    return BytesColumn.of([value if isinstance(value, bytes) else wkb for value, wkb in pairs])
