"""The texts and numbers in an operation, looked at once more before it goes to a backend.

Methods check what they know by the name that their argument has. Here nothing passes that is of
another type, whatever method forgot: an engine would fail on it somewhere inside, and a server
would get what can't be written on the wire.
"""

from __future__ import annotations

from functools import cache
from inspect import get_annotations
from operator import index
from typing import TYPE_CHECKING, TypeVar

import msgspec

from aiomilvus.client.arguments import shown
from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.operations.base import Operation

R = TypeVar("R")
_LARGEST = 1 << 63


def with_plain_values(operation: Operation[R]) -> Operation[R]:
    """Return the operation with a plain str, bool or int for what is one by subclass.

    Raises:
        ParamError: What should be a text, a flag or a number is something else.
    """
    changed = {}
    for name, plain in _checks_of(type(operation)):
        value = getattr(operation, name)
        made = plain(value, name)
        if made is not value:
            changed[name] = made
    return msgspec.structs.replace(operation, **changed) if changed else operation


def _text(value: object, name: str) -> str:
    if type(value) is str and value.isascii():
        return value
    if not isinstance(value, str):
        raise _wrong(name, value, "a str")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _wrong(name, value, "valid Unicode") from None
    return value if type(value) is str else str.__str__(value)


def _texts(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, tuple):
        raise _wrong(name, value, "a list of str")
    made = tuple(_text(each, name) for each in value)
    return value if all(a is b for a, b in zip(made, value, strict=True)) else made


def _flag(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if type(value).__name__ in ("bool", "bool_"):  # numpy's
        return bool(value)
    raise _wrong(name, value, "a bool")


def _number(value: object, name: str) -> int:
    if type(value) is int and -_LARGEST <= value < _LARGEST:
        return value
    try:
        made = index(value)  # type: ignore[arg-type]
    except TypeError:
        raise _wrong(name, value, "a whole number") from None
    if not -_LARGEST <= made < _LARGEST:
        raise _wrong(name, value, "a number of 64 bits")
    return made


def _optional(
    check: Callable[[object, str], object],
) -> Callable[[object, str], object]:
    return lambda value, name: None if value is None else check(value, name)


def _wrong(name: str, value: object, wanted: str) -> ParamError:
    message = f"`{name}` value {shown(value)} is illegal, should be {wanted}: invalid parameter"
    return ParamError(message=message)


_PLAIN: dict[str, Callable[[object, str], object]] = {
    "str": _text,
    "tuple[str, ...]": _texts,
    "bool": _flag,
    "int": _number,
}
_PLAIN.update({f"{kind} | None": _optional(check) for kind, check in _PLAIN.items()})


@cache
def _checks_of(
    kind: type[Operation[R]],
) -> tuple[tuple[str, Callable[[object, str], object]], ...]:
    """Return the names of an operation's fields that are looked at, and how each is."""
    annotations = {
        name: annotation
        for base in reversed(kind.__mro__)
        for name, annotation in get_annotations(base).items()
    }
    return tuple(
        (name, _PLAIN[annotations[name]])
        for name in kind.__struct_fields__
        if annotations.get(name) in _PLAIN
    )
