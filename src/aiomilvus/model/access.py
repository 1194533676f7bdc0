"""Who may do what: users, roles, grants, and what a user is allowed.

One immutable value holds all of it, so that a server asks it without a lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.model.privilege_groups import ALL, ANY, BUILT_IN_GROUPS, level_of

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = "root"
ADMIN = "admin"
PUBLIC = "public"
DEFAULT_DB = "default"


class User(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user; `secret` is the hashed password, "" while it is the initial one."""

    secret: str = ""
    description: str = ""
    roles: tuple[str, ...] = ()


class Role(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A role."""

    description: str = ""


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A privilege, or a group of them, that a role has on an object.

    Attributes:
        role: Name of the role.
        object: ``Collection``, ``Global`` or ``User``.
        name: Name of the collection or user, ``*`` for all.
        db: Name of the database, ``*`` for all.
        privilege: Name of a privilege or a group; ``*`` and ``All`` for all privileges.
        grantor: Who granted it.
    """

    role: str
    object: str
    name: str
    db: str
    privilege: str
    grantor: str = ROOT


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """All users, roles, grants and privilege groups.

    Attributes:
        users: By name.
        roles: By name.
        grants: In the order they were given.
        groups: The privileges of each group that is not built in.
    """

    users: dict[str, User]
    roles: dict[str, Role]
    grants: tuple[Grant, ...] = ()
    groups: dict[str, tuple[str, ...]] = {}

    def allows(self, user: str, privilege: str, db: str, names: tuple[str, ...]) -> bool:
        """Return whether a user may do what takes `privilege` to all objects in `names`.

        Args:
            user: The user; one that does not exist may nothing.
            privilege: Name of the privilege.
            db: Name of the database.
            names: Collections, or () for what names none.
        """
        found = self.users.get(user)
        if found is None:
            return False
        if self._is_admin(user):
            return True
        roles = {*found.roles, PUBLIC}
        fitting = [
            grant
            for grant in self.grants
            if grant.role in roles and grant.db in (ANY, db) and self._has(grant, privilege)
        ]
        return all(any(grant.name in (ANY, name) for grant in fitting) for name in names or (ANY,))

    def visible_collections(self, user: str, db: str, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of a database's collections that a user can see listed.

        All, where it may show collections; else those that its roles have a privilege on. What
        everyone has (the role `public`) shows none.
        """
        if self._is_admin(user) or self.allows(user, "ShowCollections", db, ()):
            return tuple(names)
        shown = {
            grant.name
            for grant in self._granted(user)
            if grant.db in (ANY, db) and self._is_on_collections(grant)
        }
        return tuple(name for name in names if ANY in shown or name in shown)

    def visible_databases(self, user: str, names: Iterable[str]) -> tuple[str, ...]:
        """Return the databases that a user can see listed.

        All, where it may list databases; else those that its roles have a privilege in.
        """
        if self._is_admin(user) or self.allows(user, "ListDatabases", DEFAULT_DB, ()):
            return tuple(names)
        shown = {grant.db for grant in self._granted(user)}
        return tuple(name for name in names if ANY in shown or name in shown)

    def _is_admin(self, user: str) -> bool:
        found = self.users.get(user)
        return found is not None and (user == ROOT or ADMIN in found.roles)

    def _granted(self, user: str) -> list[Grant]:
        """Return what was granted to the user's own roles."""
        found = self.users.get(user)
        roles = () if found is None else found.roles
        return [grant for grant in self.grants if grant.role in roles]

    def _is_on_collections(self, grant: Grant) -> bool:
        """Whether a grant is on collections; a group's privileges are all of one level."""
        members = self.groups.get(grant.privilege, (grant.privilege,))
        return grant.privilege in (ANY, ALL) or any(
            level_of(each) == "collection" for each in members
        )

    def _has(self, grant: Grant, privilege: str) -> bool:
        given = grant.privilege
        if given in (privilege, ANY, ALL):
            return True
        return privilege in (BUILT_IN_GROUPS.get(given) or self.groups.get(given, ()))


def first_access() -> Access:
    """Return what a new database has: root, with a password to be changed, and two roles."""
    return Access(
        users={ROOT: User(roles=(ADMIN,))},
        roles={ADMIN: Role(), PUBLIC: Role()},
        grants=(
            Grant(role=PUBLIC, object="Global", name=ANY, db=ANY, privilege="DescribeCollection"),
            Grant(role=PUBLIC, object="Global", name=ANY, db=ANY, privilege="ListAliases"),
            Grant(role=PUBLIC, object="Collection", name=ANY, db=ANY, privilege="IndexDetail"),
        ),
    )
