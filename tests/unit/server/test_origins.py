"""Whose connections are handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus import AsyncMilvusClient
from aiomilvus.server import serve
from aiomilvus.server.authentication import Gate
from aiomilvus.server.origins import Origins

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_a_login_at_the_http_port_counts_for_its_own_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str]] = []
    known, ask = Origins.of, Gate.caller

    def noted(origins: Origins, peer: str) -> str:
        seen.append((peer, known(origins, peer)))
        return seen[-1][1]

    async def checked(gate: Gate, metadata: Any, peer: str) -> str:
        assert peer == seen[-1][1]
        return await ask(gate, metadata, peer)

    monkeypatch.setattr(Origins, "of", noted)
    monkeypatch.setattr(Gate, "caller", checked)
    settings = {"auth": True, "root_password": "changed-1", "port": 0, "http_port": 0}
    async with serve(tmp_path / "x.db", grace=1.0, **settings) as server:
        async with AsyncMilvusClient(server.http_uri, token="root:changed-1") as client:
            await client.list_users()
        assert seen
        assert all(origin != peer for peer, origin in seen), "the client's, and not the server's"
        seen.clear()
        async with AsyncMilvusClient(server.uri, token="root:changed-1") as client:
            await client.list_users()
        assert seen
        assert all(origin == peer for peer, origin in seen)
