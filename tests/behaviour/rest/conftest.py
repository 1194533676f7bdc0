"""A server with an HTTP port, and a caller of its REST API over a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest_asyncio

from aiomilvus.server import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiomilvus.server import Server


class Rest:
    """Calls routes of ``/v2/vectordb``."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def raw(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Return the response as it came; underscores in names of headers are hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content: dict[str, Any] = (
            {"content": body} if isinstance(body, bytes) else {"json": body or {}}
        )
        return await self.http.post(f"/v2/vectordb/{path}", headers=named, **content)

    async def reply(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Return the JSON of a call that has to succeed."""
        response = await self.raw(path, body, **headers)
        found: dict[str, Any] = response.json()
        assert response.status_code == 200, found
        assert found["code"] == 0, found
        return found

    async def __call__(self, path: str, body: Any = None, **headers: str) -> Any:
        """Return the data of a call that has to succeed."""
        return (await self.reply(path, body, **headers))["data"]

    async def refused(self, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Return code and message of a call that has to fail."""
        found = (await self.raw(path, body, **headers)).json()
        assert found["code"] != 0, found
        assert "data" not in found
        return found["code"], found["message"]

    async def quick(self, name: str = "things", **more: Any) -> None:
        """Create a collection with keys and vectors of two dimensions."""
        await self("collections/create", {"collectionName": name, "dimension": 2, **more})


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with serve(tmp_path / "test.db", port=0, http_port=0, grace=1.0) as running:
        yield running


@pytest_asyncio.fixture
async def rest(server: Server) -> AsyncIterator[Rest]:
    async with httpx.AsyncClient(base_url=server.http_uri, timeout=30) as http:
        yield Rest(http)
