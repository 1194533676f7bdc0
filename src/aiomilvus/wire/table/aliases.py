"""Aliases."""

from __future__ import annotations

from typing import Any

from aiomilvus.model.operations import aliases as ops
from aiomilvus.model.results import AliasInfo
from aiomilvus.model.schema import DEFAULT_DATABASE
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status


def _alias(message_class: Any) -> Any:
    return lambda op, _schema: message_class(
        db_name=op.db, collection_name=op.collection, alias=op.alias
    )


def _read_alias(operation: Any) -> Any:
    return lambda m, _schema: operation(db=m.db_name, collection=m.collection_name, alias=m.alias)


def _write_names(names: tuple[str, ...], op: ops.ListAliases, _schema: object) -> Any:
    return pb.ListAliasesResponse(
        status=pb.Status(),
        db_name=op.db or DEFAULT_DATABASE,
        collection_name=op.collection,
        aliases=names,
    )


ROUTES = (
    Route(
        operation=ops.CreateAlias,
        name="CreateAlias",
        request=_alias(pb.CreateAliasRequest),
        read_request=_read_alias(ops.CreateAlias),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.AlterAlias,
        name="AlterAlias",
        request=_alias(pb.AlterAliasRequest),
        read_request=_read_alias(ops.AlterAlias),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.DropAlias,
        name="DropAlias",
        request=lambda op, _schema: pb.DropAliasRequest(db_name=op.db, alias=op.alias),
        read_request=lambda m, _schema: ops.DropAlias(db=m.db_name, alias=m.alias),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.DescribeAlias,
        name="DescribeAlias",
        request=lambda op, _schema: pb.DescribeAliasRequest(db_name=op.db, alias=op.alias),
        read_request=lambda m, _schema: ops.DescribeAlias(db=m.db_name, alias=m.alias),
        reply=lambda found, _op, _schema: pb.DescribeAliasResponse(
            status=pb.Status(), db_name=found.db, alias=found.alias, collection=found.collection
        ),
        read_reply=lambda m, _op, _schema: AliasInfo(
            alias=m.alias, collection=m.collection, db=m.db_name
        ),
        repeatable=True,
    ),
    Route(
        operation=ops.ListAliases,
        name="ListAliases",
        request=lambda op, _schema: pb.ListAliasesRequest(
            db_name=op.db, collection_name=op.collection
        ),
        read_request=lambda m, _schema: ops.ListAliases(db=m.db_name, collection=m.collection_name),
        reply=_write_names,
        read_reply=lambda m, _op, _schema: tuple(m.aliases),
        repeatable=True,
    ),
)
