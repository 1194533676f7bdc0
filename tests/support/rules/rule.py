"""Filters with their meaning for one row of plain Python values, and terms with their value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
LIMIT = 2**63


class Rule(NamedTuple):
    """A filter, and its meaning for one row."""

    text: str
    holds: Callable[[Row], bool | None]


class Term(NamedTuple):
    """A value read from a row, and its text; None is UNKNOWN."""

    text: str
    of: Callable[[Row], Any]
