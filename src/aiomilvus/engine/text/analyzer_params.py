"""Reading values out of analyzer JSON, with Milvus' errors for what does not fit.

Used by the tokenizer and filter builders of this package only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from aiomilvus.errors import NotSupportedError, ParamError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def refuse(message: str) -> NoReturn:
    """Raise the error for analyzer parameters that can't be served."""
    raise ParamError(message=f"invalid analyzer params: {message}: invalid parameter")


def not_served(message: str) -> NoReturn:
    """Raise the error for analyzer parameters that Milvus serves, and this engine does not."""
    raise NotSupportedError(message=f"analyzer params: {message}")


def check_keys(params: Mapping[str, object], allowed: Collection[str], owner: str) -> None:
    """Refuse keys of `params` outside `allowed`; `owner` names them in the message."""
    for key in params:
        if key not in allowed:
            names = ", ".join(sorted(allowed)) or "none"
            refuse(f"unknown {owner} option key: {key} (allowed: {names})")


def string(params: Mapping[str, object], key: str, owner: str) -> str:
    """Return the string at `key`, which must be there."""
    value = params.get(key)
    if not isinstance(value, str):
        refuse(f"{owner} {key} should be a string, got {value!r}")
    return value


def boolean(params: Mapping[str, object], key: str, owner: str, default: bool) -> bool:
    """Return the boolean at `key`, or `default` when there is none."""
    value = params.get(key, default)
    if not isinstance(value, bool):
        refuse(f"{owner} {key} should be a boolean, got {value!r}")
    return value


def strings(params: Mapping[str, object], key: str, owner: str) -> list[str]:
    """Return the list of strings at `key`, empty when there is none."""
    value = params.get(key, [])
    if not isinstance(value, list):
        refuse(f"{owner} {key} should be array, got {value!r}")
    for item in value:
        if not isinstance(item, str):
            refuse(f"{owner} {key} list item should be string, got {item!r}")
    return list(value)


def unsigned(params: Mapping[str, object], key: str, owner: str) -> int | None:
    """Return the whole number ≥ 0 at `key`, or None when there is none."""
    value = params.get(key)
    if value is None and key not in params:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        refuse(f"{owner} {key} should be an unsigned integer, got {value!r}")
    return value
