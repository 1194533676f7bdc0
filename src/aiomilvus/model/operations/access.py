"""Users, roles, privileges."""

from __future__ import annotations

import msgspec

from aiomilvus.model.access import Access, Grant
from aiomilvus.model.operations.base import Operation
from aiomilvus.model.operations.traits import NOBODY, Kind, Traits


class GetAccess(Operation[Access], frozen=True, kw_only=True):
    """Return all users, roles and grants, hashed passwords too: for a server, in its process."""

    traits = Traits(Kind.LOOK_UP, NOBODY, inline=True, remote=False)


class CreateUser(Operation[None], frozen=True, kw_only=True):
    """Add a user."""

    traits = Traits(Kind.DEFINITION, "CreateOwnership", hashes=True)

    user: str
    password: str
    description: str = ""


class UpdateUser(Operation[None], frozen=True, kw_only=True):
    """Change a user's password, or its description where that is not None.

    Attributes:
        password: The old password, None where whoever asks may change it without.
        new_password: The new one, None to keep the old one.
    """

    traits = Traits(Kind.DEFINITION, "UpdateUser", hashes=True)

    user: str
    password: str | None = None
    new_password: str | None = None
    description: str | None = None


class DropUser(Operation[None], frozen=True, kw_only=True):
    """Remove a user; one that does not exist is a success."""

    traits = Traits(Kind.DEFINITION, "DropOwnership")

    user: str


class ListUsers(Operation[tuple[str, ...]], frozen=True, kw_only=True):
    """Return the names of all users."""

    traits = Traits(Kind.LOOK_UP, "SelectOwnership")


class UserInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A user and its roles."""

    name: str
    roles: tuple[str, ...] = ()
    description: str = ""


class DescribeUsers(Operation[tuple[UserInfo, ...]], frozen=True, kw_only=True):
    """Return the user called `user`, or all for None; () when there is none."""

    traits = Traits(Kind.LOOK_UP, "SelectUser")

    user: str | None = None
    with_roles: bool = True


class RoleInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A role and its users."""

    name: str
    users: tuple[str, ...] = ()
    description: str = ""


class CreateRole(Operation[None], frozen=True, kw_only=True):
    """Add a role."""

    traits = Traits(Kind.DEFINITION, "CreateOwnership")

    role: str
    description: str = ""


class AlterRole(Operation[None], frozen=True, kw_only=True):
    """Change a role's description."""

    traits = Traits(Kind.DEFINITION, "CreateOwnership")

    role: str
    description: str


class DropRole(Operation[None], frozen=True, kw_only=True):
    """Remove a role; one that still has grants only with `force`."""

    traits = Traits(Kind.DEFINITION, "DropOwnership")

    role: str
    force: bool = False


class DescribeRoles(Operation[tuple[RoleInfo, ...]], frozen=True, kw_only=True):
    """Return the role called `role`, or all for ""."""

    traits = Traits(Kind.LOOK_UP, "SelectOwnership")

    role: str = ""
    with_users: bool = False


class SetUserRole(Operation[None], frozen=True, kw_only=True):
    """Give a user a role, or take it away."""

    traits = Traits(Kind.DEFINITION, "ManageOwnership")

    user: str
    role: str
    remove: bool = False


class SetGrant(Operation[None], frozen=True, kw_only=True):
    """Grant a privilege to a role, or revoke it.

    Attributes:
        object: Type of the object in the older form, "" in the newer.
        name: Name of the object; in the newer form of a collection.
        database: Name of its database, "" for the current one.
    """

    traits = Traits(Kind.DEFINITION, "ManageOwnership")

    role: str
    object: str = ""
    name: str
    database: str = ""
    privilege: str
    remove: bool = False


class ListGrants(Operation[tuple[Grant, ...]], frozen=True, kw_only=True):
    """Return a role's grants in a database and in all of them, perhaps only those on an object.

    Attributes:
        database: Name of the database, "" for the current one, ``*`` for every one.
    """

    traits = Traits(Kind.LOOK_UP, "SelectOwnership")

    role: str
    object: str = ""
    name: str = ""
    database: str = ""


class CreatePrivilegeGroup(Operation[None], frozen=True, kw_only=True):
    """Add an empty group of privileges."""

    traits = Traits(Kind.DEFINITION, "CreatePrivilegeGroup")

    group: str


class DropPrivilegeGroup(Operation[None], frozen=True, kw_only=True):
    """Remove a group of privileges that no role has."""

    traits = Traits(Kind.DEFINITION, "DropPrivilegeGroup")

    group: str


class ListPrivilegeGroups(
    Operation[tuple[tuple[str, tuple[str, ...]], ...]], frozen=True, kw_only=True
):
    """Return the (name, privileges) pairs of all groups."""

    traits = Traits(Kind.LOOK_UP, "ListPrivilegeGroups")


class SetGroupPrivileges(Operation[None], frozen=True, kw_only=True):
    """Put privileges into a group, or take them out."""

    traits = Traits(Kind.DEFINITION, "OperatePrivilegeGroup")

    group: str
    privileges: tuple[str, ...]
    remove: bool = False
