"""Whether making a client connects it: the synchronous one does, as pymilvus', the other never."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import grpc
import pytest

from aiomilvus import AsyncMilvusClient, MilvusClient
from aiomilvus.client.backends.remote import servers
from aiomilvus.errors import (
    ConnectError,
    ConnectionNotExistException,
    MilvusUnavailableException,
    NotAuthenticatedError,
)
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "FIRST_CONTACT", 0.0)


def remote_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "aiomilvus-remote"]


def test_a_program_may_wait_for_a_server_by_trying_to_make_a_client(tmp_path: Path) -> None:
    before = remote_threads()
    with pytest.raises(ConnectError, match="Fail connecting to server on 127") as caught:
        MilvusClient(NOBODY)
    assert caught.value.code == 2
    assert remote_threads() == before
    with serving(tmp_path / "a.db") as uri, MilvusClient(uri) as client:
        assert client.list_collections() == []


def test_a_server_that_does_not_answer_is_waited_for_as_long_as_the_timeout_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(MilvusUnavailableException):
            MilvusClient(address, timeout=0.05)


def test_a_server_that_does_not_know_the_first_call_is_connected_to() -> None:
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with MilvusClient(f"http://127.0.0.1:{port}") as client:
            assert "127.0.0.1" in repr(client)
    finally:
        server.stop(None)


def test_who_is_not_known_to_the_server_is_told_when_the_client_is_made(tmp_path: Path) -> None:
    with serving(tmp_path / "a.db", auth=True, root_password="changed-1") as uri:
        with pytest.raises(NotAuthenticatedError):
            MilvusClient(uri, token="root:wrong")
        with MilvusClient(uri, token="root:changed-1") as client:
            assert client.list_collections() == []


def test_a_client_that_was_made_before_a_fork_is_refused_in_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path / "a.db") as uri, MilvusClient(uri) as client:
        with monkeypatch.context() as child:
            child.setattr("os.getpid", lambda: -1)
            with pytest.raises(ConnectionNotExistException, match="before the process forked"):
                client.list_collections()
        assert client.list_collections() == []


async def test_making_an_asynchronous_client_connects_to_nobody() -> None:
    async with AsyncMilvusClient(NOBODY, timeout=3) as client:
        with pytest.raises(ConnectError):
            await client.list_collections()
