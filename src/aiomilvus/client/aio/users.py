"""Users, roles and privileges: named here, served by a later version."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.options import CallOptions, check_options

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AsyncUsers(AsyncClientBase):
    """Who may do what."""

    async def create_user(
        self,
        user_name: str,
        password: str,
        timeout: float | None = None,
        description: str | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Create a user: not supported yet."""
        check_options("create_user", kwargs, CallOptions)
        self._unsupported("create_user")

    async def update_user(
        self,
        user_name: str,
        description: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Change a user's description: not supported yet."""
        check_options("update_user", kwargs, CallOptions)
        self._unsupported("update_user")

    async def drop_user(
        self, user_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Drop a user: not supported yet."""
        check_options("drop_user", kwargs, CallOptions)
        self._unsupported("drop_user")

    async def list_users(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """List the users: not supported yet."""
        check_options("list_users", kwargs, CallOptions)
        self._unsupported("list_users")

    async def describe_user(
        self, user_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Describe a user and its roles: not supported yet."""
        check_options("describe_user", kwargs, CallOptions)
        self._unsupported("describe_user")

    async def create_role(
        self,
        role_name: str,
        timeout: float | None = None,
        description: str = "",
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Create a role: not supported yet."""
        check_options("create_role", kwargs, CallOptions)
        self._unsupported("create_role")

    async def alter_role(
        self,
        role_name: str,
        description: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Change a role's description: not supported yet."""
        check_options("alter_role", kwargs, CallOptions)
        self._unsupported("alter_role")

    async def drop_role(
        self,
        role_name: str,
        force_drop: bool = False,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Drop a role: not supported yet."""
        check_options("drop_role", kwargs, CallOptions)
        self._unsupported("drop_role")

    async def list_roles(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """List the roles: not supported yet."""
        check_options("list_roles", kwargs, CallOptions)
        self._unsupported("list_roles")

    async def describe_role(
        self, role_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Describe a role's privileges: not supported yet."""
        check_options("describe_role", kwargs, CallOptions)
        self._unsupported("describe_role")

    async def grant_role(
        self,
        user_name: str,
        role_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Give a user a role: not supported yet."""
        check_options("grant_role", kwargs, CallOptions)
        self._unsupported("grant_role")

    async def revoke_role(
        self,
        user_name: str,
        role_name: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Take a role from a user: not supported yet."""
        check_options("revoke_role", kwargs, CallOptions)
        self._unsupported("revoke_role")

    async def grant_privilege(
        self,
        role_name: str,
        object_type: str,
        privilege: str,
        object_name: str,
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Give a role a privilege: not supported yet."""
        check_options("grant_privilege", kwargs, CallOptions)
        self._unsupported("grant_privilege")

    async def revoke_privilege(
        self,
        role_name: str,
        object_type: str,
        privilege: str,
        object_name: str,
        db_name: str = "",
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Take a privilege from a role: not supported yet."""
        check_options("revoke_privilege", kwargs, CallOptions)
        self._unsupported("revoke_privilege")

    async def grant_privilege_v2(
        self,
        role_name: str,
        privilege: str,
        collection_name: str,
        db_name: str | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Give a role a privilege on a collection: not supported yet."""
        check_options("grant_privilege_v2", kwargs, CallOptions)
        self._unsupported("grant_privilege_v2")

    async def revoke_privilege_v2(
        self,
        role_name: str,
        privilege: str,
        collection_name: str,
        db_name: str | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Take a privilege on a collection from a role: not supported yet."""
        check_options("revoke_privilege_v2", kwargs, CallOptions)
        self._unsupported("revoke_privilege_v2")

    async def create_privilege_group(
        self, group_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Create a group of privileges: not supported yet."""
        check_options("create_privilege_group", kwargs, CallOptions)
        self._unsupported("create_privilege_group")

    async def drop_privilege_group(
        self, group_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """Drop a group of privileges: not supported yet."""
        check_options("drop_privilege_group", kwargs, CallOptions)
        self._unsupported("drop_privilege_group")

    async def list_privilege_groups(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> NoReturn:
        """List the groups of privileges: not supported yet."""
        check_options("list_privilege_groups", kwargs, CallOptions)
        self._unsupported("list_privilege_groups")

    async def add_privileges_to_group(
        self,
        group_name: str,
        privileges: list[str],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Add privileges to a group: not supported yet."""
        check_options("add_privileges_to_group", kwargs, CallOptions)
        self._unsupported("add_privileges_to_group")

    async def remove_privileges_from_group(
        self,
        group_name: str,
        privileges: list[str],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> NoReturn:
        """Remove privileges from a group: not supported yet."""
        check_options("remove_privileges_from_group", kwargs, CallOptions)
        self._unsupported("remove_privileges_from_group")
