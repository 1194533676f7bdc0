"""Databases, and who serves them."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import MilvusException
from aiomilvus.model.operations import databases as ops
from aiomilvus.model.results import DatabaseInfo, ServerInfo
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status


def _write_create(op: ops.CreateDatabase, _schema: object) -> Any:
    message = pb.CreateDatabaseRequest(db_name=op.db)
    write_pairs(message.properties, op.properties)
    return message


def _write_alter(op: ops.AlterDatabaseProperties, _schema: object) -> Any:
    message = pb.AlterDatabaseRequest(db_name=op.db, delete_keys=op.drop)
    write_pairs(message.properties, op.properties)
    return message


def _write_description(found: DatabaseInfo, _op: object, _schema: object) -> Any:
    message = pb.DescribeDatabaseResponse(
        status=pb.Status(),
        db_name=found.name,
        dbID=found.id,
        created_timestamp=found.created_timestamp,
    )
    write_pairs(message.properties, found.properties)
    return message


def _read_description(m: pb.DescribeDatabaseResponse, _op: object, _schema: object) -> Any:
    return DatabaseInfo(
        id=m.dbID,
        name=m.db_name,
        created_timestamp=m.created_timestamp,
        properties=read_pairs(m.properties),
    )


def _write_list(
    found: dict[str, DatabaseInfo], _op: object, _schema: object
) -> pb.ListDatabasesResponse:
    return pb.ListDatabasesResponse(
        status=pb.Status(),
        db_names=found,
        created_timestamp=[each.created_timestamp for each in found.values()],
        db_ids=[each.id for each in found.values()],
    )


def _read_list(
    m: pb.ListDatabasesResponse, _op: object, _schema: object
) -> dict[str, DatabaseInfo]:
    names = list(m.db_names)
    created = list(m.created_timestamp) or [0] * len(names)  # older servers give names alone
    numbers = list(m.db_ids) or [0] * len(names)
    if not len(names) == len(created) == len(numbers):
        raise MilvusException(message="malformed list of databases")
    return {
        name: DatabaseInfo(id=number, name=name, created_timestamp=time)
        for name, number, time in zip(names, numbers, created, strict=True)
    }


def _write_info(found: ServerInfo, _op: object, _schema: object) -> Any:
    return pb.GetVersionResponse(status=pb.Status(), version=found.version)


ROUTES = (
    Route(
        operation=ops.CreateDatabase,
        name="CreateDatabase",
        request=_write_create,
        read_request=lambda m, _schema: ops.CreateDatabase(
            db=m.db_name, properties=read_pairs(m.properties)
        ),
        reply=only_status,
        read_reply=nothing,
        repeatable=False,
    ),
    Route(
        operation=ops.DropDatabase,
        name="DropDatabase",
        request=lambda op, _schema: pb.DropDatabaseRequest(db_name=op.db),
        read_request=lambda m, _schema: ops.DropDatabase(db=m.db_name),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.ListDatabases,
        name="ListDatabases",
        request=lambda _op, _schema: pb.ListDatabasesRequest(),
        read_request=lambda _m, _schema: ops.ListDatabases(),
        reply=_write_list,
        read_reply=_read_list,
        repeatable=True,
    ),
    Route(
        operation=ops.DescribeDatabase,
        name="DescribeDatabase",
        request=lambda op, _schema: pb.DescribeDatabaseRequest(db_name=op.db),
        read_request=lambda m, _schema: ops.DescribeDatabase(db=m.db_name),
        reply=_write_description,
        read_reply=_read_description,
        repeatable=True,
    ),
    Route(
        operation=ops.AlterDatabaseProperties,
        name="AlterDatabase",
        request=_write_alter,
        read_request=lambda m, _schema: ops.AlterDatabaseProperties(
            db=m.db_name, properties=read_pairs(m.properties), drop=tuple(m.delete_keys)
        ),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.GetServerInfo,
        name="GetVersion",
        request=lambda _op, _schema: pb.GetVersionRequest(),
        read_request=lambda _m, _schema: ops.GetServerInfo(),
        reply=_write_info,
        read_reply=lambda m, _op, _schema: ServerInfo(version=m.version),
        repeatable=True,
    ),
    Route(
        operation=ops.AllocTimestamp,
        name="AllocTimestamp",
        request=lambda _op, _schema: pb.AllocTimestampRequest(),
        read_request=lambda _m, _schema: ops.AllocTimestamp(),
        reply=lambda found, _op, _schema: pb.AllocTimestampResponse(
            status=pb.Status(), timestamp=found
        ),
        read_reply=lambda m, _op, _schema: m.timestamp,
        repeatable=True,
    ),
)
