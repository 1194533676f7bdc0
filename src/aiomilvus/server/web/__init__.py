"""The HTTP side of a server: REST, health, metrics and the console, on a port of their own.

Only `aiomilvus.server.running` imports this, and only when it is told to listen for HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.server.metrics import Metrics
from aiomilvus.server.web.app import Application
from aiomilvus.server.web.listening import HttpListener

if TYPE_CHECKING:
    from aiomilvus.client.backends.embedded.asynchronous import AsyncEmbedded
    from aiomilvus.server.service import Service
    from aiomilvus.server.settings import ServerSettings


async def start_http(
    service: Service,
    backend: AsyncEmbedded,
    settings: ServerSettings,
    *,
    shares_port: bool = False,
) -> HttpListener:
    """Listen for HTTP, on a port that other processes may share, and return the listener.

    Raises:
        ConnectionConfigException: The port is taken, or a TLS file can't be read.
    """
    app = Application(service, settings, Metrics(service, backend))
    listener = HttpListener(app, settings, shares_port=shares_port)
    await listener.start()
    return listener
