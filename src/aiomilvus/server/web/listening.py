"""Listening for HTTP on the server's own loop, with uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from functools import partial
from typing import TYPE_CHECKING

import uvicorn

from aiomilvus.errors import ConnectionConfigException
from aiomilvus.server.ending import for_requests
from aiomilvus.server.web.protocol import PlainHttp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiomilvus.server.settings import ServerSettings
    from aiomilvus.server.web.asgi import App
    from aiomilvus.server.web.relay import GrpcAddress

_BACKLOG = 1024
_REUSE_PORT: int = getattr(socket, "SO_REUSEPORT", 0)
_IDLE_SECONDS = 300


class _Uvicorn(uvicorn.Server):
    """uvicorn's server, which leaves signals to whoever runs the loop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and tell that it is done."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class HttpListener:
    """An HTTP port that serves an application.

    Args:
        app: The application.
        settings: Where to listen, and with which certificates.
        grpc: Where gRPC is answered, for its clients that come here; None refuses them.
        shares_port: Whether other processes of this server listen on the same port.

    Attributes:
        port: The port listened on, once started.
    """

    def __init__(
        self,
        app: App,
        settings: ServerSettings,
        grpc: GrpcAddress | None,
        *,
        shares_port: bool = False,
    ) -> None:
        self._settings = settings
        self._shares_port = shares_port
        self.port = settings.http_port or 0
        # uvicorn takes any number of seconds, though it names whole ones.
        options: dict[str, object] = {"timeout_graceful_shutdown": for_requests(settings.grace)}
        if settings.tls_cert:
            options |= {
                "ssl_certfile": settings.tls_cert,
                "ssl_keyfile": settings.tls_key,
                "ssl_ca_certs": settings.tls_client_ca or None,
                "ssl_cert_reqs": ssl.CERT_REQUIRED if settings.tls_client_ca else ssl.CERT_NONE,
            }
        self._config = uvicorn.Config(
            app,
            http=partial(PlainHttp, grpc),  # type: ignore[arg-type]  # it is called as a class
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_keep_alive=_IDLE_SECONDS,
            **options,  # type: ignore[arg-type]  # each is what uvicorn wants
        )
        self._server = _Uvicorn(self._config)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            ConnectionConfigException: The port is taken, or a TLS file can't be read.
        """
        try:
            self._config.load()
        except (OSError, ssl.SSLError) as error:
            raise ConnectionConfigException(message=f"can't read a TLS file: {error}") from error
        listening = _bound(self._settings.host, self.port, shares_port=self._shares_port)
        self.port = listening.getsockname()[1]
        self._serving = asyncio.ensure_future(self._server.serve([listening]))
        ready = asyncio.ensure_future(self._server.ready.wait())
        await asyncio.wait((ready, self._serving), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._serving.done():
            await self._serving

    async def stop(self) -> None:
        """Refuse new connections and let requests under way finish."""
        serving, self._serving = self._serving, None
        self._server.should_exit = True
        if serving is not None:
            await serving


def _bound(host: str, port: int, *, shares_port: bool) -> socket.socket:
    """Return a socket that listens."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConnectionConfigException(message=f"can't listen on {host}: {error}") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shares_port:
            listening.setsockopt(socket.SOL_SOCKET, _REUSE_PORT, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise ConnectionConfigException(
            message=f"can't listen for HTTP on {host}:{port}: {error.strerror}; give another port "
            "(--http-port), or none"
        ) from error
    return listening
