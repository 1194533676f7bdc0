# Generated from src/aiomilvus/client/aio/users.py by tools/make_sync.py; edit that file.
"""Users, roles and privileges. An embedded engine keeps them; a server enforces them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.arguments import names
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions
from aiomilvus.client.sync.base import ClientBase
from aiomilvus.model.operations.access import (
    AlterRole,
    CreatePrivilegeGroup,
    CreateRole,
    CreateUser,
    DescribeRoles,
    DescribeUsers,
    DropPrivilegeGroup,
    DropRole,
    DropUser,
    ListGrants,
    ListPrivilegeGroups,
    ListUsers,
    SetGrant,
    SetGroupPrivileges,
    SetUserRole,
    UpdateUser,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from aiomilvus.model.access import Grant


class Users(ClientBase):
    """Who may do what."""

    def create_user(
        self,
        user_name: str,
        password: str,
        timeout: float | None = None,
        description: str | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Add a user, who has the role public until others are granted.

        Args:
            user_name: Up to 32 letters, digits, underscores, dots, dashes.
            password: 6 to 72 bytes.
            timeout: Seconds, None for the client's default.
            description: Free text.
            **kwargs: See `CallOptions`.
        """
        check_options("create_user", kwargs, CallOptions)
        operation = CreateUser(user=user_name, password=password, description=description or "")
        self._execute(operation, timeout)

    def update_user(
        self,
        user_name: str,
        description: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Change a user's description."""
        check_options("update_user", kwargs, CallOptions)
        self._execute(UpdateUser(user=user_name, description=description), timeout)

    def drop_user(
        self, user_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Remove a user; one that does not exist is a success."""
        check_options("drop_user", kwargs, CallOptions)
        self._execute(DropUser(user=user_name), timeout)

    def list_users(self, timeout: float | None = None, **kwargs: Unpack[CallOptions]) -> list[str]:
        """Return the names of all users."""
        check_options("list_users", kwargs, CallOptions)
        return list(self._execute(ListUsers(), timeout))

    def describe_user(
        self, user_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> dict[str, Any]:
        """Return a user's roles and description; {} when there is no such user."""
        check_options("describe_user", kwargs, CallOptions)
        found = self._execute(DescribeUsers(user=user_name), timeout)
        if not found:
            return {}
        only = found[0]
        return {"user_name": only.name, "roles": only.roles, "description": only.description}

    def create_role(
        self,
        role_name: str,
        timeout: float | None = None,
        description: str = "",
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Add a role, which may nothing before privileges are granted."""
        check_options("create_role", kwargs, CallOptions)
        self._execute(CreateRole(role=role_name, description=description), timeout)

    def alter_role(
        self,
        role_name: str,
        description: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Change a role's description."""
        check_options("alter_role", kwargs, CallOptions)
        self._execute(AlterRole(role=role_name, description=description), timeout)

    def drop_role(
        self,
        role_name: str,
        force_drop: bool = False,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Remove a role; with `force_drop` also one that has privileges."""
        check_options("drop_role", kwargs, CallOptions)
        self._execute(DropRole(role=role_name, force=force_drop), timeout)

    def list_roles(self, timeout: float | None = None, **kwargs: Unpack[CallOptions]) -> list[str]:
        """Return the names of all roles."""
        check_options("list_roles", kwargs, CallOptions)
        return [role.name for role in self._execute(DescribeRoles(), timeout)]

    def describe_role(
        self, role_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> dict[str, Any]:
        """Return a role's description and privileges."""
        check_options("describe_role", kwargs, CallOptions)
        roles = self._execute(DescribeRoles(role=role_name), timeout)
        grants = self._execute(ListGrants(role=role_name), timeout)
        return {
            "role": role_name,
            "description": roles[0].description if roles else "",
            "privileges": [_described(grant) for grant in grants],
        }

    def grant_role(
        self,
        user_name: str,
        role_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Give a user a role."""
        check_options("grant_role", kwargs, CallOptions)
        operation = SetUserRole(user=user_name, role=role_name)
        self._execute(operation, timeout)

    def revoke_role(
        self,
        user_name: str,
        role_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Take a role from a user."""
        check_options("revoke_role", kwargs, CallOptions)
        operation = SetUserRole(user=user_name, role=role_name, remove=True)
        self._execute(operation, timeout)

    def grant_privilege(
        self,
        role_name: str,
        object_type: str,
        privilege: str,
        object_name: str,
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Give a role a privilege, in the older form.

        Args:
            role_name: The role.
            object_type: ``Collection``, ``Global`` or ``User``.
            privilege: Name of the privilege, ``*`` for all.
            object_name: Name of the collection or user, ``*`` for all.
            db_name: Name of the database, the client's by default.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.
        """
        check_options("grant_privilege", kwargs, CallOptions)
        operation = SetGrant(
            db=self._db,
            role=role_name,
            object=object_type,
            name=object_name,
            database=db_name,
            privilege=privilege,
        )
        self._execute(operation, timeout)

    def revoke_privilege(
        self,
        role_name: str,
        object_type: str,
        privilege: str,
        object_name: str,
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Take a privilege from a role, in the older form.

        Args:
            role_name: The role.
            object_type: ``Collection``, ``Global`` or ``User``.
            privilege: Name of the privilege, ``*`` for all.
            object_name: Name of the collection or user, ``*`` for all.
            db_name: Name of the database, the client's by default.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.
        """
        check_options("revoke_privilege", kwargs, CallOptions)
        operation = SetGrant(
            db=self._db,
            role=role_name,
            object=object_type,
            name=object_name,
            database=db_name,
            privilege=privilege,
            remove=True,
        )
        self._execute(operation, timeout)

    def grant_privilege_v2(
        self,
        role_name: str,
        privilege: str,
        collection_name: str,
        db_name: str | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Give a role a privilege, or a group of them.

        Args:
            role_name: The role.
            privilege: Name of the privilege or group.
            collection_name: Name of the collection, ``*`` for all.
            db_name: Name of the database, ``*`` for all, the client's by default.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.
        """
        check_options("grant_privilege_v2", kwargs, CallOptions)
        operation = SetGrant(
            db=self._db,
            role=role_name,
            name=collection_name,
            database=db_name or "",
            privilege=privilege,
        )
        self._execute(operation, timeout)

    def revoke_privilege_v2(
        self,
        role_name: str,
        privilege: str,
        collection_name: str,
        db_name: str | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Take a privilege, or a group of them, from a role.

        Args:
            role_name: The role.
            privilege: Name of the privilege or group.
            collection_name: Name of the collection, ``*`` for all.
            db_name: Name of the database, ``*`` for all, the client's by default.
            timeout: Seconds, None for the client's default.
            **kwargs: See `CallOptions`.
        """
        check_options("revoke_privilege_v2", kwargs, CallOptions)
        operation = SetGrant(
            db=self._db,
            role=role_name,
            name=collection_name,
            database=db_name or "",
            privilege=privilege,
            remove=True,
        )
        self._execute(operation, timeout)

    def create_privilege_group(
        self, group_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Add an empty group of privileges."""
        check_options("create_privilege_group", kwargs, CallOptions)
        self._execute(CreatePrivilegeGroup(group=group_name), timeout)

    def drop_privilege_group(
        self, group_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Remove a group of privileges that no role has."""
        check_options("drop_privilege_group", kwargs, CallOptions)
        self._execute(DropPrivilegeGroup(group=group_name), timeout)

    def list_privilege_groups(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[dict[str, Any]]:
        """Return all groups of privileges, those built in first."""
        check_options("list_privilege_groups", kwargs, CallOptions)
        return [
            {"privilege_group": name, "privileges": privileges}
            for name, privileges in self._execute(ListPrivilegeGroups(), timeout)
        ]

    def add_privileges_to_group(
        self,
        group_name: str,
        privileges: list[str],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Put privileges, all of one level, into a group."""
        check_options("add_privileges_to_group", kwargs, CallOptions)
        operation = SetGroupPrivileges(group=group_name, privileges=names(privileges, "privileges"))
        self._execute(operation, timeout)

    def remove_privileges_from_group(
        self,
        group_name: str,
        privileges: list[str],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Take privileges out of a group."""
        check_options("remove_privileges_from_group", kwargs, CallOptions)
        operation = SetGroupPrivileges(
            group=group_name, privileges=names(privileges, "privileges"), remove=True
        )
        self._execute(operation, timeout)


def _described(grant: Grant) -> dict[str, Any]:
    described = {
        "object_type": grant.object,
        "object_name": grant.name,
        "db_name": grant.db,
        "role_name": grant.role,
        "privilege": grant.privilege,
        "grantor_name": grant.grantor,
    }
    return {name: value for name, value in described.items() if value}
