"""Parameters of functions that ask a model: what is wrong with them, in Milvus' words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Mapping


def nothing_left(provider: str, given: Mapping[str, Any]) -> None:
    """Raise ParamError if parameters are left that nobody took."""
    if "api_key" in given or "credential" in given:
        refuse("keys are given to allow_model_endpoint() where the engine runs, not to functions")
    if given:
        refuse(f"{provider} has no param {min(given)!r}")


def refuse(message: str) -> NoReturn:
    """Raise ParamError."""
    raise ParamError(message=f"{message}: invalid parameter")
