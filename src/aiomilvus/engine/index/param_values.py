"""Values of index parameters: whole numbers, shares, truth values and choices, in Milvus' words."""

from __future__ import annotations

import math
from typing import NamedTuple, NoReturn

from aiomilvus.errors import ParamError


class Whole(NamedTuple):
    """A whole number: name, least and most value, default."""

    name: str
    least: int
    most: int
    default: int


class Share(NamedTuple):
    """A number: name, least and most value, default."""

    name: str
    least: float
    most: float
    default: float


def truth(name: str, given: object) -> bool:
    """Return `given` as a truth value.

    Raises:
        ParamError: It is neither true nor false.
    """
    value = str(given).strip().lower()
    if value not in ("true", "false"):
        raise ParamError(message=f"param '{name}' ({given}) should be a boolean: invalid parameter")
    return value == "true"


def choice(name: str, given: object, allowed: tuple[str, ...]) -> str:
    """Return the one of `allowed` that `given` spells, in any letter case.

    Raises:
        ParamError: It is none of them.
    """
    value = {each.upper(): each for each in allowed}.get(str(given).upper())
    if value is None:
        raise ParamError(
            message=f"invalid {name}: {given}, optional types are [{', '.join(allowed)}]"
            ": invalid parameter"
        )
    return value


def whole(number: Whole, given: object) -> int:
    """Return `given` as an int within range, the default for None.

    Raises:
        ParamError: It is no whole number, or out of range.
    """
    if given is None:
        return number.default
    try:
        value = int(given) if isinstance(given, (str, int)) else _refuse(number, given)
    except ValueError:
        _refuse(number, given)
    if isinstance(given, bool) or not number.least <= value <= number.most:
        _refuse(number, given)
    return value


def _refuse(number: Whole | Share, given: object) -> NoReturn:
    raise ParamError(
        message=f"param '{number.name}' ({given}) should be in range [{number.least}, "
        f"{number.most}]: invalid parameter"
    )


def share(number: Share, given: object) -> float:
    """Return `given` as a float within range, the default for None.

    Raises:
        ParamError: It is no number, or out of range.
    """
    if given is None:
        return number.default
    try:
        value = math.nan if isinstance(given, bool) else float(str(given))
    except ValueError:
        value = math.nan
    if not number.least <= value <= number.most:
        _refuse(number, given)
    return value
