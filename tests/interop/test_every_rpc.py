"""Every RPC of MilvusService is answered or refused in Milvus' way; pymilvus' odd calls too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
import pymilvus
import pytest

from aiomilvus.errors import LegacyCode
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.proto.rpc import extension_names, names, rpc
from aiomilvus.wire.table.route import status_field, status_of
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_NAME = "database name couldn't be empty: invalid database name[database=]"


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("every") / "test.db") as served:
        yield served


@pytest.fixture(scope="module")
def channel(uri: str) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(uri.removeprefix("http://")) as opened:
        yield opened


def call(channel: Any, name: str, **fields: Any) -> Any:
    """Return the reply to a request, the first one of a stream's."""
    method = rpc(name)
    content = method.request(**fields).SerializeToString()
    read = method.response.FromString
    if method.client_streaming:
        return next(channel.stream_stream(method.path, None, read)(iter([content]), timeout=10))
    if method.server_streaming:
        return next(channel.unary_stream(method.path, None, read)(content, timeout=10))
    return channel.unary_unary(method.path, None, read)(content, timeout=10)


def has_status(name: str) -> bool:
    response = rpc(name).response
    return response is pb.Status or bool(status_field(response))


@pytest.mark.parametrize(
    "name", [name for name in (*names(), *extension_names()) if has_status(name)]
)
def test_an_empty_request_gets_a_status(channel: grpc.Channel, name: str) -> None:
    status = status_of(call(channel, name))
    assert (status.code == 0) == (status.error_code == 0) == (status.reason == "")
    assert status.error_code in {0, *LegacyCode}
    if name in ("CreateCollection", "DropDatabase", "DumpMessages"):
        assert status.code


def test_what_has_no_place_for_a_status_is_refused_by_name(channel: grpc.Channel) -> None:
    without = [name for name in names() if not has_status(name)]
    assert {"Dummy", "GetReplicateInfo", "CreateReplicateStream"} <= set(without)
    for name in without:
        with pytest.raises(grpc.RpcError) as caught:
            call(channel, name)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert name in str(caught.value.details())


def test_a_stranger_is_told_so_at_a_stream_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("closed") / "test.db"
    with (
        serving(path, token="secret-token") as uri,
        grpc.insecure_channel(uri.removeprefix("http://")) as channel,
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call(channel, "CreateReplicateStream")
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert call(channel, "DumpMessages").status.code == 1400


def test_pymilvus_hears_of_a_database_without_a_name(uri: str) -> None:
    client = pymilvus.MilvusClient(uri)
    for refused in (client.drop_database, client.create_database):
        with pytest.raises(pymilvus.MilvusException) as caught:
            refused("")
        assert caught.value.code == 802
        assert NO_NAME in caught.value.message
    client.close()


def test_the_callers_database_is_not_the_one_that_an_empty_request_drops(
    channel: Any,
) -> None:
    assert call(channel, "CreateDatabase", db_name="mine").code == 0
    method = rpc("DropDatabase")
    drop = channel.unary_unary(method.path, None, method.response.FromString)
    reply: Any = drop(b"", metadata=(("dbname", "mine"),), timeout=10)
    assert reply.reason == NO_NAME
    assert "mine" in call(channel, "ListDatabases").db_names


@pytest.mark.parametrize("limit", [-1, -7])
def test_pymilvus_may_not_ask_for_fewer_rows_than_none(uri: str, limit: int) -> None:
    client = pymilvus.MilvusClient(uri)
    client.create_collection("few", dimension=2)
    client.insert("few", [{"id": 1, "vector": [1.0, 0.0]}])
    with pytest.raises(pymilvus.MilvusException) as caught:
        client.query("few", filter="id > 0", limit=limit)
    assert caught.value.code == 1100
    assert f"limit [{limit}] is invalid, should be greater than 0" in caught.value.message
    assert len(client.query("few", filter="id > 0")) == 1
    client.drop_collection("few")
    client.close()


def test_pymilvus_hears_why_a_field_can_not_be_searched(uri: str) -> None:
    client = pymilvus.MilvusClient(uri)
    client.create_collection("flat", dimension=2)
    for name, why in (
        ("id", "field (id) to search is not of vector data type"),
        ("zz", "failed to get field schema by name: fieldName(zz) not found"),
    ):
        with pytest.raises(pymilvus.MilvusException) as caught:
            client.search("flat", [[1.0, 0.0]], anns_field=name)
        assert caught.value.code == 1100
        assert caught.value.message.startswith(f"failed to create query plan: {why}")
    client.drop_collection("flat")
    client.close()
