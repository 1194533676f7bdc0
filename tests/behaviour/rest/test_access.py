"""Who may come in over REST, and what they may do there."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import httpx
import pytest_asyncio

from aiomilvus.server import serve
from tests.behaviour.rest.conftest import Rest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ROOT = {"Authorization": "Bearer root:changed-1"}
ADA = {"Authorization": "Bearer ada:ada-secret"}


@pytest_asyncio.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Rest]:
    settings = {"auth": True, "root_password": "changed-1", "port": 0, "http_port": 0}
    async with (
        serve(tmp_path / "app.db", grace=1.0, **settings) as server,
        httpx.AsyncClient(base_url=server.http_uri) as http,
    ):
        yield Rest(http)


async def test_a_user_comes_in_with_its_password(guarded: Rest) -> None:
    basic = base64.b64encode(b"root:changed-1").decode()
    for value in ("Bearer root:changed-1", "root:changed-1", f"Basic {basic}"):
        assert await guarded("collections/list", Authorization=value) == []
    for value in ("", "Bearer root:Milvus", "Basic x", "Bearer root", "Bearer nobody:changed-1"):
        response = await guarded.raw("collections/list", Authorization=value)
        assert response.status_code == 401
        assert response.json() == {"code": 1800, "message": "user hasn't authenticated"}


async def test_a_token_guards_rest_too(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "x.db", port=0, http_port=0, token="secret-key") as server,
        httpx.AsyncClient(base_url=server.http_uri) as http,
    ):
        rest = Rest(http)
        assert await rest("collections/list", Authorization="Bearer secret-key") == []
        assert (await rest.raw("collections/list")).status_code == 401


async def test_a_user_may_what_its_roles_may(guarded: Rest) -> None:
    for name in ("books", "films"):
        await guarded("collections/create", {"collectionName": name, "dimension": 2}, **ROOT)
    body = {"userName": "ada", "password": "ada-secret", "description": "reads"}
    await guarded("users/create", body, **ROOT)
    await guarded("roles/create", {"roleName": "reader"}, **ROOT)
    await guarded("users/grant_role", {"userName": "ada", "roleName": "reader"}, **ROOT)
    search = {"collectionName": "books", "data": [[1, 2]]}
    refused = await guarded.raw("entities/search", search, **ADA)
    assert refused.status_code == 403
    assert refused.json() == {
        "code": 65535,
        "message": "rpc error: code = PermissionDenied desc = PrivilegeSearch: permission deny "
        "to ada in the `default` database",
    }
    grant = {"roleName": "reader", "privilege": "Search", "collectionName": "books",
             "dbName": "default"}  # fmt: skip
    await guarded("roles/grant_privilege_v2", grant, **ROOT)
    assert await guarded("entities/search", search, **ADA) == []
    search["collectionName"] = "films"
    assert (await guarded.raw("entities/search", search, **ADA)).status_code == 403
    none = {"collectionName": "none", "data": [[1, 2]]}
    assert (await guarded.raw("entities/search", none, **ADA)).status_code == 403
    insert = {"collectionName": "books", "data": [{"id": 1, "vector": [1, 2]}]}
    assert (await guarded.raw("entities/insert", insert, **ADA)).status_code == 403
    shown = await guarded("roles/describe", {"roleName": "reader"}, **ROOT)
    assert [(each["privilege"], each["objectName"]) for each in shown] == [("Search", "books")]
    await guarded("roles/revoke_privilege_v2", grant, **ROOT)
    search["collectionName"] = "books"
    assert (await guarded.raw("entities/search", search, **ADA)).status_code == 403


async def test_users_roles_and_groups_are_managed(rest: Rest) -> None:
    body = {"userName": "ada", "password": "ada-secret", "description": "reads"}
    await rest("users/create", body)
    assert set(await rest("users/list")) == {"ada", "root"}
    await rest("roles/create", {"roleName": "reader", "description": "may read"})
    await rest("roles/alter", {"roleName": "reader", "description": "may read much"})
    assert set(await rest("roles/list")) == {"admin", "public", "reader"}
    await rest("users/grant_role", {"userName": "ada", "roleName": "reader"})
    found = await rest.reply("users/describe", {"userName": "ada"})
    assert (found["data"], found["description"]) == (["reader"], "reads")
    change = {"userName": "ada", "password": "ada-secret", "newPassword": "ada-secret-2"}
    await rest("users/update_password", change)
    code, _ = await rest.refused("users/update_password", change)
    assert code != 0
    grant = {"roleName": "reader", "objectType": "Collection", "objectName": "*",
             "privilege": "Query"}  # fmt: skip
    await rest("roles/grant_privilege", grant)
    told = await rest.reply("roles/describe", {"roleName": "reader"})
    assert told["description"] == "may read much"
    assert told["data"][0]["privilege"] == "Query"
    await rest("roles/revoke_privilege", grant)
    group = {"privilegeGroupName": "keepers"}
    await rest("privilege_groups/create", group)
    both = {**group, "privileges": ["Insert", "Delete"]}
    await rest("privilege_groups/add_privileges_to_group", both)
    listed = (await rest("privilege_groups/list"))["privilegeGroups"]
    mine = next(each for each in listed if each["privilegeGroupName"] == "keepers")
    assert set(mine["privileges"].split(",")) == {"Insert", "Delete"}
    await rest("privilege_groups/remove_privileges_from_group", both)
    await rest("privilege_groups/drop", group)
    await rest("users/revoke_role", {"userName": "ada", "roleName": "reader"})
    await rest("users/drop", {"userName": "ada"})
    await rest("roles/drop", {"roleName": "reader"})
    assert await rest("users/list") == ["root"]
    assert (await rest.refused("users/describe", {"userName": "ada"}))[0] != 0


async def test_privileges_hold_in_the_database_that_the_header_names(guarded: Rest) -> None:
    await guarded("databases/create", {"dbName": "other"}, **ROOT)
    await guarded("users/create", {"userName": "ada", "password": "ada-secret"}, **ROOT)
    await guarded("roles/create", {"roleName": "reader"}, **ROOT)
    await guarded("users/grant_role", {"userName": "ada", "roleName": "reader"}, **ROOT)
    grant = {"roleName": "reader", "objectType": "Global", "objectName": "*",
             "privilege": "SelectOwnership"}  # fmt: skip
    await guarded("roles/grant_privilege", grant, **ROOT, **{"DB-Name": "other"})
    here = await guarded.raw("users/list", **ADA)
    assert here.status_code == 403
    assert "in the `default` database" in here.json()["message"]
    assert set(await guarded("users/list", **ADA, **{"DB-Name": "other"})) == {"ada", "root"}
    told = await guarded("roles/describe", {"roleName": "reader", "dbName": "other"}, **ROOT)
    assert [(each["dbName"], each["privilege"]) for each in told] == [("other", "SelectOwnership")]
    assert await guarded("roles/describe", {"roleName": "reader"}, **ROOT) == []
