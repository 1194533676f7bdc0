"""What a database's properties forbid: ``database.force.deny.writing`` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.engine.ddl.properties import DENIALS, is_true
from aiomilvus.errors import QuotaExceededError
from aiomilvus.model.operations import aliases, collections, data, indexes, partitions
from aiomilvus.model.schema import DEFAULT_DATABASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.operations.base import Operation

_KINDS: dict[str, tuple[type[Any], ...]] = {
    "writing": (data.Insert, data.Upsert, data.Delete),
    "reading": (data.Search, data.HybridSearch, data.Query),
    "ddl": (
        collections.CreateCollection,
        collections.DropCollection,
        collections.RenameCollection,
        collections.TruncateCollection,
        collections.AlterCollectionProperties,
        collections.AlterField,
        collections.AddField,
        collections.DropField,
        collections.AddStructField,
        collections.AddFunction,
        collections.AlterFunction,
        collections.DropFunction,
        partitions.CreatePartition,
        partitions.DropPartition,
        indexes.CreateIndex,
        indexes.DropIndex,
        indexes.AlterIndexProperties,
        aliases.CreateAlias,
        aliases.AlterAlias,
        aliases.DropAlias,
    ),
}
_KIND_OF = {operation: kind for kind, operations in _KINDS.items() for operation in operations}


def check_allowed(operation: Operation[Any], properties: Mapping[str, str]) -> None:
    """Raise QuotaExceededError if a database with these properties forbids the operation."""
    for key, kind in DENIALS.items():
        if is_true(properties.get(key, "")) and _KIND_OF.get(type(operation)) == kind:
            name = operation.db or DEFAULT_DATABASE
            message = f"{kind} has been disabled by the property {key} of database {name}"
            raise QuotaExceededError(message=message)
