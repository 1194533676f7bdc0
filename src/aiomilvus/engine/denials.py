"""What databases' properties forbid: ``database.force.deny.writing`` and its like.

Which of them denies an operation is one of the operation's traits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.properties import DENIALS
from aiomilvus.errors import QuotaExceededError
from aiomilvus.model.schema import DEFAULT_DATABASE
from aiomilvus.model.truths import is_true

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.engine.catalog.records import DatabaseRecord
    from aiomilvus.model.operations.base import Operation

    Databases = Mapping[str, DatabaseRecord]

_DATA = frozenset({"writing", "reading"})
"""What ``database.force.deny.ddl`` leaves alone; it forbids all else that can be forbidden."""


class Denials:
    """What is forbidden now; safe to use from any thread.

    Nearly always that is nothing, and a check is one comparison then: the databases are looked
    at only when they have changed.
    """

    def __init__(self) -> None:
        self._seen: tuple[Databases, Mapping[str, Mapping[str, str]]] = ({}, {})
        """The databases looked at last, and what each denies: the properties by what."""

    def check(self, operation: Operation[object], databases: Databases) -> None:
        """Raise QuotaExceededError if a database that the operation touches forbids it.

        Args:
            operation: What is to be done.
            databases: All there are, in a dictionary that is replaced when one changes.
        """
        seen = self._seen
        if seen[0] is not databases:
            seen = self._seen = (databases, _denied_in(databases))
        if seen[1]:
            _check(operation, seen[1])


def _denied_in(databases: Databases) -> dict[str, dict[str, str]]:
    """Return of each database that denies something which property denies what."""
    denied = {
        name: {
            what: key for key, what in DENIALS.items() if is_true(record.properties.get(key, ""))
        }
        for name, record in databases.items()
    }
    return {name: properties for name, properties in denied.items() if properties}


def _check(operation: Operation[object], denied_in: Mapping[str, Mapping[str, str]]) -> None:
    what = operation.traits.denied
    if not what:
        return
    touched = operation.databases()
    for name in denied_in if touched is None else touched:
        denied = denied_in.get(name or DEFAULT_DATABASE, {})
        by = what if what in denied or what in _DATA else "ddl"
        if by in denied:
            raise QuotaExceededError(
                message=f"{by} has been disabled by the property {denied[by]} of database "
                f"{name or DEFAULT_DATABASE}"
            )
