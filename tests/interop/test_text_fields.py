"""Fields of type TEXT, by the real pymilvus and over REST."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pymilvus
import pytest
from pymilvus import DataType

from aiomilvus.server import serve

if TYPE_CHECKING:
    from pathlib import Path

LONG = "a long story " * 9_000


async def test_pymilvus_writes_reads_and_matches_texts(tmp_path: Path) -> None:
    async with serve(tmp_path / "app.db", port=0, http_port=0) as server:
        await asyncio.to_thread(tells_texts, server.uri)
        async with httpx.AsyncClient(base_url=server.http_uri) as http:
            body = {"collectionName": "c", "filter": "id == 1", "outputFields": ["body"]}
            told = (await http.post("/v2/vectordb/entities/query", json=body)).json()
            assert told["data"][0]["body"] == LONG
            body = {"collectionName": "c"}
            told = (await http.post("/v2/vectordb/collections/describe", json=body)).json()
            assert told["data"]["fields"][1]["type"] == "Text"


def tells_texts(uri: str) -> None:
    client = pymilvus.MilvusClient(uri)
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("body", DataType.TEXT, enable_analyzer=True, enable_match=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    params = client.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection("c", schema=schema, index_params=params)
    client.insert("c", [{"id": 1, "body": LONG, "v": [1, 0]}, {"id": 2, "body": "b", "v": [0, 1]}])
    assert client.describe_collection("c")["fields"][1]["type"] == DataType.TEXT
    found = client.query("c", filter="text_match(body, 'story')", output_fields=["body"])
    assert list(found) == [{"id": 1, "body": LONG}]
    with pytest.raises(pymilvus.MilvusException, match=r"filter on text field \(body\)") as caught:
        client.query("c", filter="body == 'b'")
    assert caught.value.code == 1100
    client.close()
