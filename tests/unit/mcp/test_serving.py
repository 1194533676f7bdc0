"""The tools over the protocol itself, as an agent's program starts them."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.server.mcpserver.exceptions import ToolError

from aiomilvus import AsyncMilvusClient, DataType, Function, FunctionType
from aiomilvus.errors import ParamError
from aiomilvus.mcp.arguments import kind_of
from aiomilvus.mcp.serving import make_server
from aiomilvus.mcp.tools import Tools
from tests.support import markdown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiomilvus.mcp.tool_server import ToolServer

TITLES = ("red apple", "green pear", "red pear")


async def fill(client: AsyncMilvusClient) -> None:
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("title", DataType.VARCHAR, max_length=99, enable_analyzer=True)
    schema.add_field("dense", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, ["title"], ["words"]))
    indexes = client.prepare_index_params()
    indexes.add_index("dense", metric_type="L2")
    indexes.add_index("words", metric_type="BM25")
    await client.create_collection("fruit", schema=schema, index_params=indexes)
    rows = [
        {"id": n, "title": title, "dense": [n, 0], "shelf": n} for n, title in enumerate(TITLES)
    ]
    await client.insert("fruit", rows)


async def test_an_agent_finds_and_reads(tmp_path: Path) -> None:
    path = str(tmp_path / "app.db")
    async with AsyncMilvusClient(path) as client:
        await fill(client)
    program = "from aiomilvus.cli.main import main; main()"
    command = StdioServerParameters(
        command=sys.executable,
        args=["-c", program, "mcp", path],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    async with stdio_client(command) as streams, ClientSession(*streams) as session:
        await session.initialize()
        offered = {tool.name for tool in (await session.list_tools()).tools}
        assert offered == {
            "list_collections", "describe_collection", "search", "hybrid_search", "query",
        }  # fmt: skip
        listed = await session.call_tool("list_collections", {})
        assert listed.structured_content == {"collections": [{"name": "fruit", "rows": 3}]}
        asked: dict[str, Any] = {"collection": "fruit", "query": "pear", "field": "words"}
        found = (await session.call_tool("search", asked)).structured_content
        assert found is not None
        assert {hit["entity"]["title"] for hit in found["hits"]} == {"green pear", "red pear"}
        assert set(found["hits"][0]["entity"]) == {"id", "title", "shelf"}
        wrong = await session.call_tool("query", {"collection": "fruit", "filter": "id >"})
        assert wrong.is_error
        assert "id >" in str(wrong.content)


@pytest.fixture
async def tools() -> Any:
    async with AsyncMilvusClient(":memory:") as client:
        await fill(client)
        yield Tools(client)


async def test_vectors_and_texts_are_searched_together(tools: Tools) -> None:
    found = await tools.hybrid_search("fruit", {"dense": [2.0, 0.0], "words": "red pear"}, limit=1)
    assert [hit["entity"]["title"] for hit in found["hits"]] == ["red pear"]
    found = await tools.search("fruit", [0.0, 0.0], field="dense", filter="shelf > 0", limit=1)
    assert [hit["id"] for hit in found["hits"]] == [1]


async def test_rows_are_read_counted_and_inserted(tools: Tools) -> None:
    found = await tools.query("fruit", 'title like "red%"', output_fields=["shelf"])
    assert [row["shelf"] for row in found["rows"]] == [0, 2]
    assert await tools.query("fruit", output_fields=["count(*)"]) == {"rows": [{"count(*)": 3}]}
    rows = [{"id": 7, "title": "blue plum", "dense": [7, 0]}]
    assert await tools.insert("fruit", rows) == {"inserted": 1, "ids": [7]}
    with pytest.raises(ParamError, match="limit should be from 1 to 200"):
        await tools.query("fruit", limit=1000)


async def test_a_collection_is_described(tools: Tools) -> None:
    found = await tools.describe_collection("fruit")
    fields = {each["name"]: each for each in found["fields"]}
    assert fields["id"]["is_primary"] is True
    assert fields["dense"]["params"] == {"dim": 2}
    assert {each["field_name"] for each in found["indexes"]} == {"dense", "words"}


@pytest.fixture
async def server() -> AsyncIterator[ToolServer]:
    async with AsyncMilvusClient(":memory:") as client:
        await fill(client)
        yield make_server(client, inserts=True)


@pytest.mark.parametrize(
    ("tool", "given", "told"),
    [
        (
            "search",
            {"collection": "fruit"},
            (
                "`query` is missing, which is a list of numbers or an object or a text; "
                "search needs collection, query, and takes field, filter, limit, output_fields"
            ),
        ),
        (
            "search",
            {"collection": 3, "query": True, "limit": "many"},
            (
                "`collection` should be a text, but is 3; `query` should be a list of numbers or "
                "an object or a text, but is True; `limit` should be a whole number, but is "
                "'many'; search needs collection, query, and takes field, filter, limit, "
                "output_fields"
            ),
        ),
        (
            "insert",
            {"collection": "fruit", "rows": [1, 2]},
            "`rows` should be a list of objects, but is [1, 2]; insert needs collection, rows",
        ),
        (
            "query",
            {"collection": "fruit", "fields": ["title"], "top": 1},
            (
                "query has no parameter `fields` or `top`; query needs collection, and takes "
                "filter, limit, output_fields"
            ),
        ),
        ("list_collections", {"a": 1}, "list_collections has no parameter `a`; "),
        ("find", {}, "there is no tool 'find': the tools are list_collections, "),
    ],
)
async def test_wrong_arguments_are_told_in_plain_words(
    server: ToolServer, tool: str, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(ToolError) as raised:
        await server.call_tool(tool, given)
    assert str(raised.value).startswith(told)
    assert "pydantic" not in str(raised.value)


async def test_a_filter_that_is_wrong_is_still_told_as_milvus_words_it(
    server: ToolServer,
) -> None:
    with pytest.raises(ToolError, match="cannot parse expression: id >"):
        await server.call_tool("query", {"collection": "fruit", "filter": "id >"})


async def test_the_page_has_every_parameter(server: ToolServer) -> None:
    page = (markdown.ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
    said: list[tuple[str, str, str, str]] = []
    tool = ""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[1].startswith("`"):
            tool = cells[0].strip("`") or tool
            default = cells[3].partition(":")[0].strip("`")
            said.append((tool, cells[1].strip("`"), cells[2].partition(":")[0], default))
    taken = [
        (each.name, name, kind_of(spec), json.dumps(spec["default"]) if "default" in spec else "")
        for each in await server.list_tools()
        for name, spec in each.input_schema["properties"].items()
    ]
    assert said == taken
