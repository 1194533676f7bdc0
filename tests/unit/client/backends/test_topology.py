"""The topology of a global cluster: where it is told, and what is made of the reply."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from aiomilvus.client.address import parse_address
from aiomilvus.client.backends.remote.topology import (
    Member,
    Topology,
    TryLaterError,
    ask,
    read_topology,
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
