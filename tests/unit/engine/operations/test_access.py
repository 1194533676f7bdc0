"""Grants are told as Milvus tells them, and what there is can be changed whatever its name."""

from __future__ import annotations

import msgspec
import pytest

from aiomilvus.engine.database import Database
from aiomilvus.errors import MilvusException
from aiomilvus.model.access import Role, User
from aiomilvus.model.operations.access import (
    AlterRole,
    CreateRole,
    DescribeUsers,
    DropPrivilegeGroup,
    DropRole,
    DropUser,
    ListGrants,
    SetGrant,
    SetGroupPrivileges,
    SetUserRole,
    UpdateUser,
)
from aiomilvus.model.passwords import hashed, verify


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", ["*", "default"]),
        ("*", ["*", "default", "other"]),
        ("default", ["*", "default"]),
        ("other", ["*", "other"]),
    ],
)
def test_grants_of_a_database_are_those_that_hold_there(asked: str, told: list[str]) -> None:
    database = Database(None)
    database.execute(CreateRole(role="reader"))
    for db in ("default", "other", "*"):
        grant = SetGrant(role="reader", privilege="Search", name="books", database=db)
        database.execute(grant)
    found = database.execute(ListGrants(role="reader", database=asked))
    assert sorted(grant.db for grant in found) == told
    database.close()


def test_users_and_roles_with_names_that_are_refused_now_can_be_changed_and_dropped() -> None:
    database = Database(None)

    access = database.access
    user = User(secret=hashed("secret1"))
    access = msgspec.structs.replace(
        access,
        users={**access.users, "_bob": user},
        roles={**access.roles, "my.role": Role()},
        groups={**access.groups, "my-group": ()},
    )
    with database.catalog.transaction():
        database.catalog.put_access(access)
    database.set_access(access)
    for change in (
        UpdateUser(user="_bob", password="secret1", new_password="secret2", description="new"),
        AlterRole(role="my.role", description="new"),
        SetUserRole(user="_bob", role="my.role"),
        SetGroupPrivileges(group="my-group", privileges=("Search",)),
        SetGrant(role="my.role", privilege="my-group", name="books"),
    ):
        database.execute(change)
    (found,) = database.execute(DescribeUsers(user="_bob"))
    assert (found.roles, found.description) == (("my.role",), "new")
    assert verify("secret2", database.access.users["_bob"].secret)
    assert [grant.privilege for grant in database.execute(ListGrants(role="my.role"))] == [
        "my-group"
    ]
    for removal in (
        SetGrant(role="my.role", privilege="my-group", name="books", remove=True),
        DropPrivilegeGroup(group="my-group"),
        DropRole(role="my.role"),
        DropUser(user="_bob"),
    ):
        database.execute(removal)
    assert database.access.users.keys() == {"root"}
    database.close()


def test_a_password_of_nobody_is_refused() -> None:
    database = Database(None)
    with pytest.raises(MilvusException, match="not found the user"):
        database.execute(UpdateUser(user="_bob", password="secret1", new_password="secret2"))
    database.close()
