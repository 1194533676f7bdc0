"""Checks of loose arguments that need no schema. Their texts are pymilvus'."""

from __future__ import annotations

from typing import Any

from aiomilvus.client.inputs.schema import messages
from aiomilvus.errors import ArgumentError, DataTypeNotMatchException, ParamError
from aiomilvus.expr.templates import Filter, filter_parts


def check_name(value: Any, argument: str = "collection_name") -> str:
    """Return a name that is a str and not empty.

    Raises:
        ArgumentError: It is neither; Milvus' naming rules are checked later.
    """
    if not isinstance(value, str) or not value:
        raise ArgumentError(message=f"`{argument}` value {value} is illegal")
    return value


def check_limit(value: Any, argument: str = "limit") -> int:
    """Return a number of rows that is an int; its range is checked later."""
    if isinstance(value, bool) or not isinstance(value, int):
        try:
            return int(value.__index__())
        except AttributeError:
            raise ArgumentError(message=f"`{argument}` value {value} is illegal") from None
    return value


def check_type(value: Any, argument: str, wanted: type | tuple[type, ...]) -> Any:
    """Return `value` when it is of the wanted type."""
    if value is None:
        raise ArgumentError(message=f"missing required argument: [{argument}]")
    if not isinstance(value, wanted):
        name = getattr(wanted, "__name__", str(wanted))
        raise ArgumentError(
            message=f"wrong type of argument [{argument}], expected type: [{name}], "
            f"got type: [{type(value).__name__}]"
        )
    return value


def check_filter(value: Any) -> str:
    """Return a filter expression; None is the empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DataTypeNotMatchException(message=messages.EXPRESSION_TYPE.format(type(value)))
    return value


def filter_and_params(given: Any, params: Any = None) -> tuple[str, dict[str, Any]]:
    """Return text and parameters of a filter: a text with `params`, or one built with `col`."""
    if isinstance(given, Filter):
        return filter_parts(given, params)
    return check_filter(given), dict(params or {})


def names(given: Any, argument: str, *, of: str = "names") -> tuple[str, ...]:
    """Return one name or several as a tuple; None is none.

    Args:
        given: What the caller gave.
        argument: What it is called there.
        of: What the strings are, for the error.
    """
    if given is None:
        return ()
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, (list, tuple)) or not all(isinstance(each, str) for each in given):
        raise ParamError(
            message=f"Invalid query format. '{argument}' must be a list of {of}, got {given!r}"
        )
    return tuple(given)
