"""Collections: create, describe, list, count, drop."""

from __future__ import annotations

from typing import Any

from aiomilvus.model.operations import collections as ops
from aiomilvus.model.results import CollectionInfo
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.codec.schema import read_schema, write_schema
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.partitions import read_statistics, write_statistics
from aiomilvus.wire.table.route import Route, nothing, only_status, parse


def _write_create(op: ops.CreateCollection, _schema: object) -> Any:
    message = pb.CreateCollectionRequest(
        db_name=op.db,
        collection_name=op.collection,
        schema=write_schema(op.schema, op.collection).SerializeToString(),
        shards_num=op.num_shards,
        consistency_level=op.consistency,
        num_partitions=op.num_partitions,
    )
    write_pairs(message.properties, op.properties)
    return message


def _read_create(m: pb.CreateCollectionRequest, _schema: object) -> Any:
    schema = parse(pb.CollectionSchema, m.schema)
    return ops.CreateCollection(
        db=m.db_name,
        collection=m.collection_name,
        schema=read_schema(schema),
        num_shards=m.shards_num or 1,
        consistency=m.consistency_level,
        num_partitions=m.num_partitions,
        properties=read_pairs(m.properties),
    )


def _named(message_class: Any) -> Any:
    return lambda op, _schema: message_class(db_name=op.db, collection_name=op.collection)


def _read_named(operation: Any) -> Any:
    return lambda m, _schema: operation(db=m.db_name, collection=m.collection_name)


def write_description(found: CollectionInfo) -> pb.DescribeCollectionResponse:
    """Return the reply that describes a collection."""
    message = pb.DescribeCollectionResponse(
        status=pb.Status(),
        schema=write_schema(found.schema, found.name, found.db),
        collectionID=found.id,
        created_timestamp=found.created_timestamp,
        created_utc_timestamp=found.created_timestamp >> 18,
        update_timestamp=found.updated_timestamp,
        update_timestamp_str=str(found.updated_timestamp),
        shards_num=found.num_shards,
        aliases=found.aliases,
        consistency_level=found.consistency,
        collection_name=found.name,
        db_name=found.db,
        num_partitions=found.num_partitions,
    )
    write_pairs(message.properties, found.properties)
    return message


def read_description(m: pb.DescribeCollectionResponse) -> CollectionInfo:
    """Return the description in a reply."""
    properties = read_pairs(m.properties)
    return CollectionInfo(
        name=m.collection_name or m.schema.name,
        db=m.db_name,
        id=m.collectionID,
        schema=read_schema(m.schema).in_zone(properties.get("timezone", "")),
        created_timestamp=m.created_timestamp,
        updated_timestamp=m.update_timestamp,
        aliases=tuple(m.aliases),
        properties=properties,
        consistency=m.consistency_level,
        num_shards=m.shards_num,
        num_partitions=m.num_partitions,
    )


def _write_names(found: tuple[str, ...], _op: object, _schema: object) -> Any:
    return pb.ShowCollectionsResponse(status=pb.Status(), collection_names=found)


def _write_rename(op: ops.RenameCollection, _schema: object) -> Any:
    return pb.RenameCollectionRequest(
        db_name=op.db, oldName=op.collection, newName=op.new_name, newDBName=op.new_db
    )


def _read_rename(m: pb.RenameCollectionRequest, _schema: object) -> Any:
    return ops.RenameCollection(
        db=m.db_name, collection=m.oldName, new_name=m.newName, new_db=m.newDBName
    )


def _write_alter(op: ops.AlterCollectionProperties, _schema: object) -> Any:
    message = pb.AlterCollectionRequest(
        db_name=op.db, collection_name=op.collection, delete_keys=op.drop
    )
    write_pairs(message.properties, op.properties)
    return message


def _read_alter(m: pb.AlterCollectionRequest, _schema: object) -> Any:
    return ops.AlterCollectionProperties(
        db=m.db_name,
        collection=m.collection_name,
        properties=read_pairs(m.properties),
        drop=tuple(m.delete_keys),
    )


ROUTES = (
    Route(
        operation=ops.CreateCollection,
        name="CreateCollection",
        request=_write_create,
        read_request=_read_create,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.DropCollection,
        name="DropCollection",
        request=_named(pb.DropCollectionRequest),
        read_request=_read_named(ops.DropCollection),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.DescribeCollection,
        name="DescribeCollection",
        request=_named(pb.DescribeCollectionRequest),
        read_request=_read_named(ops.DescribeCollection),
        reply=lambda found, _op, _schema: write_description(found),
        read_reply=lambda m, _op, _schema: read_description(m),
        repeatable=True,
    ),
    Route(
        operation=ops.ListCollections,
        name="ShowCollections",
        request=lambda op, _schema: pb.ShowCollectionsRequest(db_name=op.db),
        read_request=lambda m, _schema: ops.ListCollections(db=m.db_name),
        reply=_write_names,
        read_reply=lambda m, _op, _schema: tuple(m.collection_names),
        repeatable=True,
    ),
    Route(
        operation=ops.RenameCollection,
        name="RenameCollection",
        request=_write_rename,
        read_request=_read_rename,
        reply=only_status,
        read_reply=nothing,
        repeatable=False,
    ),
    Route(
        operation=ops.TruncateCollection,
        name="TruncateCollection",
        request=_named(pb.TruncateCollectionRequest),
        read_request=_read_named(ops.TruncateCollection),
        reply=lambda _found, _op, _schema: pb.TruncateCollectionResponse(status=pb.Status()),
        read_reply=nothing,
        repeatable=False,
    ),
    Route(
        operation=ops.CollectionStatistics,
        name="GetCollectionStatistics",
        request=_named(pb.GetCollectionStatisticsRequest),
        read_request=_read_named(ops.CollectionStatistics),
        reply=lambda found, _op, _schema: write_statistics(
            pb.GetCollectionStatisticsResponse(), found
        ),
        read_reply=read_statistics,
        repeatable=True,
    ),
    Route(
        operation=ops.AlterCollectionProperties,
        name="AlterCollection",
        request=_write_alter,
        read_request=_read_alter,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
)
