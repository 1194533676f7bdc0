"""Checks of loose arguments that need no schema. Their texts are pymilvus'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from aiomilvus.client.inputs.schema import messages
from aiomilvus.errors import ArgumentError, DataTypeNotMatchException, ParamError
from aiomilvus.expr.templates import Filter, filter_parts
from aiomilvus.model.plain import whole_number
from aiomilvus.model.types import SegmentState

_DEEPEST = 100
_FLAT = frozenset((bool, bytes, float, int, str, type(None)))
"""Types that hold nothing else: most of what is given, and told from others in one step."""
_MOST_LETTERS = 500


LONGEST_TIMEOUT = 1e9
"""Seconds, 31 years: what is longer is as good as this."""


def shown(value: object) -> str:
    """Return a value as it stands in an error; cut if it is long, its type if it can't be shown."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deep, or an integer of too many digits
        return f"of type {type(value).__name__}"
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…"


def check_timeout(value: object) -> float:
    """Return a timeout in seconds that threads and loops can wait for.

    Raises:
        ArgumentError: It is no number, or not a number.
    """
    is_number = isinstance(value, (int, float)) or hasattr(value, "__float__")
    try:
        seconds = min(value, LONGEST_TIMEOUT) if isinstance(value, int) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        is_number = False
        seconds = 0.0
    if not is_number or seconds != seconds or isinstance(value, str):  # noqa: PLR0124 - a NaN
        raise ArgumentError(
            message=f"`timeout` value {shown(value)} is illegal, should be seconds or None"
        )
    return min(seconds, LONGEST_TIMEOUT)


def is_given(value: object, argument: str) -> bool:
    """Return whether a value counts as true: an option that is given, a flag that is set.

    Raises:
        ParamError: It is an array or a data frame, which count as neither.
    """
    try:
        return bool(value)
    except (TypeError, ValueError):
        message = (
            f"`{argument}` value of type {type(value).__name__} is illegal: give a list where "
            "several values are wanted, such as its tolist() returns: invalid parameter"
        )
        raise ParamError(message=message) from None


def check_text(value: object, argument: str) -> str:
    """Return a text, "" for None.

    Raises:
        ParamError: It is no str, or no valid Unicode.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ParamError(message=f"`{argument}` value {shown(value)} is illegal, should be a str")
    if not _is_unicode(value):
        raise ParamError(message=_not_unicode(value, argument))
    return value


def _is_unicode(text: str) -> bool:
    """Return whether UTF-8 can spell a text, which it can't where surrogates stand alone."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _not_unicode(text: str, argument: str) -> str:
    return f"`{argument}` value {text!r} is illegal, should be valid Unicode"


def given_text(value: object, argument: str) -> str | None:
    """Return a text, None for None: where "" says something.

    Raises:
        ParamError: As `check_text`.
    """
    return None if value is None else check_text(value, argument)


def check_mapping(value: object, argument: str) -> dict[str, Any]:
    """Return a dict, {} for None.

    Raises:
        ParamError: It is no dict, or holds lists and dicts in each other too deep to be sent.
    """
    if value is None:
        return {}
    if not isinstance(value, (dict, Mapping)):
        raise ParamError(message=f"`{argument}` value {shown(value)} is illegal, should be a dict")
    _check_nesting(value, argument)
    return dict(value)


def _check_nesting(value: Mapping[object, object], argument: str) -> None:
    level: list[object] = [value]
    for _ in range(_DEEPEST):
        level = [
            each
            for outer in level
            if isinstance(outer, (dict, list, tuple, Mapping))
            for each in (outer.values() if isinstance(outer, (dict, Mapping)) else outer)
            if type(each) not in _FLAT
        ]
        if not level:
            return
    raise ParamError(message=f"`{argument}` is nested more than {_DEEPEST} deep")


def check_name(value: object, argument: str = "collection_name") -> str:
    """Return a name that is a str and not empty.

    Raises:
        ArgumentError: It is neither; Milvus' naming rules are checked later.
    """
    if not isinstance(value, str) or not value:
        told = value if isinstance(value, str) else shown(value)
        raise ArgumentError(message=f"`{argument}` value {told} is illegal")
    if not _is_unicode(value):
        raise ArgumentError(message=_not_unicode(value, argument))
    return value


def check_limit(value: object, argument: str = "limit") -> int:
    """Return a number of rows that is an int of 64 bits; its range is checked later."""
    try:
        number = whole_number(value)
    except TypeError:
        raise ArgumentError(message=f"`{argument}` value {shown(value)} is illegal") from None
    if not -(2**63) <= number < 2**63:
        raise ParamError(
            message=f"`{argument}` value {shown(number)} is illegal, should have 64 bits"
        )
    return number


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


def check_numbers(value: object, argument: str) -> tuple[int, ...]:
    """Return whole numbers, or members of an enumeration of them.

    Raises:
        ParamError: It is no list of such.
    """
    try:
        return tuple(map(whole_number, value))  # type: ignore[call-overload]
    except TypeError:
        raise ParamError(
            message=f"`{argument}` value {shown(value)} is illegal, should be a list of numbers"
        ) from None


def check_states(given: Sequence[SegmentState] | None) -> tuple[int, ...]:
    """Return states of segments by their numbers, () for a server's usual ones.

    Raises:
        ParamError: There are none in the list, or one is no state.
    """
    if given is None:
        return ()
    states = check_numbers(given, "states")
    if not states:
        raise ParamError(message="states must not be empty; use None for the default state filter")
    unknown = set(states) - set(SegmentState)
    if unknown:
        raise ParamError(message=f"invalid SegmentState value: {min(unknown)}")
    return states


def check_path(value: object, argument: str) -> str:
    """Return a path as text.

    Raises:
        ParamError: It is neither a str nor a path.
    """
    if isinstance(value, (str, PathLike)):
        return str(value)
    raise ParamError(message=f"`{argument}` value {shown(value)} is illegal, should be a path")


def check_filter(value: object) -> str:
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
    return check_filter(given), check_mapping(params, "filter_params")


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
            message=f"Invalid query format. '{argument}' must be a list of {of}, got {shown(given)}"
        )
    return tuple(given)
