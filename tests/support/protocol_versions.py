"""Which version of Milvus knows which field: the table that `tools.protocol_versions` writes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor import Descriptor

VERSIONS = ("2.4", "2.5", "2.6", "3.0")
_TABLE = Path(__file__).with_name("protocol_versions.txt")
_ROOT = "milvus.proto."


class Known(NamedTuple):
    """A field as some versions have it.

    Attributes:
        number: Of the field.
        kind: Its type, in brackets if there may be several.
        since: The first version.
        until: The last one.
    """

    number: int
    kind: str
    since: str
    until: str


@cache
def known_fields() -> dict[str, list[Known]]:
    """Return the fields by message and name, more than one where a version changed it."""
    found: dict[str, list[Known]] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        message, field, number, kind, span = line.split(" ")
        since, _, until = span.partition("-")
        entry = Known(int(number), kind, since, until or VERSIONS[-1])
        found.setdefault(f"{message}.{field}", []).append(entry)
    return found


def message_name(descriptor: Descriptor) -> str:
    """Return a message's name as the table has it."""
    return str(descriptor.full_name).removeprefix(_ROOT)


def fields_in(message: Any) -> Iterator[str]:
    """Yield the names of all fields that a message has a value in, and those within it."""
    for field, value in message.ListFields():
        yield f"{message_name(message.DESCRIPTOR)}.{field.name}"
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            values = [value[key] for key in value]
        elif hasattr(value, "ListFields"):
            values = [value]
        else:
            values = list(value)
        for each in values:
            if hasattr(each, "ListFields"):
                yield from fields_in(each)
