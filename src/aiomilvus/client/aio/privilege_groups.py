"""Groups of privileges, which roles are granted like a privilege."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.arguments import names
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions
from aiomilvus.model.operations.access import (
    CreatePrivilegeGroup,
    DropPrivilegeGroup,
    ListPrivilegeGroups,
    SetGroupPrivileges,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AsyncPrivilegeGroups(AsyncClientBase):
    """Privileges under one name."""

    async def create_privilege_group(
        self, group_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Add an empty group of privileges.

        Raises:
            PrivilegeGroupNameError: The name is not allowed.
            ParamError: There is such a group.

        Example:
            >>> await client.create_privilege_group("finding")
        """
        check_options("create_privilege_group", kwargs, CallOptions)
        await self._execute(CreatePrivilegeGroup(group=group_name), timeout)

    async def drop_privilege_group(
        self, group_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Remove a group of privileges that no role has.

        Raises:
            MilvusException: A role has the group.

        Example:
            >>> await client.create_privilege_group("finding")
            >>> await client.drop_privilege_group("finding")
        """
        check_options("drop_privilege_group", kwargs, CallOptions)
        await self._execute(DropPrivilegeGroup(group=group_name), timeout)

    async def list_privilege_groups(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[dict[str, Any]]:
        """Return all groups of privileges, those built in first.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> await client.create_privilege_group("finding")
            >>> groups = await client.list_privilege_groups()
            >>> "finding" in [group["privilege_group"] for group in groups]
            True
        """
        check_options("list_privilege_groups", kwargs, CallOptions)
        return [
            {"privilege_group": name, "privileges": privileges}
            for name, privileges in await self._execute(ListPrivilegeGroups(), timeout)
        ]

    async def add_privileges_to_group(
        self,
        group_name: str,
        privileges: list[str],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Put privileges, all of one level, into a group.

        Raises:
            ParamError: There is no such group, or privilege.

        Example:
            >>> await client.create_privilege_group("finding")
            >>> await client.add_privileges_to_group("finding", ["Search", "Query"])
        """
        check_options("add_privileges_to_group", kwargs, CallOptions)
        operation = SetGroupPrivileges(group=group_name, privileges=names(privileges, "privileges"))
        await self._execute(operation, timeout)

    async def remove_privileges_from_group(
        self,
        group_name: str,
        privileges: list[str],
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Take privileges out of a group.

        Raises:
            ParamError: There is no such group, or privilege.

        Example:
            >>> await client.create_privilege_group("finding")
            >>> await client.add_privileges_to_group("finding", ["Search", "Query"])
            >>> await client.remove_privileges_from_group("finding", ["Query"])
        """
        check_options("remove_privileges_from_group", kwargs, CallOptions)
        operation = SetGroupPrivileges(
            group=group_name, privileges=names(privileges, "privileges"), remove=True
        )
        await self._execute(operation, timeout)
