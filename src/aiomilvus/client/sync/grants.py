# Generated from src/aiomilvus/client/aio/grants.py by tools/make_sync.py; edit that file.
"""What roles may do: granting privileges and taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.client.arguments import check_text
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions
from aiomilvus.client.sync.base import ClientBase
from aiomilvus.model.operations.access import SetGrant

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Grants(ClientBase):
    """What roles may do."""

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

        Raises:
            MilvusException: There is no such role, or no such privilege.

        Example:
            >>> client.create_role("reader")
            >>> client.grant_privilege("reader", "Collection", "Search", "books")
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

        Raises:
            MilvusException: There is no such role, or grant.

        Example:
            >>> client.create_role("reader")
            >>> client.grant_privilege("reader", "Collection", "Search", "books")
            >>> client.revoke_privilege("reader", "Collection", "Search", "books")
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

        Raises:
            MilvusException: There is no such role, or no such privilege.

        Example:
            >>> client.create_role("reader")
            >>> client.grant_privilege_v2("reader", "CollectionReadOnly", "books")
        """
        check_options("grant_privilege_v2", kwargs, CallOptions)
        operation = SetGrant(
            db=self._db,
            role=role_name,
            name=collection_name,
            database=check_text(db_name, "db_name"),
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

        Raises:
            MilvusException: There is no such role, or grant.

        Example:
            >>> client.create_role("reader")
            >>> client.grant_privilege_v2("reader", "CollectionReadOnly", "books")
            >>> client.revoke_privilege_v2("reader", "CollectionReadOnly", "books")
        """
        check_options("revoke_privilege_v2", kwargs, CallOptions)
        operation = SetGrant(
            db=self._db,
            role=role_name,
            name=collection_name,
            database=check_text(db_name, "db_name"),
            privilege=privilege,
            remove=True,
        )
        self._execute(operation, timeout)
