"""How a value that does not fit is reported: row, field, what was given, what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import DataNotMatchException, ParamError
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.schema import Field


def wrong_kind(field: Field, row: int, given: object) -> DataNotMatchException:
    """Return the error for a value whose type is not the field's."""
    return DataNotMatchException(
        message=f"The Input data type is inconsistent with defined schema, {{{field.name}}} field "
        f"should be a {_kind(field)}, but got a {{{type(given)}}} instead. "
        f"(row {row}, given {shorten(given)})"
    )


def out_of_range(field: Field, row: int, given: object, low: int, high: int) -> ParamError:
    """Return the error for an integer that its type cannot hold."""
    return ParamError(
        message=f"the {row}th element ({given}) out of range: [{low}, {high}] "
        f"(field {field.name}, {field.dtype.name})"
    )


def wrong_length(field: Field, row: int, length: int) -> ParamError:
    """Return the error for a vector with the wrong number of dimensions."""
    return ParamError(
        message=f"the length({length}) of float data should divide the dim({field.dim}): "
        f"row {row}, field {field.name} ({field.dtype.name}) takes {field.dim} dimensions"
    )


def wrong_width(field: Field, size: int, given: int, dim: int) -> ParamError:
    """Return the error for a query vector that is not as wide as the searched field's.

    Args:
        field: The field.
        size: Bytes of a vector of the field.
        given: Bytes of the query.
        dim: Dimensions of the query.
    """
    return ParamError(
        message=f"vector dimension mismatch, expected vector size(byte) {size}, actual {given}: "
        f"field {field.name} has dim {field.dim}, the query {dim}: invalid parameter"
    )


def missing(name: str, row: int) -> DataNotMatchException:
    """Return the error for a row without a field that it needs."""
    return DataNotMatchException(
        message=f"Insert missed an field `{name}` to collection without set nullable==true or "
        f"set default_value (row {row})"
    )


def unexpected(name: str, row: int) -> DataNotMatchException:
    """Return the error for a key that neither a field nor the dynamic field takes."""
    return DataNotMatchException(
        message=f"Attempt to insert an unexpected field `{name}` to collection without enabling "
        f"dynamic field (row {row})"
    )


def unexpected_output(name: str, row: int) -> DataNotMatchException:
    """Return the error for a value given to a field that a function fills."""
    return DataNotMatchException(
        message=f"Attempt to insert an unexpected function output field `{name}` to collection "
        f"(row {row})"
    )


def shorten(value: object, limit: int = 80) -> str:
    """Return the value as text, cut to `limit` characters."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deep, or an integer of too many digits
        return f"a {type(value).__name__}"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _kind(field: Field) -> str:
    if field.dtype is DataType.ARRAY:
        return f"array of {field.element_type.name.lower()}"
    return field.dtype.name.lower()


def first_offender(values: list[Any], fits: type | tuple[type, ...]) -> int | None:
    """Return the row of the first value that is no instance of `fits`; None when all are.

    Booleans are integers to Python, and not here: they fit where `fits` names bool.
    """
    booleans_fit = fits is bool or (isinstance(fits, tuple) and bool in fits)
    for row, value in enumerate(values):
        if not isinstance(value, fits) or (isinstance(value, bool) and not booleans_fit):
            return row
    return None
