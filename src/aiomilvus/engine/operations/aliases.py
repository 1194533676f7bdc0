"""Aliases: other names of collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.names import check_name
from aiomilvus.errors import (
    AliasAlreadyExistsError,
    AliasConflictError,
    AliasNotExistException,
)
from aiomilvus.model.results import (
    AliasInfo,
)
from aiomilvus.model.schema import DEFAULT_DATABASE

if TYPE_CHECKING:
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import aliases


def create_alias(database: DatabaseState, op: aliases.CreateAlias) -> None:
    """Let an alias stand for a collection."""
    check_name(op.alias, "collection alias")
    with database.ddl:
        collection = database.collection(op.db, op.collection)
        _refuse_conflict(database, op.db, op.alias)
        target = database.names.alias_target(op.db, op.alias)
        if target is not None and target != collection.record.id:
            other = database.collections[target].record.name
            message = f"{op.alias} is alias to another collection: {other}: alias already exist"
            message += f"[database={op.db or DEFAULT_DATABASE}][alias={op.alias}]"
            raise AliasAlreadyExistsError(message=message)
        collection.check_writable()
        database.names.set_alias(op.db, op.alias, collection.record.id)


def _refuse_conflict(database: DatabaseState, db: str, alias: str) -> None:
    if database.names.is_collection(db, alias):
        message = (
            f"alias and collection name conflict[database={db or DEFAULT_DATABASE}][alias={alias}]"
        )
        raise AliasConflictError(message=message)


def _alias_not_found(db: str, alias: str) -> AliasNotExistException:
    message = f"alias not found[database={db or DEFAULT_DATABASE}][alias={alias}]"
    return AliasNotExistException(message=message)


def alter_alias(database: DatabaseState, op: aliases.AlterAlias) -> None:
    """Point an alias to another collection."""
    check_name(op.alias, "collection alias")
    with database.ddl:
        collection = database.collection(op.db, op.collection)
        _refuse_conflict(database, op.db, op.alias)
        if database.names.alias_target(op.db, op.alias) is None:
            raise _alias_not_found(op.db, op.alias)
        collection.check_writable()
        database.names.set_alias(op.db, op.alias, collection.record.id)


def drop_alias(database: DatabaseState, op: aliases.DropAlias) -> None:
    """Drop an alias; one that does not exist is a success."""
    with database.ddl:
        if database.names.alias_target(op.db, op.alias) is not None:
            database.names.drop_alias(op.db, op.alias)


def describe_alias(database: DatabaseState, op: aliases.DescribeAlias) -> AliasInfo:
    """Return what an alias stands for."""
    target = database.names.alias_target(op.db, op.alias)
    if target is None:
        raise _alias_not_found(op.db, op.alias)
    name = database.collections[target].record.name
    return AliasInfo(alias=op.alias, collection=name, db=op.db or DEFAULT_DATABASE)


def list_aliases(database: DatabaseState, op: aliases.ListAliases) -> tuple[str, ...]:
    """List the aliases of a collection, or of the database."""
    if not op.collection:
        return database.names.aliases_in(op.db)
    return database.names.aliases_of(database.collection(op.db, op.collection).record.id)
