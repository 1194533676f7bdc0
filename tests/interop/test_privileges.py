"""What each RPC needs is what Milvus' protocol is annotated with, as pymilvus brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pymilvus
import pytest
from pymilvus.grpc_gen import common_pb2, milvus_pb2

from aiomilvus import AsyncMilvusClient, DataType
from aiomilvus.errors import PermissionDeniedError
from aiomilvus.model.access import Access, Grant, Role, User, first_access
from aiomilvus.model.operations.traits import EVERYONE, NOBODY
from aiomilvus.model.privilege_groups import LEVELS, OBJECTS
from aiomilvus.server import serve
from aiomilvus.server.authentication import Caller
from aiomilvus.server.authorisation import check_allowed
from aiomilvus.server.service import Service
from aiomilvus.server.settings import ServerSettings
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.proto.rpc import extension_names, names, rpc
from aiomilvus.wire.table.route import status_field, status_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiomilvus.server import Server

METHODS = {
    method.name: method.input_type
    for method in milvus_pb2.DESCRIPTOR.services_by_name["MilvusService"].methods
}
EXTENSIONS = {"ReadChanges": "Query"}
"""What each RPC needs that Milvus does not have."""
SERVED = Service(None, ServerSettings())._privileges  # type: ignore[arg-type] # asked nothing
NEEDS = {name: privilege for name, privilege in SERVED.items() if name not in EXTENSIONS}
UNSERVED = sorted(set(names()) - NEEDS.keys())


def annotation(name: str) -> Any:
    """Return Milvus' annotation of an RPC, None for none."""
    options = METHODS[name].GetOptions()
    extension = common_pb2.privilege_ext_obj
    return options.Extensions[extension] if options.HasExtension(extension) else None


def needed(name: str) -> str:
    """Return the privilege an RPC needs in Milvus."""
    found = annotation(name)
    if found is None:
        return EVERYONE
    return str(common_pb2.ObjectPrivilege.Name(found.object_privilege)).removeprefix("Privilege")


def test_every_rpc_is_known_to_both() -> None:
    assert set(names()) == METHODS.keys()
    assert len(NEEDS) > 85
    assert {name: SERVED[name] for name in extension_names()} == EXTENSIONS


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_an_rpc_needs_what_it_needs_in_milvus(name: str) -> None:
    assert NEEDS[name] == needed(name)


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_what_an_rpc_needs_can_be_granted_on_the_object_it_is_about(name: str) -> None:
    if NEEDS[name] == EVERYONE:
        return
    assert NEEDS[name] in LEVELS
    assert NEEDS[name] in OBJECTS[common_pb2.ObjectType.Name(annotation(name).object_type)]


def holder(privilege: str, collection: str) -> Access:
    """Return users among whom ada has one privilege on one collection."""
    first = first_access()
    kind = next(kind for kind, names in OBJECTS.items() if privilege in names)
    grant = Grant(role="r", object=kind, name=collection, db="default", privilege=privilege)
    return Access(
        users={**first.users, "ada": User(roles=("r",))},
        roles={**first.roles, "r": Role()},
        grants=(grant,),
    )


@pytest.mark.parametrize(
    "name",
    [n for n in sorted(NEEDS) if (found := annotation(n)) and found.object_type == 0],
)
def test_a_privilege_on_a_collection_holds_for_the_field_that_names_it(name: str) -> None:
    number = annotation(name).object_name_index or annotation(name).object_name_indexs
    field = METHODS[name].fields_by_number[number]
    message = rpc(name).request()
    given = getattr(message, field.name)
    if hasattr(given, "append"):
        given.append("books")
    else:
        setattr(message, field.name, "books")
    ada = Caller("ada")
    check_allowed(holder(NEEDS[name], "books"), ada, NEEDS[name], name, message)
    with pytest.raises(PermissionDeniedError):
        check_allowed(holder(NEEDS[name], "films"), ada, NEEDS[name], name, message)


@pytest.mark.parametrize(
    "name",
    [n for n in sorted(NEEDS) if NEEDS[n] not in (EVERYONE, NOBODY) and n != "ShowCollections"],
)
def test_a_request_without_a_database_is_judged_in_the_connections(name: str) -> None:
    message = rpc(name).request()
    access = holder(NEEDS[name], "*")
    check_allowed(access, Caller("ada"), NEEDS[name], name, message)
    check_allowed(access, Caller("ada", "default"), NEEDS[name], name, message)
    with pytest.raises(PermissionDeniedError, match="in the `other` database"):
        check_allowed(access, Caller("ada", "other"), NEEDS[name], name, message)


@pytest.mark.parametrize("privilege", ["", NOBODY])
def test_without_a_stated_privilege_nobody_is_let_through(privilege: str) -> None:
    with pytest.raises(PermissionDeniedError, match="PrivilegeDummy"):
        check_allowed(first_access(), Caller("root"), privilege, "Dummy", rpc("Dummy").request())


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Server]:
    async with serve(tmp_path / "app.db", port=0, auth=True, root_password="changed-1") as server:
        yield server


@pytest.mark.parametrize("caller", ["root:changed-1", "ada:ada-secret"])
async def test_what_is_not_served_is_refused_by_name_whoever_asks(
    guarded: Server, caller: str
) -> None:
    async with AsyncMilvusClient(guarded.uri, token="root:changed-1") as root:
        await root.create_user("ada", "ada-secret")
    async with grpc.aio.insecure_channel(guarded.uri.removeprefix("http://")) as channel:
        for name in UNSERVED:
            method = rpc(name)
            if method.client_streaming or method.server_streaming:
                continue
            call: Any = channel.unary_unary(method.path, None, None)
            metadata = (("authorization", caller),)
            status_name = status_field(method.response)
            if method.response is pb.Status or status_name:
                reply: Any = method.response.FromString(await call(b"", metadata=metadata))
                assert name in status_of(reply).reason
            else:
                with pytest.raises(grpc.aio.AioRpcError, match=name) as refused:
                    await call(b"", metadata=metadata)
                assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def grown(root: AsyncMilvusClient, *grants: tuple[str, str, str]) -> None:
    """Make a user with privileges: (privilege, collection, database)."""
    await root.create_user("ada", "ada-secret")
    await root.create_role("reader")
    await root.grant_role("ada", "reader")
    for privilege, collection, database in grants:
        await root.grant_privilege_v2("reader", privilege, collection, db_name=database)


async def test_lists_show_what_the_caller_has_a_privilege_on(guarded: Server) -> None:
    async with AsyncMilvusClient(guarded.uri, token="root:changed-1") as root:
        for name in ("books", "films", "songs"):
            await root.create_collection(name, dimension=2)
        await root.create_database("other")
        await root.create_database("third")
        await grown(root, ("Query", "books", "default"), ("CollectionReadOnly", "songs", "other"))
        assert sorted(await root.list_databases()) == ["default", "other", "third"]
        async with AsyncMilvusClient(guarded.uri, token="ada:ada-secret") as ada:
            assert await ada.list_collections() == ["books"]
            assert sorted(await ada.list_databases()) == ["default", "other"]
            assert await ada.has_collection("films")
            await root.grant_privilege_v2("reader", "Search", "*", db_name="default")
            assert sorted(await ada.list_collections()) == ["books", "films", "songs"]
            await root.revoke_privilege_v2("reader", "Search", "*", db_name="default")
            await root.revoke_privilege_v2("reader", "Query", "books", db_name="default")
            assert await ada.list_collections() == []
            assert await ada.list_databases() == ["other"]
            await root.grant_privilege_v2("reader", "DatabaseReadOnly", "*", db_name="default")
            assert sorted(await ada.list_collections()) == ["books", "films", "songs"]
            await root.grant_privilege_v2("reader", "ClusterReadOnly", "*", db_name="*")
            assert sorted(await ada.list_databases()) == ["default", "other", "third"]


async def test_privileges_that_groups_lack_are_granted_by_name(guarded: Server) -> None:
    async with AsyncMilvusClient(guarded.uri, token="root:changed-1") as root:
        await root.create_collection("books", dimension=2)
        await grown(
            root,
            ("CreateSnapshot", "books", "default"),
            ("AddCollectionField", "books", "default"),
            ("Load", "books", "default"),
            ("GetLoadState", "books", "default"),
            ("Compaction", "books", "default"),
        )
        async with AsyncMilvusClient(guarded.uri, token="ada:ada-secret") as ada:
            await ada.create_snapshot("s", "books")
            with pytest.raises(PermissionDeniedError, match="PrivilegeDropSnapshot"):
                await ada.drop_snapshot("s", "books")
            await ada.add_collection_field("books", "more", DataType.INT64, nullable=True)
            await ada.load_collection("books")
            job = await ada.compact("books")
            assert await ada.get_compaction_state(job)
            with pytest.raises(PermissionDeniedError, match="PrivilegeAlterCollectionSchema"):
                await ada.drop_collection_field("books", "more")
            with pytest.raises(PermissionDeniedError, match="PrivilegeCreateOwnership"):
                await ada.alter_role("reader", "more")


async def rights_in_other(server: Server) -> None:
    """Let ada list users and rename collections where a connection is in the database `other`."""
    async with AsyncMilvusClient(server.uri, token="root:changed-1") as root:
        await root.create_database("other")
        await grown(root)
        for privilege in ("SelectOwnership", "RenameCollection", "CreateCollection"):
            await root.grant_privilege("reader", "Global", privilege, "*", db_name="other")


@pytest.mark.parametrize("client", [AsyncMilvusClient, pymilvus.AsyncMilvusClient])
async def test_privileges_hold_where_the_connection_is(guarded: Server, client: Any) -> None:
    await rights_in_other(guarded)
    here = client(guarded.uri, token="ada:ada-secret")
    there = client(guarded.uri, token="ada:ada-secret", db_name="other")
    try:
        assert sorted(await there.list_users()) == ["ada", "root"]
        with pytest.raises(Exception, match="permission deny to ada in the `default` database"):
            await here.list_users()
    finally:
        await here.close()
        await there.close()


@pytest.mark.parametrize("client", [AsyncMilvusClient, pymilvus.AsyncMilvusClient])
async def test_grants_without_a_database_are_of_the_connections(
    guarded: Server, client: Any
) -> None:
    async with AsyncMilvusClient(guarded.uri, token="root:changed-1") as root:
        await root.create_database("other")
        await grown(root, ("Query", "books", "default"))
    there = client(guarded.uri, token="root:changed-1", db_name="other")
    try:
        await there.grant_privilege("reader", "Collection", "Search", "books")
        await there.grant_privilege_v2("reader", "Insert", "books")
        told = (await there.describe_role("reader"))["privileges"]
        assert [(each["db_name"], each["privilege"]) for each in told] == [
            ("other", "Search"),
            ("other", "Insert"),
        ]
    finally:
        await there.close()


async def test_an_entity_or_a_target_without_a_database_is_filled(guarded: Server) -> None:
    """As sent by clients that name the database in the metadata alone."""
    await rights_in_other(guarded)
    metadata = (("authorization", "root:changed-1"), ("dbname", "other"))
    async with AsyncMilvusClient(guarded.uri, token="root:changed-1", db_name="other") as root:
        await root.create_collection("old", dimension=2)
        async with grpc.aio.insecure_channel(guarded.uri.removeprefix("http://")) as channel:

            async def call(name: str, message: Any) -> Any:
                method = rpc(name)
                send: Any = channel.unary_unary(method.path, None, None)
                reply = await send(message.SerializeToString(), metadata=metadata)
                return method.response.FromString(reply)

            entity = pb.GrantEntity(role=pb.RoleEntity(name="reader"))
            found = await call("SelectGrant", pb.SelectGrantRequest(entity=entity))
            assert {each.db_name for each in found.entities} == {"other"}
            renamed = pb.RenameCollectionRequest(oldName="old", newName="new")
            assert (await call("RenameCollection", renamed)).code == 0
        assert await root.list_collections() == ["new"]
