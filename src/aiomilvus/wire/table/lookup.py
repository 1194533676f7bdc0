"""All routes, by operation and by RPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import NotSupportedError
from aiomilvus.model.operations.access import SetGrant
from aiomilvus.model.operations.collections import AddFunction, DropFunction
from aiomilvus.model.operations.maintenance import ListCompactions, ListSegments
from aiomilvus.wire.table import (
    access,
    aliases,
    changes,
    collections,
    databases,
    evolution,
    external,
    groups,
    indexes,
    loading,
    maintenance,
    partitions,
    querying,
    replication,
    searching,
    snapshots,
    text,
    writing,
)

if TYPE_CHECKING:
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.wire.table.route import Route

ROUTES: tuple[Route, ...] = (
    *collections.ROUTES,
    *evolution.ROUTES,
    *partitions.ROUTES,
    *aliases.ROUTES,
    *databases.ROUTES,
    *loading.ROUTES,
    *indexes.ROUTES,
    *writing.ROUTES,
    *querying.ROUTES,
    *changes.ROUTES,
    *searching.ROUTES,
    *maintenance.ROUTES,
    *groups.ROUTES,
    *replication.ROUTES,
    *external.ROUTES,
    *snapshots.ROUTES,
    *text.ROUTES,
    *access.ROUTES,
)

BY_RPC: dict[str, Route] = {route.name: route for route in ROUTES}
_BY_OPERATION: dict[type[Any], Route] = {}
for _route in ROUTES:
    _BY_OPERATION.setdefault(_route.operation, _route)
_BY_OPERATION[ListCompactions] = BY_RPC["GetCompactionStateWithPlans"]

ROUTED = frozenset(_BY_OPERATION)
"""The operations that a server can be asked for."""


def route_of(operation: Operation[Any]) -> Route:
    """Return the route of an operation.

    Raises:
        NotSupportedError: The protocol has no RPC for it.
    """
    with_field = (isinstance(operation, AddFunction) and operation.field is not None) or (
        isinstance(operation, DropFunction) and operation.drop_field
    )
    if with_field:
        return evolution.SCHEMA_CHANGE_WITH_FIELD[type(operation)]
    if isinstance(operation, SetGrant):
        return access.OLDER_GRANT if operation.object else access.NEWER_GRANT
    if isinstance(operation, ListSegments):
        return BY_RPC["GetQuerySegmentInfo" if operation.loaded else "GetPersistentSegmentInfo"]
    route = _BY_OPERATION.get(type(operation))
    if route is None:
        raise NotSupportedError(
            message=f"{type(operation).__name__} has no form in Milvus' protocol"
        )
    return route
