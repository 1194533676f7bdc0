"""The topology of a global cluster: where it is told, and what is made of the reply."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus.client.address import Address, parse_address
from aiomilvus.client.backends.remote import global_cluster
from aiomilvus.client.backends.remote.budget import Budget
from aiomilvus.client.backends.remote.credentials import Credentials
from aiomilvus.client.backends.remote.global_cluster import GlobalCluster
from aiomilvus.client.backends.remote.target import target_of
from aiomilvus.client.backends.remote.topology import (
    Member,
    Topology,
    TryLaterError,
    ask,
    read_topology,
    refuse_unsafe,
    topology_url,
)
from aiomilvus.errors import ConnectError, MilvusException, NotAuthenticatedError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("https://x.global-cluster.a.b", "https://x.global-cluster.a.b/global-cluster/topology"),
        ("https://x.Global-Cluster.a/", "https://x.Global-Cluster.a/global-cluster/topology"),
        ("http://u:p@h:80/global-cluster", "http://h:80/global-cluster/global-cluster/topology"),
        ("global-cluster.a.b:443", "https://global-cluster.a.b:443/global-cluster/topology"),
    ],
)
def test_the_topology_is_told_below_the_address(uri: str, url: str) -> None:
    assert topology_url(uri) == url


@pytest.mark.parametrize(
    ("uri", "is_global", "database"),
    [
        ("https://x.global-cluster.a.b", True, ""),
        ("https://GLOBAL-CLUSTER.a.b:19530", True, ""),
        ("http://h:19530", False, ""),
        ("http://h:19530/books/more", False, "books"),
        ("http://u:p@h/a%20b", False, "a b"),
        ("unix:/tmp/books", False, ""),
        ("./global-cluster.db", False, ""),
    ],
)
def test_an_address_tells_of_a_global_cluster_and_a_database(
    uri: str, is_global: bool, database: str
) -> None:
    address = parse_address(uri, "", "", "", None, {})
    assert (address.is_global, address.database) == (is_global, database)


def test_a_version_may_come_as_text_and_unknown_keys_are_let_pass() -> None:
    found = read_topology(
        b'{"code": 0, "data": {"version": "12", "region": 1, "clusters": [{"clusterId": "a",'
        b'"endpoint": "h:1", "capability": 1}, {"clusterId": "b", "endpoint": "http://h:2",'
        b'"capability": 3}]}}'
    )
    assert found == Topology(
        version=12, clusters=(Member("a", "h:1", 1), Member("b", "http://h:2", 3))
    )
    assert found.primary.cluster_id == "b"
    assert [each.uri for each in found.clusters] == ["https://h:1", "http://h:2"]
    assert read_topology(b'{"data": {"version": 1, "clusters": []}}').version == 1


def test_a_topology_without_a_primary_is_an_error_that_names_the_clusters() -> None:
    only_reads = Topology(version=3, clusters=(Member("a", "h", 1),))
    with pytest.raises(ConnectError, match=r"No primary cluster found in topology.*'a'"):
        _ = only_reads.primary


def test_a_refusal_is_told_and_nonsense_is_asked_for_again() -> None:
    with pytest.raises(MilvusException, match="no such cluster") as refused:
        read_topology(b'{"code": 7, "message": "no such cluster"}')
    assert refused.value.code == 7
    with pytest.raises(MilvusException, match="Unknown API error"):
        read_topology(b'{"code": 7}')
    for odd in (b"<html>", b"{}", b'{"data": {"version": "x", "clusters": []}}', b"[]"):
        with pytest.raises(TryLaterError):
            read_topology(odd)


@contextmanager
def answering(raw: str) -> Iterator[tuple[str, list[bytes]]]:
    """Give the address of a service that answers every request with these bytes."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    requests.append(connection.recv(4096))
                    connection.sendall(raw.encode())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", requests
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@contextmanager
def dripping(head: str, drop: bytes) -> Iterator[str]:
    """Give the address of a service whose reply goes on for ever, a little at a time."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.recv(4096)
                connection.sendall(head.encode())
                while True:
                    connection.sendall(drop)
                    time.sleep(0.02)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        ("HTTP/1.1 200 OK\r\nX: ", b"x"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        ("HTTP/1.1 500 X\r\nContent-Length: 100000\r\n\r\n", b"x"),
        ("HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["headers", "body", "chunks", "failure", "interim"],
)
def test_a_reply_that_never_ends_is_given_up(head: str, drop: bytes) -> None:
    with dripping(head, drop) as url, pytest.raises(TryLaterError):
        ask(url, "secret", None, 0.2)


@pytest.mark.parametrize(
    ("url", "endpoint", "options", "cause"),
    [
        ("https://h/t", "http://h:1", {}, "which has no TLS"),
        ("https://h/t", "tcp://h:1", {}, "which has no TLS"),
        ("https://h/t", "HTTP://h:1", {}, "which has no TLS"),
        ("https://h/t", "unix:///run/a", {}, "a socket of this machine"),
        ("http://h/t", "unix://run/a", {}, "a socket of this machine"),
        ("https://h/t", "https://h:1", {}, ""),
        ("https://h/t", "h:1", {}, ""),
        ("https://h/t", "http://h:1", {"secure": True}, ""),
        ("http://h/t", "http://h:1", {}, ""),
    ],
)
def test_the_token_does_not_go_where_it_could_be_read(
    url: str, endpoint: str, options: dict[str, Any], cause: str
) -> None:
    member = Member("east", endpoint, 3)
    target = target_of(Address(uri=member.uri, options=options))
    if not cause:
        refuse_unsafe(url, member, target)
        return
    with pytest.raises(ConnectError, match=f"names '{endpoint}' for cluster 'east', {cause}"):
        refuse_unsafe(url, member, target)


async def test_a_primary_that_the_token_may_not_go_to_is_never_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Topology(version=1, clusters=(Member("east", "http://127.0.0.1:9", 3),))
    monkeypatch.setattr(global_cluster, "ask", lambda *_: told)
    address = Address(uri="https://h/global-cluster", token="secret")
    found = GlobalCluster(address, Credentials("secret"))
    for _ in range(2):
        with pytest.raises(ConnectError, match="which has no TLS"):
            await found.current(Budget(20.0))
    safe = Topology(version=2, clusters=(Member("east", "https://127.0.0.1:9", 3),))
    monkeypatch.setattr(global_cluster, "ask", lambda *_: safe)
    server = await found.current(Budget(20.0))
    assert server.target.secure
    monkeypatch.setattr(global_cluster, "ask", lambda *_: told)
    found.lost(server)
    found._is_doubtful = True
    assert await found.current(Budget(20.0)) is server
    await found.close()


def test_a_redirect_is_refused_and_the_token_goes_nowhere_else() -> None:
    with answering("HTTP/1.1 200 OK\r\n\r\n{}") as (elsewhere, stolen):
        away = f"HTTP/1.1 302 X\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n"
        with answering(away) as (url, requests), pytest.raises((MilvusException, TryLaterError)):
            ask(url, "secret", None, 5.0)
    assert b"Bearer secret" in requests[0]
    assert stolen == []


@pytest.mark.parametrize(
    "raw", ["garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]
)
def test_a_reply_that_is_no_http_is_asked_for_again(raw: str) -> None:
    with answering(raw) as (url, _), pytest.raises(TryLaterError):
        ask(url, "", None, 5.0)


def test_a_token_that_no_header_holds_is_refused_without_telling_it() -> None:
    with answering("") as (url, _), pytest.raises(NotAuthenticatedError) as refused:
        ask(url, "secret\n", None, 5.0)
    assert "secret" not in refused.value.message
