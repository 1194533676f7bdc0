"""Keywords that a method does not know are ignored, unless they are slips of one it does know."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import MilvusClient
from aiomilvus.client import unknown_keywords

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def client(tmp_path: Path) -> Any:
    with MilvusClient(str(tmp_path / "k.db")) as made:
        made.create_collection("c", dimension=2)
        yield made


@pytest.fixture(autouse=True)
def nothing_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown_keywords, "_warned", set())


@pytest.mark.parametrize(
    ("method", "arguments", "meant"),
    [
        ("search", {"data": [[0, 1]], "limt": 3}, "limit"),
        ("search", {"data": [[0, 1]], "partition_nam": ["p"]}, "partition_names"),
        ("search", {"data": [[0, 1]], "expr": "id > 1"}, "filter"),
        ("search", {"data": [[0, 1]], "top_k": 1}, "limit"),
        ("search", {"data": [[0, 1]], "param": {}}, "search_params"),
        ("search", {"data": [[0, 1]], "Limit": 1}, "limit"),
        ("query", {"filters": "id > 1"}, "filter"),
        ("query", {"output_field": ["id"]}, "output_fields"),
        ("insert", {"data": [], "partition_nam": "p"}, "partition_name"),
        ("create_collection", {"dim": 4}, "dimension"),
        ("load_collection", {"replica_numbers": 1}, "replica_number"),
        ("delete", {"ids": [1], "time_out": 3}, "timeout"),
    ],
)
def test_a_slip_is_refused_with_what_was_meant(
    client: Any, method: str, arguments: dict[str, Any], meant: str
) -> None:
    with pytest.raises(TypeError, match=rf"^{method}\(\) got .* Did you mean '{meant}'\?$"):
        getattr(client, method)("c", **arguments)


@pytest.mark.parametrize(
    ("method", "arguments", "name"),
    [
        ("insert", {"data": [{"id": 1, "vector": [0, 1]}]}, "progress_bar"),
        ("insert", {"data": [{"id": 1, "vector": [0, 1]}]}, "embeddings"),
        ("insert", {"data": [{"id": 1, "vector": [0, 1]}]}, "metadatas"),
        ("search", {"data": [[0.0, 1.0]]}, "using_database"),
        ("search", {"data": [[0.0, 1.0]]}, "replica_number"),
        ("query", {"filter": "id > 1"}, "progress_bar"),
        ("describe_collection", {}, "using_database"),
        ("create_index", {"index_params": MilvusClient.prepare_index_params()}, "metadatas"),
    ],
)
def test_any_other_is_ignored_and_warned_of_once(
    client: Any, method: str, arguments: dict[str, Any], name: str
) -> None:
    arguments = {**arguments, name: True}
    if method == "create_index":
        arguments["index_params"] = client.prepare_index_params("vector")
        client.release_collection("c")
        client.drop_index("c", "vector")
    with pytest.warns(UserWarning, match=rf"^{method}\(\) ignores the keyword '{name}'"):
        getattr(client, method)("c", **arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if method != "create_index":
            getattr(client, method)("c", **arguments)


def test_a_constructor_is_a_method_too(tmp_path: Path) -> None:
    slip: dict[str, Any] = {"host": "localhost"}
    unknown: dict[str, Any] = {"prefer_grpc": True}
    with pytest.raises(TypeError, match="Did you mean 'uri'"):
        MilvusClient(**slip)
    with (
        pytest.warns(UserWarning, match="ignores the keyword 'prefer_grpc'"),
        MilvusClient(str(tmp_path / "other.db"), **unknown) as made,
    ):
        assert made.list_collections() == []
