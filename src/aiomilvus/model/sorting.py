"""Sort keys of results: a field, a direction and a place for nulls, as text and as a value."""

from __future__ import annotations

from typing import NamedTuple

from aiomilvus.errors import ParamError

_DESCENDING = {"": False, "asc": False, "ascending": False, "desc": True, "descending": True}
_NULLS_FIRST = {"": None, "nulls_first": True, "nulls_last": False}


def split_names(text: str, separator: str = ",") -> list[str]:
    """Return the parts of ``price,meta["a,b"]``, stripped; brackets and quotes hold together."""
    parts, start, depth, quote = [], 0, 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif depth and char in "\"'":
            quote = char
        elif char in "[]":
            depth += 1 if char == "[" else -1
        elif char == separator and depth <= 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]


class SortKey(NamedTuple):
    """One field to sort by.

    Attributes:
        field: Name of the field.
        descending: Whether the largest value comes first.
        nulls_first: Whether rows without a value come first; None where nothing was said, and
            then they come first in descending order only.
    """

    field: str
    descending: bool = False
    nulls_first: bool | None = None

    @classmethod
    def parse(cls, text: str) -> SortKey:
        """Return the key of ``price``, ``price:desc``, ``price:desc:nulls_last``.

        Colons within brackets, as in ``meta["a:b"]``, belong to the name.

        Raises:
            ParamError: The direction or the place of nulls is no such word.
        """
        name, *words = split_names(text, ":")
        direction, nulls = ([word.lower() for word in words] + ["", ""])[:2]
        if direction not in _DESCENDING:
            message = f"invalid order direction '{direction}' for field '{name}', must be "
            raise ParamError(message=f"{message}'asc' or 'desc': invalid parameter")
        if nulls not in _NULLS_FIRST or len(words) > 2:
            message = f"invalid null ordering '{':'.join(words[1:])}', must be "
            raise ParamError(message=f"{message}'nulls_first' or 'nulls_last': invalid parameter")
        return cls(name, _DESCENDING[direction], _NULLS_FIRST[nulls])

    @property
    def text(self) -> str:
        """The key as `parse` reads it."""
        words = [self.field, "desc" if self.descending else "asc"]
        if self.nulls_first is not None:
            words.append("nulls_first" if self.nulls_first else "nulls_last")
        return ":".join(words)
