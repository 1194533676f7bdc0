"""Who calls over HTTP, and whether the call may come from where it comes from.

A web page of any origin can make its visitor's browser send requests to this machine. So a
browser's request counts only when the page is the server's own (`Origin`), and where neither
token nor users guard an address of this machine, only when it was addressed as such (`Host`):
else a name that resolves to 127.0.0.1 would let a page in.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from typing import TYPE_CHECKING

from aiomilvus.errors import NotAuthenticatedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.server.authentication import Gate
    from aiomilvus.server.settings import ServerSettings
    from aiomilvus.server.web.asgi import Scope


def peer_of(scope: Scope) -> str:
    """Return the connection that a request comes by, as gRPC writes it."""
    host, port = scope.get("client") or ("", 0)
    return f"http:{host}:{port}"


async def caller_of(gate: Gate, authorization: str, peer: str) -> str:
    """Return who calls, by the value of the header Authorization.

    Args:
        gate: Knows who may come in.
        authorization: The header's value, "" without it.
        peer: The connection that the call comes by.

    Raises:
        NotAuthenticatedError: The header names nobody who may come in.
    """
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "basic":
        try:
            authorization = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise NotAuthenticatedError(message="user hasn't authenticated") from None
    return await gate.caller((("authorization", authorization),), peer)


class Origins:
    """Tells requests of foreign web pages.

    Args:
        settings: Say what guards the server, and which origins are welcome.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._welcome = frozenset(settings.cors_origins)
        self._guarded = bool(settings.token or settings.auth) or not settings.is_local

    def is_foreign(self, headers: Mapping[str, str]) -> bool:
        """Whether a request comes from a page that has no business here."""
        host = headers.get("host", "")
        origin = headers.get("origin", "")
        if origin and not self.is_welcome(origin) and origin.partition("://")[2] != host:
            return True
        return not self._guarded and not _is_own_name(host)

    def is_welcome(self, origin: str) -> bool:
        """Whether pages of this origin may call from elsewhere."""
        return origin in self._welcome or "*" in self._welcome


def _is_own_name(host: str) -> bool:
    """Whether a request was addressed to an address, or to localhost."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
