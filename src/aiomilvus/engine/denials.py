"""What a database's properties forbid: ``database.force.deny.writing`` and its like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.engine.properties import DENIALS, is_true
from aiomilvus.errors import QuotaExceededError
from aiomilvus.model.operations import (
    aliases,
    collections,
    data,
    indexes,
    loading,
    maintenance,
    partitions,
)
from aiomilvus.model.schema import DEFAULT_DATABASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.operations.base import Operation

_KINDS: dict[str, tuple[type[Any], ...]] = {
    "writing": (data.Insert, data.Upsert, data.Delete),
    "reading": (data.Search, data.HybridSearch, data.Query),
    "collectionDDL": (
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
        loading.LoadCollection,
        loading.ReleaseCollection,
        aliases.CreateAlias,
        aliases.AlterAlias,
        aliases.DropAlias,
    ),
    "partitionDDL": (
        partitions.CreatePartition,
        partitions.DropPartition,
        loading.LoadPartitions,
        loading.ReleasePartitions,
    ),
    "index": (indexes.CreateIndex, indexes.DropIndex, indexes.AlterIndexProperties),
    "flush": (maintenance.Flush,),
    "compaction": (maintenance.Compact,),
}
_KIND_OF = {operation: kind for kind, operations in _KINDS.items() for operation in operations}
_DEFINING = frozenset(_KINDS) - {"writing", "reading"}
"""All of these are what ``database.force.deny.ddl`` forbids."""


def check_allowed(operation: Operation[Any], properties: Mapping[str, str]) -> None:
    """Raise QuotaExceededError if a database with these properties forbids the operation."""
    for key, denied in DENIALS.items():
        if not is_true(properties.get(key, "")):
            continue
        kind = _KIND_OF.get(type(operation))
        if kind == denied or (denied == "ddl" and kind in _DEFINING):
            name = operation.db or DEFAULT_DATABASE
            message = f"{denied} has been disabled by the property {key} of database {name}"
            raise QuotaExceededError(message=message)
