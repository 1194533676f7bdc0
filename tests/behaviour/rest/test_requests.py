"""What a request must be, and what its refusal looks like: as Milvus' server has it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aiomilvus.server import serve
from aiomilvus.server.rest.table import BY_PATH, ROUTES

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.server import Server
    from tests.behaviour.rest.conftest import Rest


async def test_every_route_answers_in_the_envelope(rest: Rest) -> None:
    assert len(ROUTES) == len(BY_PATH) == 105
    for path in BY_PATH:
        response = await rest.http.post(path, json={"collectionName": "none"})
        assert response.status_code == 200, path
        found = response.json()
        assert isinstance(found["code"], int)
        assert ("data" in found) == (found["code"] == 0), path
        assert found["code"] == 0 or found["message"], path


async def test_only_known_paths_and_post_are_found(rest: Rest) -> None:
    for response in (
        await rest.http.post("/v2/vectordb/collections/nothing", json={}),
        await rest.http.get("/v2/vectordb/collections/list"),
        await rest.http.get("/elsewhere"),
    ):
        assert response.status_code == 404
        assert response.text == "404 page not found"


async def test_health_is_told_as_milvus_tells_it(rest: Rest) -> None:
    assert (await rest.http.get("/healthz")).text == "OK"
    told = await rest.http.get("/healthz", headers={"Content-Type": "application/json"})
    assert told.json()["state"] == "OK"
    assert (await rest.http.get("/livez")).text == "Milvus Process Active"


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        (b"", 1801, "the request body should be nil, however {} is valid"),
        (b"[]", 1801, "the body should be an object, but is array"),
        (b"null", 1802, "'CollectionName' failed on the 'required' tag"),
        (b'{"collectionName"', 1801, "can only accept json format request"),
        (b'{"collectionName": 5}', 1801, "cannot unmarshal number into field"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, 1801, "nested more than 256 deep"),
        (b'{"a":' * 9000 + b"1" + b"}" * 9000, 1801, ""),
        (b"{}", 1802, "missing required parameters, error: Key: 'Request.CollectionName'"),
        (b'{"collectionName": ""}', 1802, "failed on the 'required' tag"),
        (b'{"collectionName": null}', 1802, "failed on the 'required' tag"),
    ],
)
async def test_a_body_is_checked(rest: Rest, body: bytes, code: int, text: str) -> None:
    found = await rest.refused("collections/describe", body)
    assert found[0] == code
    assert text in found[1]


async def test_the_database_comes_from_the_body_or_else_the_header(rest: Rest) -> None:
    await rest("databases/create", {"dbName": "other"})
    await rest.quick("here")
    await rest.quick("there", dbName="other")
    assert await rest("collections/list") == ["here"]
    assert await rest("collections/list", DB_Name="other") == ["there"]
    assert await rest("collections/list", {"dbName": "default"}, DB_Name="other") == ["here"]
    assert (await rest.refused("collections/list", {"dbName": "none"}))[0] == 800


async def test_a_timeout_is_whole_seconds(rest: Rest) -> None:
    assert await rest("collections/list", Request_Timeout="5") == []
    code, text = await rest.refused("collections/list", Request_Timeout="soon")
    assert code == 1100
    assert "Request-Timeout parse failed, err: " in text
    late = await rest.raw("collections/list", Request_Timeout="0")
    assert late.status_code == 408
    assert late.json() == {"code": 10001, "message": "request timeout"}


async def test_a_body_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    async with (
        serve(tmp_path / "small.db", port=0, http_port=0, receive_bytes=1000) as server,
        httpx.AsyncClient(base_url=server.http_uri) as http,
    ):
        body = {"collectionName": "x" * 2000}
        found = (await http.post("/v2/vectordb/collections/has", json=body)).json()
        assert found["code"] == 1102


async def test_requests_run_side_by_side_on_one_connection_each(rest: Rest) -> None:
    await rest.quick()
    rows = [{"id": number, "vector": [number, 1.0]} for number in range(50)]
    await rest("entities/insert", {"collectionName": "things", "data": rows})
    body = {"collectionName": "things", "data": [[1.0, 0.0]], "limit": 3}
    found = await asyncio.gather(*(rest("entities/search", body) for _ in range(40)))
    assert all(each == found[0] for each in found)


_ASKED = b"POST /v2/vectordb/collections/has HTTP/1.1\r\nHost: localhost\r\n"
_OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
_BODY = b'{"collectionName": "things"}'
_SIZED = b"Content-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
_CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(_BODY), _BODY)


@pytest.mark.parametrize("ending", [_SIZED, _CHUNKED], ids=["sized", "chunked"])
@pytest.mark.parametrize("step", [1, 50, 10_000])
async def test_an_offer_to_speak_http_2_is_ignored(
    rest: Rest, server: Server, ending: bytes, step: int
) -> None:
    await rest.quick()
    address = httpx.URL(server.http_uri)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    told = b'{"code":0,"data":{"has":true}}'
    sent = (_ASKED + _OFFER + ending) * 2 + _ASKED + ending
    for start in range(0, len(sent), step):
        writer.write(sent[start : start + step])
        await writer.drain()
    for _ in range(3):
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert await reader.readexactly(len(told)) == told
    writer.write(b"no HTTP\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("offer", [b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"])
async def test_this_is_no_proxy(server: Server, offer: bytes) -> None:
    address = httpx.URL(server.http_uri)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n" + offer + b"\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()
    await writer.wait_closed()


class TestOrigins:
    """A page of another site can't reach a server on this machine."""

    async def test_a_foreign_page_is_refused(self, rest: Rest) -> None:
        response = await rest.raw("collections/list", Origin="https://evil.example")
        assert response.status_code == 403
        assert "access-control-allow-origin" not in response.headers

    async def test_the_servers_own_page_is_served(self, rest: Rest, server: Server) -> None:
        assert await rest("collections/list", Origin=server.http_uri) == []

    async def test_a_name_that_only_resolves_here_is_refused(self, rest: Rest) -> None:
        response = await rest.raw("collections/list", Host="evil.example")
        assert response.status_code == 403

    async def test_a_welcome_page_may_read(self, tmp_path: Path) -> None:
        settings: dict[str, Any] = {"port": 0, "http_port": 0}
        page = "https://console.example"
        async with (
            serve(tmp_path / "x.db", cors_origins=(page,), **settings) as server,
            httpx.AsyncClient(base_url=server.http_uri, headers={"Origin": page}) as http,
        ):
            asked = await http.options("/v2/vectordb/collections/list")
            assert asked.status_code == 204
            assert asked.headers["access-control-allow-origin"] == page
            found = await http.post("/v2/vectordb/collections/list", json={})
            assert found.json() == {"code": 0, "data": []}
            assert found.headers["access-control-allow-origin"] == page


async def test_a_request_has_an_id(rest: Rest) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    told = await rest.raw("collections/list", **headers)
    assert told.headers["x-milvus-trace-id"] == trace
    told = await rest.raw("collections/list", client_request_id="mine-1")
    assert told.headers["x-milvus-trace-id"] == "mine-1"
    first, second = [await rest.raw("collections/list") for _ in range(2)]
    assert first.headers["x-milvus-trace-id"] != second.headers["x-milvus-trace-id"]


async def test_what_is_missing_is_told_before_what_is_wrong(rest: Rest) -> None:
    for path, body in (
        ("collections/fields/drop", {}),
        ("collections/struct_fields/add", {"schema": {"fieldName": "a", "dataType": "Int64"}}),
    ):
        code, message = await rest.refused(path, body)
        assert (code, "CollectionName" in message) == (1802, True)


async def test_properties_and_keys_may_be_absent_and_are_none_then(rest: Rest) -> None:
    await rest.quick()
    for path in ("collections/alter_properties", "collections/drop_properties"):
        code, message = await rest.refused(path, {"collectionName": "things"})
        assert (code, "no properties or delete keys" in message) == (1100, True)
    await rest("collections/release", {"collectionName": "things"})
    named = {"collectionName": "things", "fieldName": "vector", "indexName": "vector"}
    await rest("collections/fields/alter_properties", named)
    for path in ("indexes/alter_properties", "indexes/drop_properties"):
        reply = (await rest.raw(path, named)).json()
        assert reply["code"] != 1802
