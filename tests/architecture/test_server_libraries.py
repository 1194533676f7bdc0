"""What only a server, or an agent's tools, need is loaded by nobody else."""

from __future__ import annotations

import subprocess
import sys

SERVER_ONLY = ("h11", "httptools", "mcp", "orjson", "prometheus_client", "selenium", "uvicorn")
EMBEDDED = """
import asyncio, sys
from aiomilvus import AsyncMilvusClient
async def main():
    async with AsyncMilvusClient(":memory:") as client:
        await client.create_collection("things", dimension=2)
        await client.insert("things", [{"id": 1, "vector": [1.0, 2.0]}])
        await client.search("things", [[1.0, 2.0]])
asyncio.run(main())
print(*sorted(sys.modules))
"""


def test_an_embedded_database_loads_nothing_of_the_servers() -> None:
    told = subprocess.run(
        [sys.executable, "-c", EMBEDDED], capture_output=True, text=True, check=True
    )
    loaded = set(told.stdout.split())
    assert "aiomilvus.engine.database" in loaded
    assert loaded.isdisjoint(SERVER_ONLY)
