"""Certificates, tokens, users and their privileges, with our clients and the real pymilvus."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import grpc.aio
import pymilvus
import pytest
import trustme

from aiomilvus import AsyncMilvusClient, MilvusClient
from aiomilvus.errors import (
    ConnectionConfigException,
    MilvusException,
    MilvusUnavailableException,
    NotAuthenticatedError,
    PermissionDeniedError,
)
from aiomilvus.server import serve
from aiomilvus.wire.proto.rpc import rpc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiomilvus.server import Server

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pymilvus")
ROW = {"id": 1, "vector": [1.0, 2.0]}


class Certificates:
    """An authority, a server's certificate and a client's, as files."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.authority = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.authority)
        self.server = self._issue(authority, folder, "localhost")
        self.client = self._issue(authority, folder, "client@example.org")

    def _issue(self, authority: trustme.CA, folder: Path, name: str) -> tuple[str, str]:
        issued = authority.issue_cert(name)
        chain, key = folder / f"{name}.pem", folder / f"{name}.key"
        chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(key))
        return str(chain), str(key)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def address(server: Server) -> str:
    return f"https://localhost:{server.port}"


async def test_both_clients_speak_tls(tmp_path: Path, certificates: Certificates) -> None:
    chain, key = certificates.server
    async with serve(tmp_path / "app.db", port=0, tls_cert=chain, tls_key=key) as server:
        uri = address(server)
        async with AsyncMilvusClient(uri, ca_pem_path=certificates.authority) as client:
            await client.create_collection("things", dimension=2)
            assert (await client.insert("things", [ROW]))["insert_count"] == 1
        theirs = pymilvus.AsyncMilvusClient(uri, server_pem_path=certificates.authority)
        assert await theirs.list_collections() == ["things"]
        await theirs.close()
        async with AsyncMilvusClient(uri, timeout=5) as stranger:
            with pytest.raises(MilvusUnavailableException):
                await stranger.list_collections()


async def test_mutual_tls_lets_only_known_certificates_in(
    tmp_path: Path, certificates: Certificates
) -> None:
    chain, key = certificates.server
    settings = {"tls_cert": chain, "tls_key": key, "tls_client_ca": certificates.authority}
    async with serve(tmp_path / "app.db", port=0, **settings) as server:
        uri = address(server)
        known: dict[str, Any] = {
            "ca_pem_path": certificates.authority,
            "client_pem_path": certificates.client[0],
            "client_key_path": certificates.client[1],
        }
        async with AsyncMilvusClient(uri, **known) as client:
            assert await client.list_collections() == []
        theirs = pymilvus.AsyncMilvusClient(uri, secure=True, **known)
        assert await theirs.list_collections() == []
        await theirs.close()
        async with AsyncMilvusClient(
            uri, ca_pem_path=certificates.authority, timeout=5
        ) as stranger:
            with pytest.raises(MilvusUnavailableException):
                await stranger.list_collections()


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Server]:
    async with serve(tmp_path / "app.db", port=0, auth=True, root_password="changed-1") as server:
        yield server


async def test_only_users_with_their_password_come_in(guarded: Server) -> None:
    for token in ("", "root:Milvus", "nobody:changed-1", "root", "root:changed-12"):
        async with AsyncMilvusClient(guarded.uri, token=token) as client:
            with pytest.raises(NotAuthenticatedError):
                await client.list_collections()
    async with AsyncMilvusClient(guarded.uri, user="root", password="changed-1") as client:
        assert await client.list_collections() == []
    theirs = await asyncio.to_thread(pymilvus.MilvusClient, guarded.uri, token="root:changed-1")
    assert await asyncio.to_thread(theirs.list_users) == ["root"]
    await asyncio.to_thread(theirs.close)


async def as_user(server: Server, name: str) -> AsyncMilvusClient:
    return AsyncMilvusClient(server.uri, token=f"{name}:{name}-secret")


async def test_a_user_may_what_its_roles_may(guarded: Server) -> None:
    async with AsyncMilvusClient(guarded.uri, token="root:changed-1") as root:
        for name in ("books", "films"):
            await root.create_collection(name, dimension=2)
            await root.insert(name, [ROW])
        await root.create_user("ada", "ada-secret")
        await root.create_role("reader")
        await root.grant_role("ada", "reader")
        async with await as_user(guarded, "ada") as ada:
            await refused(ada, "search", "books", [[1, 2]])
            await ada.describe_collection("books")  # the role public may
            await root.grant_privilege_v2("reader", "CollectionReadOnly", "books")
            assert len((await ada.search("books", [[1.0, 2.0]]))[0]) == 1
            assert len(await ada.get("books", [1])) == 1
            await refused(ada, "search", "films", [[1.0, 2.0]])
            await refused(ada, "insert", "books", [ROW])
            await refused(ada, "drop_collection", "books")
            await refused(ada, "create_collection", "more", 2)
            await refused(ada, "create_user", "bob", "bob-secret")
            await refused(ada, "grant_role", "ada", "admin")
            await refused(ada, "list_users")
            await refused(ada, "describe_user", "root")
            assert (await ada.describe_user("ada"))["roles"] == ("reader",)
            await root.create_privilege_group("keepers")
            await root.add_privileges_to_group("keepers", ["Insert", "Delete"])
            await root.grant_privilege_v2("reader", "keepers", "*", db_name="*")
            assert (await ada.insert("films", [ROW]))["insert_count"] == 1
            await root.revoke_privilege_v2("reader", "keepers", "*", db_name="*")
            await refused(ada, "insert", "films", [ROW])
            await root.grant_role("ada", "admin")
            await ada.drop_collection("films")
        assert await root.list_collections() == ["books"]


async def refused(client: AsyncMilvusClient, name: str, *arguments: Any) -> None:
    with pytest.raises(PermissionDeniedError, match="permission deny") as error:
        await getattr(client, name)(*arguments)
    assert error.value.code == 1401


async def test_grants_on_one_database_end_there(guarded: Server) -> None:
    async with AsyncMilvusClient(guarded.uri, token="root:changed-1") as root:
        await root.create_database("other")
        await root.create_user("ada", "ada-secret")
        await root.create_role("maker")
        await root.grant_role("ada", "maker")
        await root.grant_privilege_v2("maker", "DatabaseAdmin", "*", db_name="other")
        await root.grant_privilege_v2("maker", "CollectionAdmin", "*", db_name="other")
    async with await as_user(guarded, "ada") as ada:
        await refused(ada, "create_collection", "things", 2)
        await ada.use_database("other")
        await ada.create_collection("things", dimension=2)
        assert await ada.list_collections() == ["things"]


async def test_a_changed_password_counts_at_once(guarded: Server) -> None:
    async with AsyncMilvusClient(guarded.uri, token="root:changed-1") as root:
        await root.create_user("ada", "ada-secret")
    async with await as_user(guarded, "ada") as ada:
        await ada.update_password("ada", "ada-secret", "ada-secret-2")
        with pytest.raises(NotAuthenticatedError):
            await ada.describe_user("ada")

    def reconnecting() -> None:
        with MilvusClient(guarded.uri, token="ada:ada-secret-2") as client:
            client.update_password("ada", "ada-secret-2", "ada-secret-3", reset_connection=True)
            assert client.describe_user("ada")["user_name"] == "ada"

    await asyncio.to_thread(reconnecting)


async def test_pymilvus_manages_users_and_is_refused_alike(guarded: Server) -> None:
    root = pymilvus.AsyncMilvusClient(guarded.uri, token="root:changed-1")
    await root.create_collection("books", dimension=2)
    await root.create_user("ada", "ada-secret")
    await root.create_role("reader")
    await root.grant_role("ada", "reader")
    await root.grant_privilege_v2("reader", "Query", "books")
    assert (await root.describe_role("reader"))["privileges"][0]["privilege"] == "Query"
    assert (await root.describe_user("ada"))["roles"] == ("reader",)
    assert await root.list_roles() == ["admin", "public", "reader"]
    ada = pymilvus.AsyncMilvusClient(guarded.uri, token="ada:ada-secret")
    assert await ada.query("books", filter="id > 0") == []
    with pytest.raises(pymilvus.MilvusException) as error:
        await ada.drop_collection("books")
    assert error.value.code == 1401
    await ada.close()
    await root.close()


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"auth": True, "token": "x"}, "not both"),
        ({"root_password": "changed-1"}, "needs `auth`"),
        ({"host": "192.0.2.1"}, "`token` or `auth`"),
    ],
)
def test_settings_that_contradict_are_refused(
    tmp_path: Path, settings: dict[str, Any], text: str
) -> None:
    with pytest.raises(ConnectionConfigException, match=text):
        serve(tmp_path / "app.db", **settings)


def contents(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_root_with_the_initial_password_is_not_reached_from_afar(tmp_path: Path) -> None:
    with pytest.raises(MilvusException, match="initial password"):
        await serve(tmp_path / "app.db", host="0.0.0.0", port=0, auth=True).start()  # noqa: S104
    # Nor is a directory left, whose initial password would be known.
    assert not contents(tmp_path)


@pytest.mark.parametrize("kind", ["a taken port", "a taken port for HTTP", "no certificate"])
async def test_a_server_that_can_not_begin_leaves_no_directory(tmp_path: Path, kind: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings: dict[str, Any] = {
            "a taken port": {"port": port},
            "a taken port for HTTP": {"port": 0, "http_port": port},
            "no certificate": {"port": 0, "tls_cert": "none.pem", "tls_key": "none.pem"},
        }[kind]
        with pytest.raises(ConnectionConfigException):
            await serve(tmp_path / "app.db", **settings).start()
    assert not contents(tmp_path)


async def test_who_has_changed_roots_password_needs_no_other_one(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0, auth=True, root_password="changed-1"):
        pass
    async with serve(tmp_path / "app.db", host="0.0.0.0", port=0, auth=True):  # noqa: S104
        pass


async def test_who_connects_to_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    connect = rpc("Connect")
    async with serve(tmp_path / "app.db", port=0) as server:
        async with AsyncMilvusClient(server.uri) as client:
            await client.create_database("other")
        async with grpc.aio.insecure_channel(server.uri.removeprefix("http://")) as channel:
            call: Any = channel.unary_unary(connect.path)
            for name, code in (("other", 0), ("", 0), ("default", 0), ("nope", 800)):
                reply: Any = connect.response.FromString(
                    await call(b"", metadata=(("dbname", name),))
                )
                assert reply.status.code == code
                assert ("database not found" in reply.status.reason) == bool(code)
