"""Parameters that SDKs write in their own ways: JSON inside strings, Python's True and False."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import ParamError
from aiomilvus.model.json_text import decode_json
from aiomilvus.model.plain import as_text

_WORDS = {"true": True, "false": False, "none": None, "null": None, "": None}


def unfold(params: dict[str, str]) -> dict[str, str]:
    """Return index parameters with what stands in ``params`` (JSON) laid beside the rest.

    Raises:
        ParamError: ``params`` is no JSON object.
    """
    folded = params.get("params")
    if folded is None:
        return params
    inner = read_object(folded, "params")
    rest = {key: value for key, value in params.items() if key != "params"}
    return {**{key: as_text(value) for key, value in inner.items()}, **rest}


def read_object(text: str, what: str) -> dict[str, Any]:
    """Return the JSON object that `text` is; {} for "".

    Raises:
        ParamError: It is none.
    """
    if not text:
        return {}
    found = decode_json(text, what)
    if not isinstance(found, dict):
        raise ParamError(message=f"{what} should be a JSON object, but got {text[:200]!r}")
    return found


def read_flag(text: str) -> bool:
    """Return the truth of ``True``, ``true``, ``1``; all else is false."""
    return text.strip().lower() in ("true", "1")


def is_given(params: dict[str, str], name: str) -> bool:
    """Return whether a parameter is there and says something."""
    return params.get(name, "").lower() not in ("", "none", "null")


def read_whole(params: dict[str, str], name: str, default: int) -> int:
    """Return a whole number among parameters.

    Raises:
        ParamError: It is none.
    """
    if not is_given(params, name):
        return default
    text = params[name]
    try:
        return int(text)
    except ValueError:
        raise ParamError(
            message=f"{name} [{text}] is invalid, it should be a whole number: invalid parameter"
        ) from None


def read_real(value: object, name: str) -> float | None:
    """Return a number that may come as text; None for none.

    Raises:
        ParamError: It is no number.
    """
    if value is None or (isinstance(value, str) and value.lower() in _WORDS):
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # other types raise, as they should
    except (TypeError, ValueError):
        raise ParamError(
            message=f"{name} [{value}] is invalid, it should be a number: invalid parameter"
        ) from None


def read_name(text: str) -> str:
    """Return a name that some SDKs send in JSON quotes."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return text
