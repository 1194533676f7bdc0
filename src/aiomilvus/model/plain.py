"""Values as Python's own types: members of enumerations, other subclasses, numpy's scalars."""

from __future__ import annotations

from operator import index

import msgspec

from aiomilvus.errors import ParamError


def plain(value: object) -> object:
    """Return what a value holds as exactly bool, int, float or str; in lists and tuples, too.

    A subclass may say something else when it is printed, as ``class Lang(str, Enum)`` does, and is
    compared by what it holds: so that is asked of the base class. Values of other types are
    returned as they are.
    """
    if hasattr(value, "tolist"):  # numpy's, which building a filter does not load
        value = value.tolist()
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int.__pos__(value)
    if isinstance(value, float):
        return float.__pos__(value)
    if isinstance(value, str):
        return str.__str__(value)
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def whole_number(value: object) -> int:
    """Return an int, also of another library's whole number.

    Raises:
        TypeError: It is none. A Boolean of numpy's is none: older versions take it with a warning.
    """
    if getattr(getattr(value, "dtype", None), "kind", "") == "b":
        raise TypeError(f"{type(value).__name__} is no whole number")
    return index(value)  # type: ignore[arg-type] # a TypeError says so


def as_text(value: object) -> str:
    """Return a parameter's value as Milvus stores it: text as it is, anything else as JSON.

    Raises:
        ParamError: JSON has no word for it.
    """
    if isinstance(value, str):
        return str.__str__(value)
    try:
        return _JSON.encode(plain(value)).decode()
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ParamError(message=f"a parameter can't be written as JSON: {error}") from None


def for_json(value: object) -> object:
    """Turn what msgspec does not know (numpy's scalars and arrays, subclasses) into plain data.

    Raises:
        TypeError: It is none of these.
    """
    found = plain(value)
    if type(found) is type(value):
        raise TypeError(f"{type(value).__name__} is not JSON")
    return found


_JSON = msgspec.json.Encoder(enc_hook=for_json)
