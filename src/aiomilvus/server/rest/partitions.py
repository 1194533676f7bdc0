"""``/partitions/…`` and ``/aliases/…``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.server.rest.call import Call, Route, asking
from aiomilvus.server.rest.shapes import has, row_count
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.results import AliasInfo, PartitionInfo


def _one(message_class: Any) -> Callable[[Call], Any]:
    return lambda call: message_class(
        db_name=call.db,
        collection_name=call.collection,
        partition_name=call.body.text("partitionName", required=True),
    )


def _several(message_class: Any) -> Callable[[Call], Any]:
    return lambda call: message_class(
        db_name=call.db,
        collection_name=call.collection,
        partition_names=call.body.texts("partitionNames", required=True),
    )


def _names(found: tuple[PartitionInfo, ...]) -> list[str]:
    return [each.name for each in found]


def _alias(message_class: Any) -> Callable[[Call], Any]:
    return lambda call: message_class(
        db_name=call.db,
        collection_name=call.collection,
        alias=call.body.text("aliasName", required=True),
    )


def _only_alias(message_class: Any) -> Callable[[Call], Any]:
    return lambda call: message_class(
        db_name=call.db, alias=call.body.text("aliasName", required=True)
    )


def _described(found: AliasInfo) -> dict[str, str]:
    return {
        "dbName": found.db or "default",
        "collectionName": found.collection,
        "aliasName": found.alias,
    }


ROUTES: tuple[Route, ...] = (
    asking(
        "/partitions/list",
        "ShowPartitions",
        lambda call: pb.ShowPartitionsRequest(db_name=call.db, collection_name=call.collection),
        _names,
    ),
    asking("/partitions/has", "HasPartition", _one(pb.HasPartitionRequest), has),
    asking(
        "/partitions/get_stats",
        "GetPartitionStatistics",
        _one(pb.GetPartitionStatisticsRequest),
        row_count,
    ),
    asking("/partitions/create", "CreatePartition", _one(pb.CreatePartitionRequest)),
    asking("/partitions/drop", "DropPartition", _one(pb.DropPartitionRequest)),
    asking("/partitions/load", "LoadPartitions", _several(pb.LoadPartitionsRequest)),
    asking("/partitions/release", "ReleasePartitions", _several(pb.ReleasePartitionsRequest)),
    asking(
        "/aliases/list",
        "ListAliases",
        lambda call: pb.ListAliasesRequest(
            db_name=call.db, collection_name=call.body.text("collectionName")
        ),
        list,
    ),
    asking("/aliases/describe", "DescribeAlias", _only_alias(pb.DescribeAliasRequest), _described),
    asking("/aliases/create", "CreateAlias", _alias(pb.CreateAliasRequest)),
    asking("/aliases/alter", "AlterAlias", _alias(pb.AlterAliasRequest)),
    asking("/aliases/drop", "DropAlias", _only_alias(pb.DropAliasRequest)),
)
