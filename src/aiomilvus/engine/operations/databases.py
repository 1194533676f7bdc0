"""Databases, and who serves them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.catalog.records import DatabaseRecord
from aiomilvus.engine.names import check_database_name
from aiomilvus.engine.operations.snapshots import drop_all as drop_snapshots_of
from aiomilvus.engine.properties import check_unencrypted, check_values
from aiomilvus.errors import (
    DatabaseLimitError,
    MilvusException,
    ParamError,
)
from aiomilvus.model.results import (
    DatabaseInfo,
    ServerInfo,
)
from aiomilvus.model.schema import DEFAULT_DATABASE
from aiomilvus.version import __version__

if TYPE_CHECKING:
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import databases

MAX_DATABASES = 64


def create_database(database: DatabaseState, op: databases.CreateDatabase) -> None:
    """Create a database."""
    check_database_name(op.db)
    check_values(op.properties)
    check_unencrypted(op.properties)
    with database.ddl:
        if op.db in database.names.databases:
            raise MilvusException(65535, f"database already exist: {op.db}")
        if len(database.names.databases) >= MAX_DATABASES:
            message = f"database number ({MAX_DATABASES}) exceeds max configuration"
            raise DatabaseLimitError(message=message)
        record = DatabaseRecord(
            id=database.catalog.next_id(),
            name=op.db,
            created=database.clock.next(),
            properties=op.properties,
        )
        database.names.put_database(record)


def drop_database(database: DatabaseState, op: databases.DropDatabase) -> None:
    """Drop an empty database; one that does not exist is a success."""
    check_database_name(op.db)
    with database.ddl:
        record = database.names.databases.get(op.db)
        if record is None:
            return
        if op.db == DEFAULT_DATABASE:
            raise ParamError(message="can not drop default database: invalid parameter")
        if database.names.collections_in(op.db):
            message = f"{op.db} not empty, must drop all collections before drop database"
            raise MilvusException(65535, message)
        drop_snapshots_of(database, record.id)
        database.names.drop_database(record)


def list_databases(
    database: DatabaseState,
    op: databases.ListDatabases,  # noqa: ARG001 - as all handlers
) -> dict[str, DatabaseInfo]:
    """List the databases."""
    return {
        name: DatabaseInfo(id=record.id, name=name, created_timestamp=record.created)
        for name, record in database.names.databases.items()
    }


def describe_database(database: DatabaseState, op: databases.DescribeDatabase) -> DatabaseInfo:
    """Describe a database."""
    record = database.names.database(op.db)
    return DatabaseInfo(
        id=record.id,
        name=record.name,
        created_timestamp=record.created,
        properties=record.properties,
    )


def alter_database(database: DatabaseState, op: databases.AlterDatabaseProperties) -> None:
    """Set and drop properties of a database."""
    with database.ddl:
        record = database.names.database(op.db)
        kept = {k: v for k, v in record.properties.items() if k not in op.drop}
        check_values(op.properties)
        check_unencrypted(op.properties)
        properties = {**kept, **op.properties}
        database.names.put_database(msgspec.structs.replace(record, properties=properties))
        for number in database.names.collections_in(op.db).values():
            database.collections[number].inherit(properties)


def server_info(database: DatabaseState, op: databases.GetServerInfo) -> ServerInfo:  # noqa: ARG001 - as all handlers
    """Return who answers."""
    role = database.role
    told = {"process": str(os.getpid()), "role": role} if role else {}
    return ServerInfo(version=__version__, kind="aiomilvus", extra=told)


def alloc_timestamp(database: DatabaseState, op: databases.AllocTimestamp) -> int:  # noqa: ARG001 - as all handlers
    """Return a fresh hybrid timestamp."""
    return database.clock.next()
