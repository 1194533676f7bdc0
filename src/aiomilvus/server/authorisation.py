"""What a user may ask for, and what it sees of the answer.

An RPC needs the privilege that its operation states (`model.operations.traits`), or its
`RpcHandler`. Both are what Milvus' protocol is annotated with; what has none is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from aiomilvus.errors import PermissionDeniedError
from aiomilvus.model.access import DEFAULT_DB, PUBLIC
from aiomilvus.model.operations.collections import ListCollections
from aiomilvus.model.operations.databases import ListDatabases
from aiomilvus.model.operations.traits import EVERYONE, NOBODY
from aiomilvus.wire.table.lookup import BY_RPC

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.access import Access
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.server.authentication import Caller
    from aiomilvus.server.rpc_handler import RpcHandler

R = TypeVar("R")

_COLLECTION_FIELDS = ("collection_name", "collectionName", "collection_names")
_DATABASE_FIELDS = ("db_name", "dbName")


def privileges(handlers: Mapping[str, RpcHandler]) -> dict[str, str]:
    """Return what each RPC that is served needs, by the RPC's name."""
    routed = {name: route.operation.traits.privilege for name, route in BY_RPC.items()}
    return {**routed, **{name: handler.privilege for name, handler in handlers.items()}}


def check_allowed(access: Access, caller: Caller, privilege: str, rpc: str, message: Any) -> None:
    """Raise PermissionDeniedError unless a user may make a call.

    Args:
        access: All users and what they may do.
        caller: Who calls. Where the request names no database, it is the connection's.
        privilege: What the call needs; "" and `NOBODY` refuse it.
        rpc: Name of the RPC.
        message: The request.
    """
    user, names = caller.user, _collections(message)
    db = _database(message) or caller.db or DEFAULT_DB
    if rpc == "ShowCollections":
        allowed = set(names) <= set(access.visible_collections(user, db, names))
    elif privilege == EVERYONE:
        return
    elif privilege in ("", NOBODY):
        allowed = False
    else:
        own = _is_own(access, user, rpc, message)
        allowed = own or access.allows(user, privilege, db, names)
    if not allowed:
        named = rpc if privilege in ("", EVERYONE, NOBODY) else privilege
        raise PermissionDeniedError(
            message=f"Privilege{named}: permission deny to {user} in the `{db}` database"
        )


def visible(access: Access, user: str, operation: Operation[R], answer: R) -> R:
    """Return of an operation's answer what a user may see: of lists, what its grants are on."""
    given: Any = answer
    if isinstance(operation, ListCollections):
        given = access.visible_collections(user, operation.db or DEFAULT_DB, given)
    elif isinstance(operation, ListDatabases):
        given = {name: given[name] for name in access.visible_databases(user, given)}
    shown: R = given
    return shown


def _is_own(access: Access, user: str, rpc: str, message: Any) -> bool:
    """Whether a call is about the caller: one's own password, roles and privileges."""
    if rpc == "UpdateCredential":
        return bool(message.username == user)
    if rpc == "SelectUser":
        return bool(message.user.name == user)
    if rpc == "SelectGrant":
        found = access.users.get(user)
        return found is not None and message.entity.role.name in (*found.roles, PUBLIC)
    return False


def _database(message: Any) -> str:
    fields = message.DESCRIPTOR.fields_by_name
    return next((getattr(message, each) for each in _DATABASE_FIELDS if each in fields), "")


def _collections(message: Any) -> tuple[str, ...]:
    fields = message.DESCRIPTOR.fields_by_name
    for each in _COLLECTION_FIELDS:
        if each in fields:
            value = getattr(message, each)
            names = (value,) if isinstance(value, str) else tuple(value)
            return tuple(name for name in names if name)
    return ()
