"""The texts and numbers in an operation, looked at once more before it goes to a backend.

Methods check what they know by the name that their argument has. Here nothing passes that is of
another type, whatever method forgot: an engine would fail on it somewhere inside, and a server
would get what can't be written on the wire.
"""

from __future__ import annotations

from functools import cache, partial
from inspect import get_annotations
from itertools import compress
from operator import attrgetter, index, is_not
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
from msgspec import NODEFAULT

from aiomilvus.client.arguments import shown
from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

S = TypeVar("S", bound=msgspec.Struct)
_BITS = 64


def with_plain_values(operation: S) -> S:
    """Return an operation with a plain str, bool or int for what is one by subclass.

    What it is made of, a schema and its fields, the parts of a hybrid search, is looked at too.

    Raises:
        ParamError: What should be a text, a flag or a number is something else.
    """
    values_of, defaults, checks = _checks_of(type(operation))
    values = values_of(operation)
    changed = {}
    # Most fields have their default, which needs no look: this stands before every call.
    for value, (name, plain) in compress(zip(values, checks), map(is_not, values, defaults)):  # noqa: B905
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
    for each in value:
        if _text(each, name) is not each:
            return tuple(_text(each, name) for each in value)
    return value


def _flag(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if type(value).__name__ in ("bool", "bool_"):  # numpy's
        return bool(value)
    raise _wrong(name, value, "a bool")


def _number(value: object, name: str, bits: int = _BITS) -> int:
    try:
        made = value if type(value) is int else index(value)  # type: ignore[arg-type]
    except TypeError:
        raise _wrong(name, value, "a whole number") from None
    if (made if made >= 0 else ~made) >> (bits - 1):
        raise _wrong(name, value, f"a number of {bits} bits")
    return made


def _mapping(value: object, name: str) -> object:
    """Return a dict of texts as it is, when all it holds can be written."""
    if not isinstance(value, dict):
        raise _wrong(name, value, "a dict")
    for key, text in value.items():
        _text(key, name)
        _text(text, name)
    return value


def _part(value: object, _name: str) -> object:
    return with_plain_values(value) if isinstance(value, msgspec.Struct) else value


def _parts(value: object, name: str) -> object:
    if not isinstance(value, tuple):
        raise _wrong(name, value, "a list")
    made = tuple(_part(each, name) for each in value)
    return value if all(a is b for a, b in zip(made, value, strict=True)) else made


def _optional(
    check: Callable[[object, str], object],
) -> Callable[[object, str], object]:
    return lambda value, name: None if value is None else check(value, name)


def _wrong(name: str, value: object, wanted: str) -> ParamError:
    message = f"`{name}` value {shown(value)} is illegal, should be {wanted}: invalid parameter"
    return ParamError(message=message)


def _sort_keys(value: object, name: str) -> object:
    if not isinstance(value, tuple):
        raise _wrong(name, value, "a list of fields")
    for key in value:
        _text(key.field, name)
    return value


_PLAIN: dict[str, Callable[[object, str], object]] = {
    "str": _text,
    "tuple[str, ...]": _texts,
    "bool": _flag,
    "int": _number,
    "Int32": partial(_number, bits=32),
    "dict[str, str]": _mapping,
    "Field": _part,
    "FunctionSpec": _part,
    "Schema": _part,
    "StructSpec": _part,
    "tuple[Field, ...]": _parts,
    "tuple[FunctionSpec, ...]": _parts,
    "tuple[Search, ...]": _parts,
    "tuple[SortKey, ...]": _sort_keys,
    "tuple[StructSpec, ...]": _parts,
}
_PLAIN.update({f"{kind} | None": _optional(check) for kind, check in _PLAIN.items()})


class _Checks(NamedTuple):
    """How an operation's fields are looked at.

    Attributes:
        values_of: Returns the values of the fields that are looked at.
        defaults: Their defaults.
        checks: Their names, and what makes their values plain.
    """

    values_of: Callable[[object], tuple[object, ...]]
    defaults: tuple[object, ...]
    checks: tuple[tuple[str, Callable[[object, str], object]], ...]


@cache
def _checks_of(kind: type[msgspec.Struct]) -> _Checks:
    annotations = {
        name: annotation
        for base in reversed(kind.__mro__)
        for name, annotation in get_annotations(base).items()
    }
    names, defaults = kind.__struct_fields__, kind.__struct_defaults__
    required = len(names) - len(defaults)
    looked_at = [
        (name, default)
        for name, default in zip(names, (*[NODEFAULT] * required, *defaults), strict=True)
        if annotations.get(name) in _PLAIN
    ]
    return _Checks(
        _getter([name for name, _ in looked_at]),
        tuple(default for _, default in looked_at),
        tuple((name, _PLAIN[annotations[name]]) for name, _ in looked_at),
    )


def _getter(names: Sequence[str]) -> Callable[[object], tuple[object, ...]]:
    """Return what returns these attributes of an object."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda given: tuple(getattr(given, name) for name in names)
