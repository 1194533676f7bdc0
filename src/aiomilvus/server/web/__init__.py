"""The HTTP side of a server: REST, health, metrics and the console, on a port of their own.

Only `aiomilvus.server.running` imports this, and only when it is told to listen for HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.server.metrics import Metrics
from aiomilvus.server.web.app import Application
from aiomilvus.server.web.listening import HttpListener
from aiomilvus.server.web.relay import GrpcAddress

if TYPE_CHECKING:
    from aiomilvus.client.backends.embedded.asynchronous import AsyncEmbedded
    from aiomilvus.server.service import Service
    from aiomilvus.server.settings import ServerSettings


async def start_http(
    service: Service,
    backend: AsyncEmbedded,
    settings: ServerSettings,
    grpc: tuple[str, int],
    *,
    shares_port: bool = False,
) -> HttpListener:
    """Listen for HTTP, on a port that other processes may share, and return the listener.

    Args:
        service: Carries requests out.
        backend: The embedded database's.
        settings: Where to listen, and what is allowed.
        grpc: Host and port where gRPC is answered: its clients may come to the HTTP port, too,
            unless it has TLS.
        shares_port: Whether other processes of this server listen on the same port.

    Raises:
        ConnectionConfigException: The port is taken, or a TLS file can't be read.
    """
    app = Application(service, settings, Metrics(service, backend))
    address = None if settings.tls_cert else GrpcAddress(*grpc, service.origins)
    listener = HttpListener(app, settings, address, shares_port=shares_port)
    await listener.start()
    return listener
