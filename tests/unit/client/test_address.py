"""What a URI names: a directory, memory, a server, or nothing that one may guess at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aiomilvus import MilvusClient
from aiomilvus.client.address import parse_address
from aiomilvus.errors import ConnectionConfigException

REFUSED = [
    "localhost:19530",
    "localhost:19530/db",
    "localhost",
    "milvus.example.com:19530",
    "milvus:19530",
    "127.0.0.1:19530",
    "127.0.0.1",
    "[::1]:19530",
    "http:/host",
    "http:host",
    "http:",
    "http://",
    "https:///path",
    "HTTP://host:1",
    "grpc://host:1",
    "tcp:host:19530",
    "mailto:someone",
    "",
    "  ",
]


def path_of(uri: object) -> str:
    return parse_address(uri, "", "", "", None, {}).path


@pytest.mark.parametrize("uri", REFUSED)
def test_what_may_be_meant_for_a_server_becomes_no_directory(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConnectionConfigException, match=r"Illegal uri: \["):
        MilvusClient(uri)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the names are what matters


@pytest.mark.parametrize(
    "path",
    [
        "data",
        "milvus.db",
        "./localhost:19530",
        "./localhost",
        "/var/lib/milvus:19530",
        "a/b:c",
        "C:\\data",
        "data 2024",
        "1.2.3",
        ":memory:",
    ],
)
def test_a_path_is_a_path(path: str):
    assert path_of(path) == path
    if path != ":memory:":
        assert path_of(f"file:{path}") == path
        assert path_of(Path(path)) == str(Path(path))


@pytest.mark.parametrize(
    "uri", ["http://host:1", "https://h", "tcp://h:1", "unix:/a", "http://[::1]:1"]
)
def test_a_server_is_a_server(uri: str):
    assert path_of(uri) == ""
