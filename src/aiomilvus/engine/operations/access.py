"""Users, roles, grants and privilege groups: each change checked, stored, then shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.operations.rules.name_rules import (
    check_password,
    check_plain_name,
    check_privilege_group_name,
    check_username,
)
from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.access import (
    ADMIN,
    DEFAULT_DB,
    PUBLIC,
    ROOT,
    Access,
    Grant,
    Role,
    User,
)
from aiomilvus.model.operations.access import RoleInfo, UserInfo
from aiomilvus.model.passwords import hashed, verify
from aiomilvus.model.privilege_groups import (
    ALL,
    ANY,
    BUILT_IN_GROUPS,
    LEVELS,
    OBJECTS,
    level_of,
    object_of,
)

if TYPE_CHECKING:
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import access as ops

MAX_USERS = 100
MAX_ROLES = 10
"""Besides the two that every database has."""
_DEFAULT_ROLES = (ADMIN, PUBLIC)


def get(database: DatabaseState, _op: ops.GetAccess) -> Access:
    """Return all of it."""
    return database.access


def _store(database: DatabaseState, access: Access) -> None:
    with database.catalog.transaction():
        database.catalog.put_access(access)
    database.set_access(access)


def create_user(database: DatabaseState, op: ops.CreateUser) -> None:
    """Add a user."""
    check_username(op.user)
    check_password(op.password)
    secret = hashed(op.password)
    with database.ddl:
        access = database.access
        if op.user in access.users:
            raise MilvusException(message=f"user already exists: {op.user}")
        if len(access.users) >= MAX_USERS:
            raise MilvusException(
                message="unable to add user because the number of users has reached the limit "
                f"of {MAX_USERS}"
            )
        user = User(secret=secret, description=op.description)
        _store(database, _replace(access, users={**access.users, op.user: user}))


def _replace(access: Access, **changes: object) -> Access:
    changed: Access = msgspec.structs.replace(access, **changes)
    return changed


def _user(access: Access, name: str) -> User:
    user = access.users.get(name)
    if user is None:
        text = "not found the user, maybe the user isn't existed or internal system error"
        raise MilvusException(message=f"{text}: {name}")
    return user


def _role(access: Access, name: str) -> Role:
    role = access.roles.get(name)
    if role is None:
        text = "not found the role, maybe the role isn't existed or internal system error"
        raise MilvusException(message=f"{text}: {name}")
    return role


def update_user(database: DatabaseState, op: ops.UpdateUser) -> None:
    """Change a password or a description."""
    old = _user(database.access, op.user)
    changes: dict[str, str] = {}
    if op.new_password is not None:
        check_password(op.new_password)
        if op.password is not None and not verify(op.password, old.secret):
            raise MilvusException(message=f"old password not correct for {op.user}")
        changes["secret"] = hashed(op.new_password)
    if op.description is not None:
        changes["description"] = op.description
    with database.ddl:
        access = database.access
        user = msgspec.structs.replace(_user(access, op.user), **changes)
        _store(database, _replace(access, users={**access.users, op.user: user}))


def drop_user(database: DatabaseState, op: ops.DropUser) -> None:
    """Remove a user."""
    if op.user == ROOT:
        raise MilvusException(message="user root cannot be deleted")
    with database.ddl:
        access = database.access
        if op.user not in access.users:
            return
        users = {name: user for name, user in access.users.items() if name != op.user}
        _store(database, _replace(access, users=users))


def list_users(database: DatabaseState, _op: ops.ListUsers) -> tuple[str, ...]:
    """Return the names of all users."""
    return tuple(sorted(database.access.users))


def describe_users(database: DatabaseState, op: ops.DescribeUsers) -> tuple[UserInfo, ...]:
    """Return users and their roles."""
    if op.user is not None and not op.user.strip():
        raise ParamError(message="username must be not empty: invalid parameter")
    return tuple(
        UserInfo(name=name, roles=user.roles if op.with_roles else (), description=user.description)
        for name, user in sorted(database.access.users.items())
        if op.user in (None, name)
    )


def create_role(database: DatabaseState, op: ops.CreateRole) -> None:
    """Add a role."""
    check_plain_name(op.role, "role name", "$-")
    with database.ddl:
        access = database.access
        if op.role in access.roles:
            raise MilvusException(message=f"role [{op.role}] already exists")
        if len(access.roles) - len(_DEFAULT_ROLES) >= MAX_ROLES:
            raise MilvusException(
                message="unable to create role because the number of roles has reached the "
                f"limit of {MAX_ROLES}"
            )
        role = Role(description=op.description)
        _store(database, _replace(access, roles={**access.roles, op.role: role}))


def alter_role(database: DatabaseState, op: ops.AlterRole) -> None:
    """Change a role's description."""
    with database.ddl:
        access = database.access
        _role(access, op.role)
        role = Role(description=op.description)
        _store(database, _replace(access, roles={**access.roles, op.role: role}))


def drop_role(database: DatabaseState, op: ops.DropRole) -> None:
    """Remove a role, its grants, and that users have it."""
    if op.role in _DEFAULT_ROLES:
        raise MilvusException(
            message=f"the role[{op.role}] is a builtin role, which can't be dropped"
        )
    with database.ddl:
        access = database.access
        _role(access, op.role)
        kept = tuple(grant for grant in access.grants if grant.role != op.role)
        if len(kept) != len(access.grants) and not op.force:
            raise MilvusException(
                message="fail to drop the role that it has privileges. Use REVOKE API to revoke "
                "privileges"
            )
        users = {
            name: msgspec.structs.replace(
                user, roles=tuple(role for role in user.roles if role != op.role)
            )
            for name, user in access.users.items()
        }
        roles = {name: role for name, role in access.roles.items() if name != op.role}
        _store(database, _replace(access, roles=roles, users=users, grants=kept))


def describe_roles(database: DatabaseState, op: ops.DescribeRoles) -> tuple[RoleInfo, ...]:
    """Return roles, with their users if asked for."""
    access = database.access
    if op.role:
        _role(access, op.role)
    return tuple(
        RoleInfo(
            name=name,
            users=tuple(n for n, user in sorted(access.users.items()) if name in user.roles)
            if op.with_users
            else (),
            description=role.description,
        )
        for name, role in sorted(access.roles.items())
        if op.role in ("", name)
    )


def set_user_role(database: DatabaseState, op: ops.SetUserRole) -> None:
    """Give a role or take it; taking one that the user has not is a success, as in Milvus."""
    with database.ddl:
        access = database.access
        _role(access, op.role)
        if op.remove and not _has_role(access, op.user, op.role):
            return
        user = _user(access, op.user)
        if op.remove and op.user == ROOT and op.role == ADMIN:
            raise MilvusException(message="root keeps the role admin")
        roles = tuple(role for role in user.roles if role != op.role)
        user = msgspec.structs.replace(user, roles=roles if op.remove else (*roles, op.role))
        _store(database, _replace(access, users={**access.users, op.user: user}))


def _has_role(access: Access, user: str, role: str) -> bool:
    known = access.users.get(user)
    return known is not None and role in known.roles


def set_grant(database: DatabaseState, op: ops.SetGrant) -> None:
    """Grant a privilege or revoke it; granting it again is a success, as in Milvus."""
    with database.ddl:
        access = database.access
        _role(access, op.role)
        grant = _older_grant(op) if op.object else _newer_grant(access, op)
        kept = tuple(each for each in access.grants if each != grant)
        if op.remove and len(kept) == len(access.grants):
            raise MilvusException(message=f"the grant isn't existed: {_shown(grant)}")
        _store(database, _replace(access, grants=kept if op.remove else (*kept, grant)))


def _shown(grant: Grant) -> str:
    return f"{grant.privilege} on {grant.object} {grant.name} of database {grant.db}"


def _older_grant(op: ops.SetGrant) -> Grant:
    names = OBJECTS.get(op.object)
    if names is None:
        raise ParamError(
            message=f"not found the object type[name: {op.object}], supported the object types: "
            f"{sorted(OBJECTS)}: invalid parameter"
        )
    if op.privilege != ANY and op.privilege not in names:
        raise ParamError(
            message=f"not found the privilege name[{op.privilege}] in object[{op.object}]: "
            "invalid parameter"
        )
    if not op.name:
        raise ParamError(message="the object name should not be empty: invalid parameter")
    if op.object == "Global" and op.name != ANY:
        raise ParamError(
            message="the object name for Global should be '*', but is "
            f"{op.name!r}: invalid parameter"
        )
    db = op.database or op.db or DEFAULT_DB
    return Grant(role=op.role, object=op.object, name=op.name, db=db, privilege=op.privilege)


def _newer_grant(access: Access, op: ops.SetGrant) -> Grant:
    db = op.database or op.db or DEFAULT_DB
    known = op.privilege in LEVELS or op.privilege in BUILT_IN_GROUPS
    if not (known or op.privilege in access.groups or op.privilege in (ANY, ALL)):
        raise ParamError(message=f"not found the privilege name[{op.privilege}]: invalid parameter")
    level = level_of(op.privilege)
    if level == "cluster" and (db != ANY or op.name != ANY):
        raise ParamError(
            message="dbName and collectionName should be * for the cluster level privilege: "
            f"{op.privilege}: invalid parameter"
        )
    if level == "database" and op.name != ANY:
        raise ParamError(
            message="collectionName should be * for the database level privilege: "
            f"{op.privilege}: invalid parameter"
        )
    kind = object_of(op.privilege)
    return Grant(role=op.role, object=kind, name=op.name, db=db, privilege=op.privilege)


def list_grants(database: DatabaseState, op: ops.ListGrants) -> tuple[Grant, ...]:
    """Return a role's grants in a database, and those in all of them."""
    access = database.access
    _role(access, op.role)
    db = op.database or op.db or DEFAULT_DB
    return tuple(
        grant
        for grant in access.grants
        if grant.role == op.role
        and op.object in ("", grant.object)
        and op.name in ("", grant.name)
        and (db == ANY or grant.db in (db, ANY))
    )


def create_group(database: DatabaseState, op: ops.CreatePrivilegeGroup) -> None:
    """Add a group."""
    check_privilege_group_name(op.group)
    with database.ddl:
        access = database.access
        if op.group in access.groups or op.group in BUILT_IN_GROUPS or op.group in LEVELS:
            raise ParamError(
                message=f"privilege group [{op.group}] already exists: invalid parameter"
            )
        _store(database, _replace(access, groups={**access.groups, op.group: ()}))


def drop_group(database: DatabaseState, op: ops.DropPrivilegeGroup) -> None:
    """Remove a group; one that does not exist is a success, as in Milvus."""
    with database.ddl:
        access = database.access
        if op.group in BUILT_IN_GROUPS:
            raise ParamError(
                message=f"the privilege group [{op.group}] is built in: invalid parameter"
            )
        using = sorted({grant.role for grant in access.grants if grant.privilege == op.group})
        if using:
            raise ParamError(
                message=f"privilege group [{op.group}] is used by role [{using[0]}], use REVOKE "
                "API to revoke it first: invalid parameter"
            )
        groups = {name: group for name, group in access.groups.items() if name != op.group}
        _store(database, _replace(access, groups=groups))


def list_groups(
    database: DatabaseState, _op: ops.ListPrivilegeGroups
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return all groups, those built in first."""
    return tuple({**BUILT_IN_GROUPS, **database.access.groups}.items())


def set_group(database: DatabaseState, op: ops.SetGroupPrivileges) -> None:
    """Put privileges into a group or take them out."""
    with database.ddl:
        access = database.access
        group = access.groups.get(op.group)
        if group is None:
            raise ParamError(
                message=f"there is no privilege group name [{op.group}] to operate: "
                "invalid parameter"
            )
        unknown = [name for name in op.privileges if name not in LEVELS]
        if unknown:
            raise ParamError(
                message=f"there is no privilege name or privilege group name [{unknown[0]}] "
                "defined in system to operate: invalid parameter"
            )
        kept = [name for name in group if name not in op.privileges]
        levels = {LEVELS[name] for name in (*kept, *op.privileges)}
        if not op.remove and len(levels) > 1:
            raise ParamError(
                message=f"privileges are not all of one level, but of {sorted(levels)}: "
                "invalid parameter"
            )
        changed = tuple(kept if op.remove else (*kept, *op.privileges))
        _store(database, _replace(access, groups={**access.groups, op.group: changed}))
