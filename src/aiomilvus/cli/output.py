"""What commands print: JSON, and the sizes of files. Tables are in `tables`."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from typing import TypeAlias

    Document: TypeAlias = dict[str, Any]

_CONTROLS = re.compile("[\x7f-\x9f]")
"""Control characters that JSON allows in texts as they are, and a terminal obeys."""
_UNITS = ("B", "kB", "MB", "GB", "TB")


def print_json(value: object) -> None:
    """Print a value as one JSON document."""
    import msgspec  # noqa: PLC0415 - --help has no use for it

    encoded = msgspec.json.encode(plain(value))
    click.echo(_escaped(msgspec.json.format(encoded, indent=2).decode()))


def print_line(value: Document) -> None:
    """Print a JSON object on a line of its own."""
    import msgspec  # noqa: PLC0415 - --help has no use for it

    click.echo(_escaped(msgspec.json.encode(value).decode()))


def _escaped(document: str) -> str:
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


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


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{count} B" if unit == 0 else f"{amount:.1f} {_UNITS[unit]}"
