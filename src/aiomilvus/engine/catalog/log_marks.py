"""How long each collection's log was when it was last closed.

A log only grows, so what it held then it must hold for ever: a shorter one, or a missing one, is
damage that could not be told from a torn write otherwise. The marks are rows of the catalog's
`facts`, which older versions leave alone, and which stay true whatever these append.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.engine.catalog.catalog import Catalog

_NAME = re.compile(r"log (\d+) (\d+)")


class LogMark(NamedTuple):
    """A log as it was.

    Attributes:
        number: Of the log.
        size: Its bytes.
    """

    number: int
    size: int


def stored_marks(catalog: Catalog) -> dict[int, LogMark]:
    """Return the marks by the ids of their collections."""
    named = ((_NAME.fullmatch(name), value) for name, value in catalog.facts().items())
    return {int(m[1]): LogMark(int(m[2]), value) for m, value in named if m is not None}


def store_marks(catalog: Catalog, known: Mapping[int, LogMark | None]) -> None:
    """Replace all marks, in one transaction, if they differ.

    Args:
        catalog: Where they are stored.
        known: The mark of each collection; None for one whose log nobody is certain of, which
            keeps its older mark.

    Raises:
        StorageError: The disk refused; the older marks, which are as true, stay.
    """
    before = stored_marks(catalog)
    latest = ((owner, mark or before.get(owner)) for owner, mark in known.items())
    marks = {owner: mark for owner, mark in latest if mark is not None}
    if before == marks:
        return
    with catalog.transaction():
        for owner, mark in before.items():
            if marks.get(owner) != mark:
                catalog.drop_fact(f"log {owner} {mark.number}")
        for owner, mark in marks.items():
            if before.get(owner) != mark:
                catalog.put_fact(f"log {owner} {mark.number}", mark.size)
