"""What commands print: one JSON document, or text in aligned columns."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypeAlias

    Document: TypeAlias = dict[str, Any]

_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")
_UNITS = ("B", "kB", "MB", "GB", "TB")


def print_json(value: object) -> None:
    """Print a value as one JSON document."""
    import msgspec  # noqa: PLC0415 - --help has no use for it

    encoded = msgspec.json.encode(plain(value))
    click.echo(msgspec.json.format(encoded, indent=2).decode())


def print_line(value: Document) -> None:
    """Print a JSON object on a line of its own."""
    import msgspec  # noqa: PLC0415 - --help has no use for it

    click.echo(msgspec.json.encode(value).decode())


def plain(value: object) -> Any:
    """Return a value of the client as what JSON can hold.

    Members of enumerations become their names, bytes a list of numbers, keys texts.
    """
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, bytes)):
        return [plain(each) for each in value]
    if hasattr(value, "tolist"):  # numpy's
        return plain(value.tolist())
    return value


def print_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one pair a line."""
    shown = [(name, str(value)) for name, value in pairs]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        click.echo(f"{name:<{width}}  {value}".rstrip())


def print_table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their columns' names; columns of numbers stand to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    numeric = [
        bool(cells) and all(_NUMBER.fullmatch(row[n]) for row in cells) for n in range(len(names))
    ]
    table = [list(names), *cells]
    widths = [max(len(row[n]) for row in table) for n in range(len(names))]
    for row in table:
        aligned = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        click.echo("  ".join(aligned).rstrip())


def print_rows(rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows of the client as a table; long values are cut short."""
    from aiomilvus.client.results.printing import cell  # noqa: PLC0415 - --help has no use for it

    def shown(value: object) -> str:
        return f"{value:.6g}" if isinstance(value, float) else cell(value)

    names = list(dict.fromkeys(name for row in rows for name in row))
    print_table(names, [[shown(row[n]) if n in row else "" for n in names] for row in rows])


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{count} B" if unit == 0 else f"{amount:.1f} {_UNITS[unit]}"
