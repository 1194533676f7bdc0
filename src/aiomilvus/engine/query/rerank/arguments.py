"""Parameters of rerank functions, which come as Python values or, over the wire, as text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

from aiomilvus.errors import ParamError
from aiomilvus.model.json_text import decode_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TRUE = ("1", "t", "true")
_FALSE = ("0", "f", "false")


def invalid(message: str) -> NoReturn:
    """Raise ParamError with Milvus' ending."""
    raise ParamError(message=f"{message}: invalid parameter")


def lowered(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters by lower-case name, as Milvus reads them."""
    return {str(name).lower(): value for name, value in params.items()}


def check_names(what: str, params: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise ParamError for a parameter that `allowed` does not name."""
    known = sorted(allowed)
    for name in params:
        if name not in known:
            invalid(f"{what} has no param {name!r}, should be one of {known}")


def number(value: Any, name: str) -> float:
    """Return a finite number, given as one or as text.

    Raises:
        ParamError: It is none.
    """
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        invalid(f"{name}: {value} is not a number")
    return found


def truth(value: Any, name: str) -> bool:
    """Return a truth value, given as one or as text.

    Raises:
        ParamError: It is none.
    """
    text = str(value).strip().lower()
    if text not in _TRUE and text not in _FALSE:
        invalid(f"the type of rank param {name} should be bool, got {value!r}")
    return text in _TRUE


def decoded(value: Any, name: str, kind: type[Any]) -> Any:
    """Return a list or dict, given as one or as JSON text.

    Raises:
        ParamError: It is none.
    """
    if isinstance(value, str):
        try:
            value = decode_json(value, name)
        except ParamError as error:
            invalid(f"failed to parse {name}: {error.message}")
    value = list(value) if isinstance(value, tuple) else value
    if not isinstance(value, kind):
        invalid(f"{name} should be a {kind.__name__}, got {value!r}")
    return value
