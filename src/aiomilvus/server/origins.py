"""Whose connections the server hands on to itself, by the name that gRPC sees them under."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import BaseTransport
    from collections.abc import Iterator


class Origins:
    """The clients whose connections are handed on, while they are.

    gRPC sees a connection from this process in place of the client's.
    """

    def __init__(self) -> None:
        self._clients: dict[str, str] = {}

    @contextmanager
    def noted(self, client: BaseTransport, ours: BaseTransport) -> Iterator[None]:
        """Know, within this context, that what comes by a connection of ours is a client's."""
        seen = _written(ours, "sockname")
        self._clients[seen] = _written(client, "peername")
        try:
            yield
        finally:
            del self._clients[seen]

    def of(self, peer: str) -> str:
        """Return the connection that calls come by at first, as gRPC writes it.

        Args:
            peer: The one they come by at last.
        """
        return self._clients.get(peer, peer)


def _written(transport: BaseTransport, end: str) -> str:
    """Return an end of a connection as gRPC writes it."""
    host, port = (transport.get_extra_info(end) or ("", 0))[:2]
    return f"ipv6:%5B{host}%5D:{port}" if ":" in host else f"ipv4:{host}:{port}"
