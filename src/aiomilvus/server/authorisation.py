"""What a call needs a privilege for, and on what: from the wire table and the request itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import PermissionDeniedError
from aiomilvus.model.access import DEFAULT_DB, PUBLIC
from aiomilvus.wire.table.lookup import BY_RPC

if TYPE_CHECKING:
    from aiomilvus.model.access import Access

_POLLED = {
    "HasCollection": "DescribeCollection",
    "BatchDescribeCollection": "DescribeCollection",
    "ShowCollections": "ShowCollections",
    "GetLoadingProgress": "GetLoadingProgress",
    "GetIndexState": "IndexDetail",
    "GetIndexBuildProgress": "IndexDetail",
    "GetIndexStatistics": "IndexDetail",
    "Flush": "Flush",
    "GetFlushState": "GetFlushState",
    "Import": "Import",
    "GetImportState": "Import",
    "ListImportTasks": "Import",
}
_COLLECTION_FIELDS = ("collection_name", "collectionName", "collection_names")
_DATABASE_FIELDS = ("db_name", "dbName")


def check_allowed(access: Access, user: str, rpc: str, message: Any) -> None:
    """Raise PermissionDeniedError unless a user may make a call.

    Args:
        access: All users and what they may do.
        user: Who calls.
        rpc: Name of the RPC.
        message: The request.
    """
    route = BY_RPC.get(rpc)
    privilege = _POLLED.get(rpc) or (route.privilege if route else "")
    if not privilege or _is_own(access, user, rpc, message):
        return
    db = _database(message)
    if not access.allows(user, privilege, db, _collections(message)):
        raise PermissionDeniedError(
            message=f"Privilege{privilege}: permission deny to {user} in the `{db}` database"
        )


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
    name = next((getattr(message, each) for each in _DATABASE_FIELDS if each in fields), "")
    return name or DEFAULT_DB


def _collections(message: Any) -> tuple[str, ...]:
    fields = message.DESCRIPTOR.fields_by_name
    for each in _COLLECTION_FIELDS:
        if each in fields:
            value = getattr(message, each)
            names = (value,) if isinstance(value, str) else tuple(value)
            return tuple(name for name in names if name)
    return ()
