"""The JSON body of a request, and what its fields must be.

Only presence and JSON types are checked here, as Milvus does: an unknown field is ignored, null
stands for an absent one, and a required one that is "" or 0 counts as missing.
"""

from __future__ import annotations

from typing import Any

import orjson

from aiomilvus.errors import ParamError
from aiomilvus.model.json_text import DEEPEST, is_too_deep
from aiomilvus.server.rest.failures import bad_json, missing
from aiomilvus.server.rest.numbers import parse_int

Object = dict[str, Any]
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_NAMES = {str: "string", int: "number", bool: "bool", list: "array", dict: "object"}


def parse_body(content: bytes) -> Object:
    """Return the object that a request's body is.

    ``null`` stands for ``{}``.

    Raises:
        MilvusException: 1801, it is empty, no JSON, nested too deep, or no object.
    """
    if not content.strip():
        raise bad_json("the request body should be nil, however {} is valid")
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise bad_json(str(error)) from None
    if content.count(b"{") + content.count(b"[") > DEEPEST and is_too_deep(found):
        raise bad_json(f"the body is nested more than {DEEPEST} deep, the most that is taken")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise bad_json(f"the body should be an object, but is {kind_of(found)}")
    return found


def kind_of(value: object) -> str:
    """Return the name of a JSON value's type."""
    if value is None:
        return "null"
    return next((name for kind, name in _NAMES.items() if type(value) is kind), "number")


class Body:
    """Reads the fields of an object.

    Args:
        given: The object.
        group: What Milvus calls it in its refusals.
    """

    __slots__ = ("_group", "given")

    def __init__(self, given: Object, group: str = "Request") -> None:
        self.given = given
        self._group = group

    def has(self, name: str) -> bool:
        """Whether a field is there and not null."""
        return self.given.get(name) is not None

    def text(self, name: str, default: str = "", *, required: bool = False) -> str:
        """Return a string."""
        found: str = self._typed(name, str, default, required=required)
        return found

    def number(self, name: str, default: int = 0, *, required: bool = False) -> int:
        """Return a whole number."""
        value = self.given.get(name)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        found: int = self._typed(name, int, default, required=required)
        return found

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a truth value."""
        found: bool = self._typed(name, bool, default, required=False)
        return found

    def written_number(self, name: str, default: int = 0) -> int:
        """Return a whole number that may also be given as text.

        Raises:
            ParamError: It is neither.
        """
        value = self.given.get(name)
        try:
            return parse_int(value) if isinstance(value, str) else self.number(name, default)
        except ValueError:
            raise ParamError(
                message=f"{name} should be a whole number, but is {value!r}: invalid parameter"
            ) from None

    def written_flag(self, name: str, *, default: bool = False) -> bool:
        """Return a truth value that may also be given as text, or as 1 or 0.

        Raises:
            ParamError: It is neither.
        """
        value = self.given.get(name)
        if value is None or isinstance(value, bool):
            return self.flag(name, default=default)
        truth = as_truth(value)
        if truth is None:
            raise ParamError(
                message=f"parse {name} fail, err: {as_param(value)} is neither true nor false: "
                "invalid parameter"
            )
        return truth

    def array(self, name: str, *, required: bool = False) -> list[Any]:
        """Return a list; an empty one counts as present."""
        found: list[Any] = self._typed(name, list, [], required=required)
        return found

    def texts(self, name: str, *, required: bool = False) -> list[str]:
        """Return a list of strings."""
        found = self.array(name, required=required)
        for value in found:
            if not isinstance(value, str):
                raise self._wrong(name, value, "string")
        return found

    def mapping(self, name: str, *, required: bool = False) -> Object:
        """Return an object; an empty one counts as present."""
        found: Object = self._typed(name, dict, {}, required=required)
        return found

    def objects(self, name: str, *, required: bool = False) -> list[Object]:
        """Return a list of objects."""
        found = self.array(name, required=required)
        for value in found:
            if not isinstance(value, dict):
                raise self._wrong(name, value, "object")
        return found

    def inner(self, name: str, *, required: bool = False) -> Body:
        """Return the reader of an object in this one."""
        return Body(self.mapping(name, required=required), f"{self._group}.{_capital(name)}")

    def _typed(self, name: str, kind: type, default: Any, *, required: bool) -> Any:
        value = self.given.get(name)
        if value is None:
            if required:
                raise missing(self._group, name)
            return default
        if type(value) is not kind:
            raise self._wrong(name, value, _NAMES[kind])
        if required and kind in (str, int) and not value:
            raise missing(self._group, name)
        return value

    def _wrong(self, name: str, value: object, kind: str) -> Exception:
        return bad_json(
            f"cannot unmarshal {kind_of(value)} into field {self._group}.{name} of type {kind}"
        )


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def as_truth(value: object) -> bool | None:
    """Return the truth value that a text or number stands for, None when it stands for none."""
    text = str(value) if isinstance(value, (str, int)) else ""
    return True if text in _TRUE else False if text in _FALSE else None


def as_param(value: object) -> str:
    """Return a parameter's value as text: strings as they are, other values as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def as_params(values: Object) -> dict[str, str]:
    """Return parameters with their values as text."""
    return {name: as_param(value) for name, value in values.items()}
