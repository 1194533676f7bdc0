"""Files of words that analyzers name, kept by the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import DataType, MilvusClient, ParamError

if TYPE_CHECKING:
    from pathlib import Path

STOP = {"type": "remote", "resource_name": "stop", "file_name": "stop.txt"}
PARAMS = {"tokenizer": "standard", "filter": [{"type": "stop", "stop_words_file": STOP}]}


def made(client: MilvusClient, name: str) -> None:
    schema = client.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field(
        "text",
        DataType.VARCHAR,
        max_length=99,
        enable_analyzer=True,
        enable_match=True,
        analyzer_params=PARAMS,
    )
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    index = client.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    client.create_collection(name, schema=schema, index_params=index)


def test_a_file_is_copied_and_serves_analyzers_after_reopening(tmp_path: Path) -> None:
    words = tmp_path / "stop.txt"
    words.write_text("the\n\nof\n")
    database = str(tmp_path / "db")
    with MilvusClient(database) as client:
        client.add_file_resource("stop", str(words))
        client.add_file_resource("stop", str(words))
        made(client, "c")
        client.insert("c", [{"pk": 1, "text": "the end of it", "v": [0.0, 1.0]}])
    words.unlink()
    with MilvusClient(database) as client:
        assert [(r.name, r.path) for r in client.list_file_resources()] == [("stop", str(words))]
        found: Any = client.run_analyzer("the end of it", PARAMS)
        assert found.tokens == ["end", "it"]
        client.load_collection("c")
        assert client.query("c", "text_match(text, 'the')") == []
        assert [row["pk"] for row in client.query("c", "text_match(text, 'end')")] == [1]
        with pytest.raises(ParamError, match="in use by collection c"):
            client.remove_file_resource("stop")
        client.drop_collection("c")
        client.remove_file_resource("stop")
        client.remove_file_resource("stop")
        assert client.list_file_resources() == []
        with pytest.raises(ParamError, match="file resource stop not found"):
            made(client, "d")


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path) -> None:
    with MilvusClient(":memory:") as client:
        with pytest.raises(ParamError, match="path not exist"):
            client.add_file_resource("a", str(tmp_path / "none"))
        binary = tmp_path / "binary"
        binary.write_bytes(b"\xff\xfe\xff")
        client.add_file_resource("a", str(binary))  # a model may be such a file
        spec = {"type": "remote", "resource_name": "a", "file_name": "binary"}
        filters = [{"type": "stop", "stop_words_file": spec}]
        with pytest.raises(ParamError, match="file resource a should be UTF-8 text"):
            client.run_analyzer("a", {"tokenizer": "standard", "filter": filters})
        client.remove_file_resource("a")
        local = {"type": "local", "path": "/etc/hostname"}
        filters = [{"type": "stop", "stop_words_file": local}]
        with pytest.raises(ParamError, match='should be "remote"'):
            client.run_analyzer("a", {"tokenizer": "standard", "filter": filters})
        assert client.list_file_resources() == []


async def test_a_server_reads_no_files_unless_it_has_a_folder(
    client: Any, door_name: str, tmp_path: Path
) -> None:
    words = tmp_path / "w.txt"
    words.write_text("the\n")
    if door_name.startswith("remote"):
        with pytest.raises(ParamError, match="import folder"):
            await client.add_file_resource("w", str(words))
        assert await client.list_file_resources() == []
        return
    await client.add_file_resource("w", str(words))
    assert [each.name for each in await client.list_file_resources()] == ["w"]
