"""``/users/…``, ``/roles/…`` and ``/privilege_groups/…``."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import MilvusException
from aiomilvus.server.rest.call import Call, Reply, Route, asking
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.access import Grant

_ADD, _REMOVE = 0, 1
_NO_SUCH = 65535


def _user(call: Call) -> str:
    return call.body.text("userName", required=True)


def _role(call: Call) -> str:
    return call.body.text("roleName", required=True)


def _secret(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _create_user(call: Call) -> Any:
    message = pb.CreateCredentialRequest(
        username=_user(call), password=_secret(call.body.text("password", required=True))
    )
    if call.body.text("description"):
        message.description = call.body.text("description")
    return message


def _update_user(call: Call) -> Any:
    body = call.body
    message = pb.UpdateCredentialRequest(username=_user(call))
    if body.text("newPassword"):
        message.oldPassword = _secret(body.text("password"))
        message.newPassword = _secret(body.text("newPassword"))
    if body.has("description") or not body.text("newPassword"):
        message.description = body.text("description")
    return message


async def _describe_user(call: Call) -> Reply:
    name = _user(call)
    message = pb.SelectUserRequest(user=pb.UserEntity(name=name), include_role_info=True)
    found = await call.ask("SelectUser", message)
    if not found:
        raise MilvusException(_NO_SUCH, f"not found the user: {name}")
    return {"data": list(found[0].roles), "description": found[0].description}


def _user_role(kind: int) -> Callable[[Call], Any]:
    return lambda call: pb.OperateUserRoleRequest(
        username=_user(call), role_name=_role(call), type=pb.OperateUserRoleType(kind)
    )


async def _describe_role(call: Call) -> Reply:
    role = _role(call)
    entity = pb.GrantEntity(role=pb.RoleEntity(name=role), db_name=call.db)
    grants = await call.ask("SelectGrant", pb.SelectGrantRequest(entity=entity))
    roles = await call.ask("SelectRole", pb.SelectRoleRequest(role=pb.RoleEntity(name=role)))
    text = roles[0].description if roles else ""
    return {"data": [_grant(each) for each in grants], "description": text}


def _grant(grant: Grant) -> dict[str, str]:
    return {
        "objectType": grant.object,
        "objectName": grant.name,
        "privilege": grant.privilege,
        "dbName": grant.db,
        "grantor": grant.grantor,
    }


def _older(kind: int) -> Callable[[Call], Any]:
    def message(call: Call) -> Any:
        body = call.body
        entity = pb.GrantEntity(
            role=pb.RoleEntity(name=_role(call)),
            object=pb.ObjectEntity(name=body.text("objectType", required=True)),
            object_name=body.text("objectName", required=True),
            db_name=call.db,
            grantor=_grantor(body.text("privilege", required=True)),
        )
        return pb.OperatePrivilegeRequest(entity=entity, type=pb.OperatePrivilegeType(kind))

    return message


def _newer(kind: int) -> Callable[[Call], Any]:
    return lambda call: pb.OperatePrivilegeV2Request(
        role=pb.RoleEntity(name=_role(call)),
        grantor=_grantor(call.body.text("privilege", required=True)),
        type=pb.OperatePrivilegeType(kind),
        db_name=call.db,
        collection_name=call.body.text("collectionName"),
    )


def _grantor(privilege: str) -> pb.GrantorEntity:
    return pb.GrantorEntity(privilege=pb.PrivilegeEntity(name=privilege))


def _group(call: Call) -> str:
    return call.body.text("privilegeGroupName", required=True)


def _groups(found: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, Any]:
    listed = [
        {"privilegeGroupName": name, "privileges": ",".join(privileges)}
        for name, privileges in found
    ]
    return {"privilegeGroups": listed}


def _group_privileges(kind: int) -> Callable[[Call], Any]:
    return lambda call: pb.OperatePrivilegeGroupRequest(
        group_name=_group(call),
        privileges=[pb.PrivilegeEntity(name=name) for name in call.body.texts("privileges")],
        type=pb.OperatePrivilegeGroupType(kind),
    )


def _role_entity(call: Call) -> pb.RoleEntity:
    return pb.RoleEntity(name=_role(call), description=call.body.text("description"))


_USERS = (
    asking("/users/list", "ListCredUsers", lambda _: pb.ListCredUsersRequest(), list),
    Route("/users/describe", "SelectUser", _describe_user),
    asking("/users/create", "CreateCredential", _create_user),
    asking("/users/update_password", "UpdateCredential", _update_user),
    asking(
        "/users/drop",
        "DeleteCredential",
        lambda call: pb.DeleteCredentialRequest(username=_user(call)),
    ),
    asking("/users/grant_role", "OperateUserRole", _user_role(_ADD)),
    asking("/users/revoke_role", "OperateUserRole", _user_role(_REMOVE)),
)
_ROLES = (
    asking(
        "/roles/list",
        "SelectRole",
        lambda _: pb.SelectRoleRequest(),
        lambda found: [each.name for each in found],
    ),
    Route("/roles/describe", "SelectGrant", _describe_role),
    asking(
        "/roles/create",
        "CreateRole",
        lambda call: pb.CreateRoleRequest(entity=_role_entity(call)),
    ),
    asking(
        "/roles/alter",
        "AlterRole",
        lambda call: pb.AlterRoleRequest(
            role_name=_role(call), description=call.body.text("description")
        ),
    ),
    asking("/roles/drop", "DropRole", lambda call: pb.DropRoleRequest(role_name=_role(call))),
    asking("/roles/grant_privilege", "OperatePrivilege", _older(_ADD)),
    asking("/roles/revoke_privilege", "OperatePrivilege", _older(_REMOVE)),
    asking("/roles/grant_privilege_v2", "OperatePrivilegeV2", _newer(_ADD)),
    asking("/roles/revoke_privilege_v2", "OperatePrivilegeV2", _newer(_REMOVE)),
)
_PRIVILEGE_GROUPS = (
    asking(
        "/privilege_groups/create",
        "CreatePrivilegeGroup",
        lambda call: pb.CreatePrivilegeGroupRequest(group_name=_group(call)),
    ),
    asking(
        "/privilege_groups/drop",
        "DropPrivilegeGroup",
        lambda call: pb.DropPrivilegeGroupRequest(group_name=_group(call)),
    ),
    asking(
        "/privilege_groups/list",
        "ListPrivilegeGroups",
        lambda _: pb.ListPrivilegeGroupsRequest(),
        _groups,
    ),
    asking(
        "/privilege_groups/add_privileges_to_group",
        "OperatePrivilegeGroup",
        _group_privileges(_ADD),
    ),
    asking(
        "/privilege_groups/remove_privileges_from_group",
        "OperatePrivilegeGroup",
        _group_privileges(_REMOVE),
    ),
)
ROUTES = (*_USERS, *_ROLES, *_PRIVILEGE_GROUPS)
