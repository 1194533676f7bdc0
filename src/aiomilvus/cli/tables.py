"""Rows in aligned columns: what would disturb the lines is escaped, a terminal's width is kept.

Only on a terminal are values cut and columns left out; in a file or a pipe each row is whole.
"""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")
_UNKNOWN = 80
"""Columns of a terminal that does not tell its width."""
_DISTURBING = re.compile(
    # Control characters, what ends a line or turns its direction, halves of surrogate pairs.
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_GAP = "  "
_CUT = "…"
_NARROWEST = 8
"""A column of texts is made no narrower than this many characters."""


class _Column(NamedTuple):
    """The cells below a name, and the least width that the column can be shown in."""

    cells: list[str]
    least: int
    width: int
    is_numeric: bool


def print_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one pair a line."""
    shown = [(name, visible(str(value))) for name, value in pairs]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        click.echo(f"{name:<{width}}  {value}".rstrip())


def print_table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their columns' names; columns of numbers stand to the right."""
    lines, left_out = table(names, rows, _room())
    for line in lines:
        click.echo(line)
    if left_out:
        what = "a column is" if len(left_out) == 1 else f"{len(left_out)} columns are"
        click.echo(
            f"{what} left out, because the terminal is too narrow: {', '.join(left_out)}", err=True
        )


def print_rows(rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows of the client as a table; long values are cut short."""
    from aiomilvus.client.results.printing import cell  # noqa: PLC0415 - --help has no use for it

    names = list(dict.fromkeys(name for row in rows for name in row))
    shown = [[cell(row[n], short=True) if n in row else "" for n in names] for row in rows]
    print_table(names, shown)


def table(
    names: Sequence[str], rows: Iterable[Sequence[object]], room: int | None
) -> tuple[list[str], list[str]]:
    """Return the lines of a table.

    Args:
        names: Of the columns.
        rows: A value for each column; a list is shown as its values with commas between them.
        room: Characters that a line may take, None for any number. The widest columns of texts
            are cut first; columns that find no room then are left out, the last ones first.

    Returns:
        The lines, the names among them, and the names of the columns that are left out.
    """
    heads = [visible(name) for name in names]
    cells = [[visible(_text(value)) for value in row] for row in rows]
    columns = [_column(head, [row[n] for row in cells]) for n, head in enumerate(heads)]
    kept = len(columns) if room is None else _fitting(columns, room)
    widths = [column.width for column in columns[:kept]]
    if room is not None:
        widths = _narrowed(columns[:kept], room)
    shown = [
        [_padded(cell, width, right=column.is_numeric) for cell in column.cells]
        for column, width in zip(columns, widths, strict=False)
    ]
    return [_GAP.join(line).rstrip() for line in zip(*shown, strict=True)], heads[kept:]


def visible(text: str, *, kept: str = "") -> str:
    r"""Return a text with what a terminal would obey, as an escape sequence, written out.

    Args:
        text: Any text, as `a\x1b[31mb`.
        kept: Characters that stay as they are.
    """

    def escaped(found: re.Match[str]) -> str:
        character = found[0]
        return character if character in kept else repr(character)[1:-1]

    return _DISTURBING.sub(escaped, text)


def _room() -> int | None:
    if not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size().columns or _UNKNOWN  # Python 3.10 tells 0 where it can't know


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _column(head: str, cells: list[str]) -> _Column:
    is_numeric = bool(cells) and all(map(_NUMBER.fullmatch, cells))
    width = max(map(_width, [head, *cells]))
    # A number that is cut looks like another number.
    least = width if is_numeric else min(width, max(_NARROWEST, _width(head)))
    return _Column([head, *cells], least, width, is_numeric)


def _fitting(columns: list[_Column], room: int) -> int:
    """Return how many columns have room beside each other, the first one always."""
    used = -len(_GAP)
    for count, column in enumerate(columns):
        used += len(_GAP) + column.least
        if used > room and count:
            return count
    return len(columns)


def _narrowed(columns: list[_Column], room: int) -> list[int]:
    """Return the widths that fit, the widest column having given most."""
    widths = [max(column.least, min(column.width, room)) for column in columns]
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - room
    while over > 0:
        spare = [n for n, column in enumerate(columns) if widths[n] > column.least]
        if not spare:
            break
        widths[max(spare, key=widths.__getitem__)] -= 1
        over -= 1
    return [min(width, room) for width in widths]


def _padded(cell: str, width: int, *, right: bool) -> str:
    shown = _cut(cell, width)
    space = " " * (width - _width(shown))
    return space + shown if right else shown + space


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    used = 0
    for at, character in enumerate(text):
        used += _width(character)
        if used > width - len(_CUT):
            return text[:at] + _CUT
    return text


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_width_of, text))


def _width_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("F", "W") else 1
