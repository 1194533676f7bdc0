"""The topology service of a global cluster, made up."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self


class TopologyService:
    """Tells which clusters there are; use it as an async context manager.

    Attributes:
        clusters: Endpoints by the clusters' ids.
        primary: Id of the one that takes writes, "" for none.
        version: Of the topology.
        failures: HTTP statuses that the next requests get.
        is_silent: Whether it answers nothing.
        requests: Path and ``Authorization`` of each request.
    """

    def __init__(self, clusters: dict[str, str], primary: str) -> None:
        self.clusters = clusters
        self.primary = primary
        self.version = 1
        self.failures: list[int] = []
        self.is_silent = False
        self.requests: list[tuple[str, str]] = []
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def uri(self) -> str:
        """The address of the global cluster."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/global-cluster"

    def promote(self, name: str) -> None:
        """Make another cluster the primary, in a new version."""
        self.primary = name
        self.version += 1

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Break all connections."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()

    def _body(self) -> dict[str, Any]:
        listed = [
            {"clusterId": name, "endpoint": uri, "capability": 3 if name == self.primary else 1}
            for name, uri in self.clusters.items()
        ]
        return {"code": 0, "data": {"version": str(self.version), "clusters": listed}}

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        self.requests.append((first.split()[1], headers.get("Authorization", "")))
        if self.is_silent:
            await reader.read()
            return
        status = self.failures.pop(0) if self.failures else 200
        body = json.dumps(self._body()) if status == 200 else "made up"
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            f"{body}".encode()
        )
        await writer.drain()
        writer.close()
