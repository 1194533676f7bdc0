"""What flags and arguments take: a value that is none is refused here, by the flag's own name.

Each type says what is allowed and gives an example, so that nothing odd goes as far as a call
whose message could only name Python's argument.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import os
    from typing import TypeAlias

    Vector: TypeAlias = "list[float] | list[list[float]] | dict[int, float]"
    TextType = click.ParamType[str]
    SecondsType = click.ParamType[float]
    WholeType = click.ParamType[int]
    PairType = click.ParamType[tuple[str, object]]
    VectorType = click.ParamType[Vector]
else:  # click before 8.5 has no parameters for them
    TextType = SecondsType = WholeType = PairType = VectorType = click.ParamType

INT64_END = 1 << 63
_LONGEST_SHOWN = 60


class Text(TextType):
    """A text that is not empty, as by a variable of a script that is not set."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text."""
        if not value:
            self.fail("it is empty: give a value, or leave it out", param, ctx)
        return value


class File(click.Path):
    """A path that is not empty, which would stand for the current directory."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | os.PathLike[str]:
        """Return the path."""
        if not str(value):
            self.fail("it is empty: give a path", param, ctx)
        return super().convert(value, param, ctx)


class Seconds(SecondsType):
    """A duration."""

    name = "seconds"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not 0 < seconds < math.inf:
            self.fail(f"{_shown(value)} is no number of seconds above 0, as 2.5", param, ctx)
        return seconds


class Whole(WholeType):
    """A whole number.

    Args:
        least: The smallest one allowed.
    """

    name = "integer"

    def __init__(self, least: int) -> None:
        self._least = least

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the number."""
        try:
            number = int(value)
        except ValueError:
            number = self._least - 1
        if not self._least <= number < INT64_END:
            allowed = f"a whole number from {self._least} to {INT64_END - 1}"
            self.fail(f"{_shown(str(value))} is not {allowed}", param, ctx)
        return number


class Pair(PairType):
    """A name and a value."""

    name = "name=value"

    def convert(
        self,
        value: str | tuple[str, object],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, object]:
        """Return the name, and the value as JSON has it, else as a text."""
        if isinstance(value, tuple):
            return value
        name, _, text = value.partition("=")
        if not name or not text:
            self.fail(f"{_shown(value)} is not NAME=VALUE, as ef=64", param, ctx)
        try:
            return name, json.loads(text)
        except ValueError:
            return name, text


class VectorText(VectorType):
    """A vector as JSON."""

    name = "json"

    def convert(
        self, value: str | Vector, param: click.Parameter | None, ctx: click.Context | None
    ) -> Vector:
        """Return the vector."""
        if not isinstance(value, str):
            return value
        try:
            return vector_of(value)
        except ValueError as error:
            return self.fail(str(error), param, ctx)


def vector_of(text: str) -> Vector:
    """Return the vector that a text holds as JSON.

    Raises:
        ValueError: It holds none.
    """
    try:
        value = json.loads(text)
    except ValueError:
        raise ValueError(_no_vector(text, "is not JSON")) from None
    if isinstance(value, list) and value:
        if all(map(_is_number, value)) or all(map(_is_list_of_numbers, value)):
            return value
    elif isinstance(value, dict) and all(map(_is_number, value.values())):
        sparse = {int(key): weight for key, weight in value.items() if _is_index(key)}
        if len(sparse) == len(value):
            return sparse
    raise ValueError(_no_vector(text, "is no vector"))


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit()


def _is_list_of_numbers(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False  # an int beyond what a float holds


def _no_vector(text: str, what: str) -> str:
    return (
        f"{_shown(text)} {what}: give numbers as [0.1, 0.2], a sparse vector as "
        '{"3": 0.5} with indexes from 0, or a list of vectors where the field holds lists'
    )


def _shown(text: str) -> str:
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return repr(shown)


TEXT = Text()
SECONDS = Seconds()
FILE = File(exists=True, dir_okay=False)
"""A file that is there."""
NEW_FILE = File(dir_okay=False)
"""A file that may be there."""
