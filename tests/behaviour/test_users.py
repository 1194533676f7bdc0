"""Users, roles and privileges are kept, whatever the door; servers enforce them (interop)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import MilvusClient
from aiomilvus.errors import MilvusException, ParamError, PrivilegeGroupNameError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.behaviour.conftest import Door


async def test_a_new_database_has_root_admin_and_public(client: Door) -> None:
    assert await client.list_users() == ["root"]
    assert await client.list_roles() == ["admin", "public"]
    assert (await client.describe_user("root"))["roles"] == ("admin",)
    assert await client.describe_user("nobody") == {}
    with pytest.raises(ParamError, match="username must be not empty"):
        await client.describe_user("")
    public = await client.describe_role("public")
    assert {each["privilege"] for each in public["privileges"]} >= {"DescribeCollection"}


async def test_users_come_change_and_go(client: Door) -> None:
    await client.create_user("ada", "engine-1843", description="counts")
    described = await client.describe_user("ada")
    assert described == {"user_name": "ada", "roles": (), "description": "counts"}
    await client.update_user("ada", "computes")
    assert (await client.describe_user("ada"))["description"] == "computes"
    with pytest.raises(MilvusException, match="old password not correct"):
        await client.update_password("ada", "wrong-one", "engine-1844")
    await client.update_password("ada", "engine-1843", "engine-1844")
    await client.create_role("reader")
    await client.grant_role("ada", "reader")
    assert (await client.describe_user("ada"))["roles"] == ("reader",)
    await client.revoke_role("ada", "reader")
    assert (await client.describe_user("ada"))["roles"] == ()
    for user in ("ada", "nobody"):  # as in Milvus, which asks for the role alone
        await client.revoke_role(user, "reader")
    with pytest.raises(MilvusException, match="not found the role"):
        await client.revoke_role("ada", "none")
    await client.drop_user("ada")
    assert await client.list_users() == ["root"]


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("", "secret1"),
        ("9x", "secret1"),
        ("a b", "secret1"),
        ("u" * 33, "secret1"),
        ("u", "short"),
        ("u", "secret\0"),
        ("u", "secret\ud800"),
    ],
)
async def test_bad_names_and_passwords_are_refused(client: Door, name: str, password: str) -> None:
    with pytest.raises(ParamError):
        await client.create_user(name, password)
    assert await client.list_users() == ["root"]


async def test_what_must_stay_stays(client: Door) -> None:
    for refused in (
        client.drop_user("root"),
        client.drop_role("admin"),
        client.drop_role("public"),
        client.revoke_role("root", "admin"),
        client.create_user("root", "secret1"),
        client.create_role("admin"),
        client.grant_role("nobody", "admin"),
        client.grant_role("root", "none"),
        client.describe_role("none"),
    ):
        with pytest.raises(MilvusException):
            await refused


async def test_grants_are_told_and_taken_back(client: Door) -> None:
    await client.create_role("reader")
    await client.grant_privilege_v2("reader", "Search", "books")
    await client.grant_privilege_v2("reader", "CollectionReadOnly", "*", db_name="*")
    await client.grant_privilege("reader", "Global", "ShowCollections", "*")
    await client.grant_privilege_v2("reader", "Search", "books")  # again: no second one
    told = (await client.describe_role("reader"))["privileges"]
    assert told[1] == {
        "object_type": "Global",
        "object_name": "*",
        "db_name": "default",
        "role_name": "reader",
        "privilege": "ShowCollections",
        "grantor_name": "root",
    }
    assert len(told) == 3
    with pytest.raises(MilvusException, match=r"role \[reader\] already exists"):
        await client.create_role("reader")
    for refused in (client.grant_role("root", "none"), client.describe_role("none")):
        with pytest.raises(MilvusException, match="not found the role, maybe the role isn't exist"):
            await refused
    with pytest.raises(MilvusException, match="not found the user, maybe the user isn't existed"):
        await client.grant_role("none", "reader")
    with pytest.raises(MilvusException, match="has privileges"):
        await client.drop_role("reader")
    await client.revoke_privilege_v2("reader", "Search", "books")
    with pytest.raises(MilvusException, match="isn't existed"):
        await client.revoke_privilege_v2("reader", "Search", "books")
    await client.drop_role("reader", force_drop=True)
    assert await client.list_roles() == ["admin", "public"]


async def test_a_role_is_described_for_the_clients_database(client: Door) -> None:
    await client.create_database("other")
    await client.create_role("reader")
    await client.grant_privilege_v2("reader", "Search", "books")
    await client.grant_privilege_v2("reader", "Query", "books", db_name="other")
    await client.grant_privilege_v2("reader", "Insert", "books", db_name="*")

    async def told() -> list[tuple[str, str]]:
        privileges = (await client.describe_role("reader"))["privileges"]
        return [(each["db_name"], each["privilege"]) for each in privileges]

    assert await told() == [("default", "Search"), ("*", "Insert")]
    await client.use_database("other")
    assert await told() == [("other", "Query"), ("*", "Insert")]


async def test_grants_that_mean_nothing_are_refused(client: Door) -> None:
    await client.create_role("reader")
    for refused in (
        client.grant_privilege_v2("reader", "Serach", "books"),
        client.grant_privilege_v2("reader", "CreateDatabase", "*"),
        client.grant_privilege_v2("reader", "ShowCollections", "books"),
        client.grant_privilege("reader", "Collection", "CreateDatabase", "books"),
        client.grant_privilege("reader", "Table", "Search", "books"),
        client.grant_privilege("reader", "Global", "CreateCollection", "books"),
    ):
        with pytest.raises(ParamError):
            await refused
    assert (await client.describe_role("reader"))["privileges"] == []


async def test_groups_of_privileges(client: Door) -> None:
    await client.create_privilege_group("finders")
    await client.add_privileges_to_group("finders", ["Search", "Query"])
    groups = {g["privilege_group"]: g["privileges"] for g in await client.list_privilege_groups()}
    assert sorted(groups["finders"]) == ["Query", "Search"]
    assert "Insert" in groups["CollectionReadWrite"]
    with pytest.raises(ParamError, match="level"):
        await client.add_privileges_to_group("finders", ["CreateDatabase"])
    with pytest.raises(ParamError):
        await client.add_privileges_to_group("finders", ["Fly"])
    with pytest.raises(PrivilegeGroupNameError):
        await client.create_privilege_group("1st")
    await client.create_role("reader")
    await client.grant_privilege_v2("reader", "finders", "books")
    with pytest.raises(ParamError, match="used by role"):
        await client.drop_privilege_group("finders")
    await client.remove_privileges_from_group("finders", ["Query"])
    await client.revoke_privilege_v2("reader", "finders", "books")
    await client.drop_privilege_group("finders")


def test_users_outlive_the_process_and_no_password_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with MilvusClient(str(path)) as client:
        client.create_user("ada", "a-very-secret-word")
        client.create_role("reader")
        client.grant_role("ada", "reader")
    with MilvusClient(str(path)) as client:
        assert client.describe_user("ada")["roles"] == ("reader",)
    kept = b"".join(each.read_bytes() for each in path.rglob("*") if each.is_file())
    assert b"a-very-secret-word" not in kept


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        (
            lambda c: c.create_user("1a", "secret"),
            1100,
            "invalid user name 1a, the first character mus",
        ),
        (
            lambda c: c.create_user("_a", "secret"),
            1100,
            "invalid user name _a, the first character mus",
        ),
        (
            lambda c: c.create_user("a b", "secret"),
            1100,
            "invalid user name a b, username must contain",
        ),
        (
            lambda c: c.create_user("a" * 33, "secret"),
            1100,
            f"invalid username {'a' * 33} with length 33, the length of username must be less",
        ),
        (
            lambda c: c.create_user("a", "short"),
            1100,
            "invalid password length: invalid parameter[5 out of range 6 <= value <= 72]",
        ),
        (
            lambda c: c.create_role("1a"),
            1100,
            "the first character of role name must be an underscore",
        ),
        (
            lambda c: c.create_role("a b"),
            1100,
            "role name can only contain numbers, letters, underscores, and allowed characters ($-)",
        ),
        (
            lambda c: c.create_role("a" * 256),
            1100,
            "the length of role name must be not greater than limit: invalid parameter[256 out of",
        ),
        (
            lambda c: c.create_privilege_group("1a"),
            1402,
            "the first character of a privilege group name 1a must be an underscore or letter",
        ),
        (
            lambda c: c.create_privilege_group("a-b"),
            1100,
            "privilege group name a-b can only contain numbers, letters and underscores",
        ),
    ],
)
async def test_names_are_refused_in_milvus_words(
    client: Door, call: Any, code: int, said: str
) -> None:
    with pytest.raises(MilvusException) as caught:
        await call(client)
    assert caught.value.message[: len(said)] == said
    assert caught.value.code == code


async def test_a_role_may_have_a_long_name_with_hyphens(client: Door) -> None:
    name = "a-$" * 80
    await client.create_role(name)
    assert name in await client.list_roles()
