"""Users, roles, privileges."""

from __future__ import annotations

import base64
from typing import Any

from aiomilvus.errors import ParamError
from aiomilvus.model.access import Grant
from aiomilvus.model.operations import access as ops
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status


def _password(text: str | None) -> str:
    try:
        return base64.b64encode((text or "").encode()).decode()
    except UnicodeEncodeError:
        raise ParamError(message="a password can't have surrogates: invalid parameter") from None


def _read_password(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        raise ParamError(message="the password is no base64 text: invalid parameter") from None


def _write_create_user(op: ops.CreateUser, _schema: object) -> Any:
    message = pb.CreateCredentialRequest(username=op.user, password=_password(op.password))
    if op.description:
        message.description = op.description
    return message


def _write_update_user(op: ops.UpdateUser, _schema: object) -> Any:
    message = pb.UpdateCredentialRequest(username=op.user)
    if op.new_password is not None:
        message.oldPassword = _password(op.password)
        message.newPassword = _password(op.new_password)
    if op.description is not None:
        message.description = op.description
    return message


def _read_update_user(m: pb.UpdateCredentialRequest, _schema: object) -> ops.UpdateUser:
    changes = bool(m.newPassword) or not m.HasField("description")
    return ops.UpdateUser(
        user=m.username,
        password=_read_password(m.oldPassword) if changes else None,
        new_password=_read_password(m.newPassword) if changes else None,
        description=m.description if m.HasField("description") else None,
    )


def _write_users(found: tuple[ops.UserInfo, ...], _op: object, _schema: object) -> Any:
    message = pb.SelectUserResponse(status=pb.Status())
    for each in found:
        result = message.results.add(
            user=pb.UserEntity(name=each.name), description=each.description
        )
        for role in each.roles:
            result.roles.add(name=role)
    return message


def _read_users(m: pb.SelectUserResponse, _op: object, _schema: object) -> Any:
    return tuple(
        ops.UserInfo(
            name=each.user.name,
            roles=tuple(role.name for role in each.roles),
            description=each.description,
        )
        for each in m.results
    )


def _write_roles(found: tuple[ops.RoleInfo, ...], _op: object, _schema: object) -> Any:
    message = pb.SelectRoleResponse(status=pb.Status())
    for each in found:
        result = message.results.add(
            role=pb.RoleEntity(name=each.name, description=each.description)
        )
        for user in each.users:
            result.users.add(name=user)
    return message


def _read_roles(m: pb.SelectRoleResponse, _op: object, _schema: object) -> Any:
    return tuple(
        ops.RoleInfo(
            name=each.role.name,
            users=tuple(user.name for user in each.users),
            description=each.role.description,
        )
        for each in m.results
    )


def _write_user_role(op: ops.SetUserRole, _schema: object) -> Any:
    return pb.OperateUserRoleRequest(username=op.user, role_name=op.role, type=int(op.remove))


def _read_user_role(m: pb.OperateUserRoleRequest, _schema: object) -> Any:
    return ops.SetUserRole(user=m.username, role=m.role_name, remove=_removes(m.type))


def _removes(kind: int) -> bool:
    if kind not in (0, 1):
        raise ParamError(message=f"invalid operate type {kind}: invalid parameter")
    return bool(kind)


def _grantor(privilege: str, user: str = "") -> pb.GrantorEntity:
    return pb.GrantorEntity(
        user=pb.UserEntity(name=user), privilege=pb.PrivilegeEntity(name=privilege)
    )


def _write_older_grant(op: ops.SetGrant, _schema: object) -> Any:
    entity = pb.GrantEntity(
        role=pb.RoleEntity(name=op.role),
        object=pb.ObjectEntity(name=op.object),
        object_name=op.name,
        db_name=op.database or op.db,
        grantor=_grantor(op.privilege),
    )
    return pb.OperatePrivilegeRequest(entity=entity, type=int(op.remove))


def _read_older_grant(m: pb.OperatePrivilegeRequest, _schema: object) -> Any:
    if not m.entity.object.name:
        raise ParamError(message="the object entity in the request is nil: invalid parameter")
    return ops.SetGrant(
        role=m.entity.role.name,
        object=m.entity.object.name,
        name=m.entity.object_name,
        database=m.entity.db_name,
        privilege=m.entity.grantor.privilege.name,
        remove=_removes(m.type),
    )


def _write_newer_grant(op: ops.SetGrant, _schema: object) -> Any:
    return pb.OperatePrivilegeV2Request(
        role=pb.RoleEntity(name=op.role),
        grantor=_grantor(op.privilege),
        type=int(op.remove),
        db_name=op.database or op.db,
        collection_name=op.name,
    )


def _read_newer_grant(m: pb.OperatePrivilegeV2Request, _schema: object) -> Any:
    return ops.SetGrant(
        role=m.role.name,
        name=m.collection_name,
        database=m.db_name,
        privilege=m.grantor.privilege.name,
        remove=_removes(m.type),
    )


def _write_grants(found: tuple[Grant, ...], _op: object, _schema: object) -> Any:
    message = pb.SelectGrantResponse(status=pb.Status())
    for each in found:
        message.entities.add(
            role=pb.RoleEntity(name=each.role),
            object=pb.ObjectEntity(name=each.object),
            object_name=each.name,
            db_name=each.db,
            grantor=_grantor(each.privilege, each.grantor),
        )
    return message


def _read_grants(m: pb.SelectGrantResponse, _op: object, _schema: object) -> Any:
    return tuple(
        Grant(
            role=each.role.name,
            object=each.object.name,
            name=each.object_name,
            db=each.db_name,
            privilege=each.grantor.privilege.name,
            grantor=each.grantor.user.name,
        )
        for each in m.entities
    )


def _write_select_grant(op: ops.ListGrants, _schema: object) -> Any:
    entity = pb.GrantEntity(
        role=pb.RoleEntity(name=op.role),
        object=pb.ObjectEntity(name=op.object) if op.object else None,
        object_name=op.name,
        db_name=op.database or op.db,
    )
    return pb.SelectGrantRequest(entity=entity)


def _write_groups(found: tuple[tuple[str, tuple[str, ...]], ...], _op: object, _s: object) -> Any:
    message = pb.ListPrivilegeGroupsResponse(status=pb.Status())
    for name, privileges in found:
        group = message.privilege_groups.add(group_name=name)
        for privilege in privileges:
            group.privileges.add(name=privilege)
    return message


def _read_groups(m: pb.ListPrivilegeGroupsResponse, _op: object, _schema: object) -> Any:
    return tuple(
        (each.group_name, tuple(privilege.name for privilege in each.privileges))
        for each in m.privilege_groups
    )


def _write_group(op: ops.SetGroupPrivileges, _schema: object) -> Any:
    return pb.OperatePrivilegeGroupRequest(
        group_name=op.group,
        privileges=[pb.PrivilegeEntity(name=name) for name in op.privileges],
        type=int(op.remove),
    )


def _change(operation: Any, name: str, request: Any, read_request: Any) -> Route:
    """Return the route of an operation that answers nothing; repeating it may be refused."""
    return Route(
        operation=operation,
        name=name,
        request=request,
        read_request=read_request,
        reply=only_status,
        read_reply=nothing,
        repeatable=False,
    )


OLDER_GRANT = _change(ops.SetGrant, "OperatePrivilege", _write_older_grant, _read_older_grant)
NEWER_GRANT = _change(ops.SetGrant, "OperatePrivilegeV2", _write_newer_grant, _read_newer_grant)

ROUTES = (
    _change(
        ops.CreateUser,
        "CreateCredential",
        _write_create_user,
        lambda m, _schema: ops.CreateUser(
            user=m.username, password=_read_password(m.password), description=m.description
        ),
    ),
    _change(ops.UpdateUser, "UpdateCredential", _write_update_user, _read_update_user),
    _change(
        ops.DropUser,
        "DeleteCredential",
        lambda op, _schema: pb.DeleteCredentialRequest(username=op.user),
        lambda m, _schema: ops.DropUser(user=m.username),
    ),
    Route(
        operation=ops.ListUsers,
        name="ListCredUsers",
        request=lambda _op, _schema: pb.ListCredUsersRequest(),
        read_request=lambda _m, _schema: ops.ListUsers(),
        reply=lambda found, _op, _schema: pb.ListCredUsersResponse(
            status=pb.Status(), usernames=found
        ),
        read_reply=lambda m, _op, _schema: tuple(m.usernames),
        repeatable=True,
    ),
    Route(
        operation=ops.DescribeUsers,
        name="SelectUser",
        request=lambda op, _schema: pb.SelectUserRequest(
            user=None if op.user is None else pb.UserEntity(name=op.user),
            include_role_info=op.with_roles,
        ),
        read_request=lambda m, _schema: ops.DescribeUsers(
            user=m.user.name if m.HasField("user") else None, with_roles=m.include_role_info
        ),
        reply=_write_users,
        read_reply=_read_users,
        repeatable=True,
    ),
    _change(
        ops.CreateRole,
        "CreateRole",
        lambda op, _schema: pb.CreateRoleRequest(
            entity=pb.RoleEntity(name=op.role, description=op.description)
        ),
        lambda m, _schema: ops.CreateRole(role=m.entity.name, description=m.entity.description),
    ),
    _change(
        ops.AlterRole,
        "AlterRole",
        lambda op, _schema: pb.AlterRoleRequest(role_name=op.role, description=op.description),
        lambda m, _schema: ops.AlterRole(role=m.role_name, description=m.description),
    ),
    _change(
        ops.DropRole,
        "DropRole",
        lambda op, _schema: pb.DropRoleRequest(role_name=op.role, force_drop=op.force),
        lambda m, _schema: ops.DropRole(role=m.role_name, force=m.force_drop),
    ),
    Route(
        operation=ops.DescribeRoles,
        name="SelectRole",
        request=lambda op, _schema: pb.SelectRoleRequest(
            role=pb.RoleEntity(name=op.role) if op.role else None, include_user_info=op.with_users
        ),
        read_request=lambda m, _schema: ops.DescribeRoles(
            role=m.role.name, with_users=m.include_user_info
        ),
        reply=_write_roles,
        read_reply=_read_roles,
        repeatable=True,
    ),
    _change(ops.SetUserRole, "OperateUserRole", _write_user_role, _read_user_role),
    OLDER_GRANT,
    NEWER_GRANT,
    Route(
        operation=ops.ListGrants,
        name="SelectGrant",
        request=_write_select_grant,
        read_request=lambda m, _schema: ops.ListGrants(
            role=m.entity.role.name,
            object=m.entity.object.name,
            name=m.entity.object_name,
            database=m.entity.db_name,
        ),
        reply=_write_grants,
        read_reply=_read_grants,
        repeatable=True,
    ),
    _change(
        ops.CreatePrivilegeGroup,
        "CreatePrivilegeGroup",
        lambda op, _schema: pb.CreatePrivilegeGroupRequest(group_name=op.group),
        lambda m, _schema: ops.CreatePrivilegeGroup(group=m.group_name),
    ),
    _change(
        ops.DropPrivilegeGroup,
        "DropPrivilegeGroup",
        lambda op, _schema: pb.DropPrivilegeGroupRequest(group_name=op.group),
        lambda m, _schema: ops.DropPrivilegeGroup(group=m.group_name),
    ),
    Route(
        operation=ops.ListPrivilegeGroups,
        name="ListPrivilegeGroups",
        request=lambda _op, _schema: pb.ListPrivilegeGroupsRequest(),
        read_request=lambda _m, _schema: ops.ListPrivilegeGroups(),
        reply=_write_groups,
        read_reply=_read_groups,
        repeatable=True,
    ),
    _change(
        ops.SetGroupPrivileges,
        "OperatePrivilegeGroup",
        _write_group,
        lambda m, _schema: ops.SetGroupPrivileges(
            group=m.group_name,
            privileges=tuple(each.name for each in m.privileges),
            remove=_removes(m.type),
        ),
    ),
)
