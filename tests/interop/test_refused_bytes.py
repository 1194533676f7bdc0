"""What requests of odd content are told: what is wrong with it, never how the program failed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import grpc.aio

from aiomilvus import AsyncMilvusClient
from aiomilvus.server import serve
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.proto.rpc import rpc
from aiomilvus.wire.table.route import status_of
from tests.support.wire_fuzz import make_things

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from google.protobuf.message import Message

DEEP = '{"a":' * 1000 + "1" + "}" * 1000
TOO_DEEP = "nested more than 256 deep"


def pairs(**given: str) -> list[pb.KeyValuePair]:
    return [pb.KeyValuePair(key=key, value=value) for key, value in given.items()]


def search(params: str) -> Message:
    given = pairs(anns_field="vector", topk="3", params=params)
    return pb.SearchRequest(collection_name="things", dsl="id > 0", nq=1, search_params=given)


def row(message: Any, json: str = "", dynamic: bytes | None = None, key: str | None = None) -> Any:
    """Fill a request with one row."""
    message.collection_name, message.num_rows = "things", 1
    ids = message.fields_data.add(field_name="id", type=5 if key is None else 21)
    if key is None:
        ids.scalars.long_data.data.append(1)
    else:
        ids.scalars.string_data.data.append(key.encode())
    vectors = message.fields_data.add(field_name="vector", type=101)
    vectors.vectors.dim = 2
    vectors.vectors.float_vector.data.append(struct.pack("2f", 1, 2))
    if json:
        values = message.fields_data.add(field_name="meta", type=23)
        values.scalars.json_data.data.append(json.encode())
    if dynamic is not None:
        values = message.fields_data.add(field_name="$meta", type=23, is_dynamic=True)
        values.scalars.json_data.data.append(dynamic)
    return message


def partial(dynamic: bytes) -> Any:
    return row(pb.UpsertRequest(partial_update=True), dynamic=dynamic)


def struct_field(**given: Any) -> Message:
    field = pb.StructArrayFieldSchema(nullable=True, **given)
    return pb.AddCollectionStructFieldRequest(
        collection_name="things", struct_array_field_schema=field
    )


REFUSED = [
    ("GetMetrics", pb.GetMetricsRequest(request=DEEP), TOO_DEEP),
    ("RunAnalyzer", pb.RunAnalyzerRequest(analyzer_params=DEEP, placeholder=[b"x"]), TOO_DEEP),
    ("Search", search(DEEP), TOO_DEEP),
    ("Search", search("{"), "search params is no JSON"),
    ("Insert", row(pb.InsertRequest(), json=DEEP), TOO_DEEP),
    ("Insert", row(pb.InsertRequest(), key="a"), "need long_data"),
    ("Upsert", row(pb.UpsertRequest(), key="a"), "need long_data"),
    ("Upsert", partial(b"{"), "partial upsert is no JSON"),
    ("Upsert", partial(b"\xff"), "partial upsert is no JSON"),
    ("Upsert", partial(b"[1]"), "must be a JSON object"),
    ("Upsert", partial(DEEP.encode()), TOO_DEEP),
    ("AddCollectionStructField", struct_field(), "field name should not be empty"),
    ("AddCollectionStructField", struct_field(name="s"), "has no sub-fields"),
    ("CreateCredential", pb.CreateCredentialRequest(username="u", password="ä"), "no base64"),
    ("UpdateCredential", pb.UpdateCredentialRequest(username="root", newPassword="ä"), "no base64"),
    ("Query", pb.QueryRequest(collection_name="things", expr="(" * 2000), "cannot parse"),
    ("Query", pb.QueryRequest(collection_name="things", expr="not " * 3000), "cannot parse"),
]


async def test_odd_requests_are_told_what_is_wrong(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        serve(tmp_path / "app.db", port=0) as server,
        AsyncMilvusClient(server.uri) as client,
        grpc.aio.insecure_channel(server.uri.removeprefix("http://")) as channel,
    ):
        await make_things(client)
        await client.upsert("things", [{"id": 1, "vector": [1, 2], "dynamic": 3}])
        for name, request, text in REFUSED:
            call: Any = channel.unary_unary(rpc(name).path)
            reply: Any = rpc(name).response.FromString(await call(request.SerializeToString()))
            status = status_of(reply)
            assert status.code in (1100, 1701), (name, status)
            assert text in status.reason, (name, status)
        inserted = await client.insert("things", [{"id": 77, "vector": [1, 2]}])
        assert inserted["insert_count"] == 1
    assert not [each for each in caplog.records if each.levelname == "ERROR"]
