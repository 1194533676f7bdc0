"""What a database's ``database.force.deny.*`` forbids, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus.engine.catalog.records import DatabaseRecord
from aiomilvus.engine.denials import Denials
from aiomilvus.engine.properties import DENIED
from aiomilvus.errors import QuotaExceededError
from aiomilvus.model.operations.aliases import CreateAlias
from aiomilvus.model.operations.collections import (
    AddField,
    CreateCollection,
    DescribeCollection,
    RenameCollection,
)
from aiomilvus.model.operations.data import (
    Delete,
    Explain,
    HybridSearch,
    Insert,
    Query,
    Search,
    Upsert,
)
from aiomilvus.model.operations.databases import AlterDatabaseProperties
from aiomilvus.model.operations.indexes import AlterIndexProperties, CreateIndex
from aiomilvus.model.operations.loading import LoadCollection, LoadPartitions
from aiomilvus.model.operations.maintenance import Compact, Flush, FlushAll
from aiomilvus.model.operations.partitions import CreatePartition
from aiomilvus.model.operations.snapshots import (
    CreateSnapshot,
    DropSnapshot,
    ListSnapshots,
    RestoreSnapshot,
    UnpinSnapshot,
)
from tests.support.operations import all_operations, one_of

if TYPE_CHECKING:
    from aiomilvus.model.operations.base import Operation

EXAMPLES: dict[str, tuple[type[Operation[Any]], ...]] = {
    "writing": (Insert, Upsert, Delete),
    "reading": (Query, Search, HybridSearch, Explain),
    "collectionDDL": (
        CreateCollection,
        RenameCollection,
        AddField,
        CreateAlias,
        LoadCollection,
        CreateSnapshot,
        DropSnapshot,
        RestoreSnapshot,
        UnpinSnapshot,
    ),
    "partitionDDL": (CreatePartition, LoadPartitions),
    "index": (CreateIndex, AlterIndexProperties),
    "flush": (Flush, FlushAll),
    "compaction": (Compact,),
    "": (DescribeCollection, ListSnapshots, AlterDatabaseProperties),
}


def databases(**properties: dict[str, str]) -> dict[str, DatabaseRecord]:
    return {
        name: DatabaseRecord(id=number, name=name, created=1, properties=given)
        for number, (name, given) in enumerate(properties.items())
    }


def is_denied(operation: Operation[Any], known: dict[str, DatabaseRecord]) -> bool:
    try:
        Denials().check(operation, known)
    except QuotaExceededError:
        return True
    return False


@pytest.mark.parametrize("denied", DENIED)
def test_a_property_forbids_its_own_kind_and_ddl_all_definitions(denied: str) -> None:
    known = databases(d={f"database.force.deny.{denied}": "true"}, other={})
    for kind, operations in EXAMPLES.items():
        forbidden = kind == denied or (denied == "ddl" and kind not in ("", "writing", "reading"))
        for operation in operations:
            assert is_denied(one_of(operation, db="d"), known) is forbidden, operation


@pytest.mark.parametrize("operation", all_operations())
def test_every_operation_is_denied_by_its_trait_and_by_nothing_else(
    operation: type[Operation[Any]],
) -> None:
    everything = {f"database.force.deny.{each}": "true" for each in DENIED}
    assert is_denied(one_of(operation, db="d"), databases(d=everything)) is bool(
        operation.traits.denied
    )
    assert not is_denied(one_of(operation, db="d"), databases(d={"timezone": "UTC"}))
    wide = operation is FlushAll
    assert is_denied(one_of(operation, db="d"), databases(d={}, other=everything)) is wide


def test_what_touches_two_databases_is_denied_by_either() -> None:
    known = databases(default={}, closed={"database.force.deny.collectionDDL": "true"})
    for operation in (
        RenameCollection(collection="c", new_name="e", new_db="closed"),
        RenameCollection(db="closed", collection="c", new_name="e", new_db="default"),
        RestoreSnapshot(collection="c", name="s", target="e", target_db="closed"),
        RestoreSnapshot(db="closed", collection="c", name="s", target="e"),
    ):
        assert is_denied(operation, known)
    assert not is_denied(RenameCollection(collection="c", new_name="e"), known)


def test_the_error_names_what_the_property_and_the_database() -> None:
    known = databases(default={"database.force.deny.ddl": "true"})
    message = "ddl has been disabled by the property database.force.deny.ddl of database default"
    with pytest.raises(QuotaExceededError, match=message) as caught:
        Denials().check(FlushAll(), known)
    assert caught.value.code == 9


def test_changed_properties_count_at_once() -> None:
    denials = Denials()
    denials.check(Flush(db="d", collection="c"), databases(d={}))
    with pytest.raises(QuotaExceededError):
        denials.check(
            Flush(db="d", collection="c"), databases(d={"database.force.deny.flush": "true"})
        )
    denials.check(Flush(db="d", collection="c"), databases(d={}))
