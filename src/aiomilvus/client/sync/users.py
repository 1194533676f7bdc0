# Generated from src/aiomilvus/client/aio/users.py by tools/make_sync.py; edit that file.
"""Users, roles and privileges. An embedded engine keeps them; a server enforces them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.arguments import check_text
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions
from aiomilvus.client.sync.base import ClientBase
from aiomilvus.model.operations.access import (
    AlterRole,
    CreateRole,
    CreateUser,
    DescribeRoles,
    DescribeUsers,
    DropRole,
    DropUser,
    ListGrants,
    ListUsers,
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

        Raises:
            MilvusException: There is such a user.
            ParamError: The name or the password is not allowed.

        Example:
            >>> client.create_user("ada", "Enchantress-1")
            >>> client.list_users()
            ['ada', 'root']
        """
        check_options("create_user", kwargs, CallOptions)
        operation = CreateUser(
            user=user_name, password=password, description=check_text(description, "description")
        )
        self._execute(operation, timeout)

    def update_user(
        self,
        user_name: str,
        description: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Change a user's description.

        Raises:
            MilvusException: There is no such user.

        Example:
            >>> client.create_user("ada", "Enchantress-1")
            >>> client.update_user("ada", "the analyst")
            >>> found = client.describe_user("ada")
            >>> found["description"]
            'the analyst'
        """
        check_options("update_user", kwargs, CallOptions)
        self._execute(UpdateUser(user=user_name, description=description), timeout)

    def drop_user(
        self, user_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Remove a user; one that does not exist is a success.

        Raises:
            MilvusException: It is root.

        Example:
            >>> client.create_user("ada", "Enchantress-1")
            >>> client.drop_user("ada")
        """
        check_options("drop_user", kwargs, CallOptions)
        self._execute(DropUser(user=user_name), timeout)

    def list_users(self, timeout: float | None = None, **kwargs: Unpack[CallOptions]) -> list[str]:
        """Return the names of all users.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> client.list_users()
            ['root']
        """
        check_options("list_users", kwargs, CallOptions)
        return list(self._execute(ListUsers(), timeout))

    def describe_user(
        self, user_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> dict[str, Any]:
        """Return a user's roles and description; {} when there is no such user.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> client.create_user("ada", "Enchantress-1")
            >>> client.describe_user("ada")
            {'user_name': 'ada', 'roles': (), 'description': ''}
        """
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
        """Add a role; it is allowed nothing until privileges are granted.

        Raises:
            MilvusException: There is such a role, or the name is not allowed.

        Example:
            >>> client.create_role("reader")
            >>> client.list_roles()
            ['admin', 'public', 'reader']
        """
        check_options("create_role", kwargs, CallOptions)
        self._execute(CreateRole(role=role_name, description=description), timeout)

    def alter_role(
        self,
        role_name: str,
        description: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Change a role's description.

        Raises:
            MilvusException: There is no such role.

        Example:
            >>> client.create_role("reader")
            >>> client.alter_role("reader", "may search, no more")
        """
        check_options("alter_role", kwargs, CallOptions)
        self._execute(AlterRole(role=role_name, description=description), timeout)

    def drop_role(
        self,
        role_name: str,
        force_drop: bool = False,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Remove a role; with `force_drop` also one that has privileges.

        Raises:
            MilvusException: There is no such role, it has grants, or it is built in.

        Example:
            >>> client.create_role("reader")
            >>> client.drop_role("reader")
        """
        check_options("drop_role", kwargs, CallOptions)
        self._execute(DropRole(role=role_name, force=force_drop), timeout)

    def list_roles(self, timeout: float | None = None, **kwargs: Unpack[CallOptions]) -> list[str]:
        """Return the names of all roles.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> client.list_roles()
            ['admin', 'public']
        """
        check_options("list_roles", kwargs, CallOptions)
        return [role.name for role in self._execute(DescribeRoles(), timeout)]

    def describe_role(
        self, role_name: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> dict[str, Any]:
        """Return a role's description, and its privileges in the client's database and in all.

        Raises:
            MilvusException: There is no such role.

        Example:
            >>> client.create_role("reader")
            >>> client.describe_role("reader")
            {'role': 'reader', 'description': '', 'privileges': []}
        """
        check_options("describe_role", kwargs, CallOptions)
        time = self._limit(timeout, "describe_role")
        roles = self._execute(DescribeRoles(role=role_name), time.left())
        grants = self._execute(ListGrants(role=role_name), time.left())
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
        """Give a user a role.

        Raises:
            MilvusException: There is no such user, or role.

        Example:
            >>> client.create_user("ada", "Enchantress-1")
            >>> client.create_role("reader")
            >>> client.grant_role("ada", "reader")
        """
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
        """Take a role from a user; one that the user has not counts as taken.

        Raises:
            MilvusException: There is no such role.

        Example:
            >>> client.create_user("ada", "Enchantress-1")
            >>> client.create_role("reader")
            >>> client.grant_role("ada", "reader")
            >>> client.revoke_role("ada", "reader")
        """
        check_options("revoke_role", kwargs, CallOptions)
        operation = SetUserRole(user=user_name, role=role_name, remove=True)
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
