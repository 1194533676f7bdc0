"""Parameters of functions that ask a model: what is wrong with them, in Milvus' words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Mapping


_KEYS = frozenset({"api_key", "credential", "integration_id"})
_ENDS = ("Left", "Right")


def nothing_left(provider: str, given: Mapping[str, Any]) -> None:
    """Raise ParamError if parameters are left that nobody took."""
    if not _KEYS.isdisjoint(given):
        refuse("keys are given to allow_model_endpoint() where the engine runs, not to functions")
    if given:
        refuse(f"{provider} has no param {min(given)!r}")


def seconds_of(given: dict[str, object], usual: float) -> float:
    """Take how long a service may take, as ``timeout_ms``.

    Raises:
        ParamError: It is no whole number above 0.
    """
    value = given.pop("timeout_ms", None)
    if value is None:
        return usual
    try:
        milliseconds = 0 if isinstance(value, bool) else int(str(value))
    except ValueError:
        milliseconds = 0
    if milliseconds < 1:
        refuse(f"timeout_ms should be a whole number above 0, got {value!r}")
    return milliseconds / 1000


def direction_of(value: object) -> str:
    """Return at which end a text that is too long is cut.

    Raises:
        ParamError: It is neither end.
    """
    name = str(value)
    if name not in _ENDS:
        refuse(f"truncation_direction {name!r} should be one of {_ENDS}")
    return name


def refuse(message: str) -> NoReturn:
    """Raise ParamError."""
    raise ParamError(message=f"{message}: invalid parameter")
