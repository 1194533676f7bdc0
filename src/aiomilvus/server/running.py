"""Starting and stopping a server."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import msgspec

from aiomilvus import tracing
from aiomilvus.client.address import parse_address
from aiomilvus.client.backends.embedded.asynchronous import AsyncEmbedded
from aiomilvus.errors import ConnectionConfigException
from aiomilvus.model.access import ROOT
from aiomilvus.model.operations.access import GetAccess, UpdateUser
from aiomilvus.model.operations.databases import ListDatabases
from aiomilvus.server.admission import STREAMS
from aiomilvus.server.certificates import read_certificates
from aiomilvus.server.ending import for_requests
from aiomilvus.server.grpc_door import GrpcDoor
from aiomilvus.server.service import Service
from aiomilvus.server.settings import ServerSettings
from aiomilvus.wire.proto.pool import extensions, service

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from aiomilvus.server.web.listening import HttpListener

_PENDING = 1 << 16
"""Calls that may wait to be accepted."""


class Server:
    """A running or runnable server; ``async with`` starts and stops it.

    Args:
        path: Directory of the database, or ``":memory:"``.
        settings: How to listen and what to allow.
        shares_ports: Whether other processes of this server listen on the same ports.

    Attributes:
        port: The port listened on, once started.
        http_port: The port listened on for HTTP, once started; None without.
        service: What answers requests, once started.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        settings: ServerSettings,
        *,
        shares_ports: bool = False,
    ) -> None:
        settings.check()
        if settings.workers > 1 and not shares_ports:
            raise ConnectionConfigException(
                message="several workers are for `aiomilvus serve`: this is a server in one process"
            )
        self._settings = settings
        self._shares_ports = shares_ports
        self._address = parse_address(os.fspath(path), "", "", "", None, {})
        if not self._address.is_embedded:
            raise ConnectionConfigException(
                message=f"a server needs the path of a database, but got {os.fspath(path)}"
            )
        self._backend: AsyncEmbedded | None = None
        self._server: grpc.aio.Server | None = None
        self._http: HttpListener | None = None
        self.port = settings.port
        self.http_port = settings.http_port
        self.service: Service

    @property
    def uri(self) -> str:
        """What a client on this machine gives to connect."""
        return uri_of(self._settings, self.port)

    @property
    def http_uri(self) -> str:
        """Where HTTP is answered, "" where it is not."""
        return "" if self.http_port is None else uri_of(self._settings, self.http_port)

    async def start(self) -> None:
        """Open the database and listen.

        Raises:
            ConnectionConfigException: The port is taken, or a TLS file can't be read.
            StorageError: The database can't be opened.
        """
        settings = self._settings
        if settings.tracing:
            tracing.instrument()
        self._refuse_early()
        backend = AsyncEmbedded(self._address, settings.output_bytes)
        try:
            await backend.execute(ListDatabases(), None)
            if settings.auth:
                await _secure_root(backend, settings)
            options = _options(settings, shares_ports=self._shares_ports)
            server = grpc.aio.server(options=options)
            self.service = Service(backend, settings)
            door = GrpcDoor(self.service, settings)
            for each in (service(), extensions()):
                handlers = door.handlers(method.name for method in each.methods)
                generic = grpc.method_handlers_generic_handler(each.full_name, handlers)
                server.add_generic_rpc_handlers((generic,))
            self.port = _listen(server, settings)
            await self._listen_for_http(backend)
            await server.start()
        except BaseException:
            if self._http is not None:
                await self._http.stop()
            await backend.close()
            raise
        self._backend, self._server = backend, server

    def _refuse_early(self) -> None:
        """Refuse what can be known before a directory is opened, so that none is made for it.

        Raises:
            ConnectionConfigException: A port is taken, a TLS file can't be read, or everyone could
                reach a new database as root.
        """
        settings, path = self._settings, self._address.path
        if not self._shares_ports:
            for port in filter(None, (settings.port, settings.http_port)):
                refuse_taken(settings.host, port)
        if settings.tls_cert:
            read_certificates(settings)
        if settings.auth and not (Path(path).is_dir() and any(Path(path).iterdir())):
            _check_root(settings)

    async def _listen_for_http(self, backend: AsyncEmbedded) -> None:
        if self._settings.http_port is None:
            return
        from aiomilvus.server.web import start_http  # noqa: PLC0415 - loads the HTTP stack

        settings = self._settings
        grpc_address = (_reached_at(settings.host).strip("[]"), self.port)
        self._http = await start_http(
            self.service, backend, settings, grpc_address, shares_port=self._shares_ports
        )
        self.http_port = self._http.port

    @property
    def stop_seconds(self) -> float:
        """How long a stop may take."""
        return self._settings.grace

    async def stop(self) -> None:
        """Refuse new requests, let those under way finish, close the database."""
        http, self._http = self._http, None
        server, self._server = self._server, None
        backend, self._backend = self._backend, None
        # Both doors at once: one after the other would have the grace twice.
        stopping = [] if http is None else [http.stop()]
        if server is not None:
            stopping.append(server.stop(for_requests(self._settings.grace)))
        await asyncio.gather(*stopping)
        if server is not None:
            await self.service.imports.close()
            self.service.gate.close()
        if backend is not None:
            await backend.close()

    async def wait(self) -> None:
        """Return when the server has stopped."""
        if self._server is not None:
            # Stopping waits for the same future of gRPC: cancelled here, it would fail there.
            await asyncio.shield(self._server.wait_for_termination())

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.shield(self.stop())


def serve(path: str | os.PathLike[str], **settings: Any) -> Server:
    """Return a server of the database at `path`, for an ``async with`` statement.

    Args:
        path: Directory of the database, or ``":memory:"``.
        **settings: The fields of `ServerSettings`.

    Raises:
        ConnectionConfigException: A setting is none, or they do not fit together.
    """
    try:
        made = msgspec.convert(settings, ServerSettings)
    except msgspec.ValidationError as error:
        raise ConnectionConfigException(message=f"settings: {error}") from None
    return Server(path, made)


async def _secure_root(backend: AsyncEmbedded, settings: ServerSettings) -> None:
    """Change root's initial password, which everyone knows, or refuse to be reached with it."""
    access = await backend.execute(GetAccess(), None)
    if access.users[ROOT].secret:
        return
    if settings.root_password:
        change = UpdateUser(user=ROOT, new_password=settings.root_password)
        await backend.execute(change, None)
    else:
        _check_root(settings)


def _check_root(settings: ServerSettings) -> None:
    """Refuse to be reached by others where root has its initial password and gets no other."""
    if not (settings.root_password or settings.is_local or settings.allow_remote):
        raise ConnectionConfigException(
            message=f"the user {ROOT} still has Milvus' initial password, which everyone knows: "
            "give `root_password`, or say that this is meant: `allow_remote`"
        )


def uri_of(settings: ServerSettings, port: int) -> str:
    """Return what a client on this machine gives to connect to a port."""
    scheme = "https" if settings.tls_cert else "http"
    return f"{scheme}://{_bracketed(_reached_at(settings.host))}:{port}"


def _reached_at(host: str) -> str:
    """Return where a client on this machine reaches what listens on a host's address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _options(settings: ServerSettings, *, shares_ports: bool) -> list[tuple[str, int]]:
    patience = _milliseconds(min(settings.keepalive, 20.0))
    return [
        ("grpc.max_receive_message_length", settings.receive_bytes),
        ("grpc.max_send_message_length", settings.send_bytes),
        ("grpc.so_reuseport", int(shares_ports)),
        # Milvus' clients ping every 10 s, calls under way or not.
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.max_ping_strikes", 0),
        ("grpc.max_allowed_incoming_connections", settings.connections),
        ("grpc.server_handshake_timeout_ms", _milliseconds(settings.handshake_timeout)),
        ("grpc.max_connection_idle_ms", _milliseconds(settings.idle_timeout)),
        ("grpc.keepalive_time_ms", _milliseconds(settings.keepalive)),
        ("grpc.keepalive_timeout_ms", patience),
        ("grpc.http2.ping_timeout_ms", patience),
        # Clients wait with what is more than that. gRPC would count streams until their memory is
        # free, though: clients begin another one before, which would then be refused.
        ("grpc.max_concurrent_streams", STREAMS),
        ("grpc.http.overload_protection", 0),
        # Calls that wait to be accepted are cancelled from 1,000 on unless more may. They hold
        # no request yet.
        ("grpc.server.max_pending_requests", _PENDING),
        ("grpc.server.max_pending_requests_hard_limit", _PENDING),
    ]


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def refuse_taken(host: str, port: int) -> None:
    """Raise ConnectionConfigException when the port can't be had; gRPC only logs why."""
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise ConnectionConfigException(message=f"can't listen on {host}: {error}") from error
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            reason = "the port is taken" if error.errno == errno.EADDRINUSE else str(error)
            raise ConnectionConfigException(
                message=f"can't listen on {host}:{port}: {reason}"
            ) from error


def _listen(server: grpc.aio.Server, settings: ServerSettings) -> int:
    where = f"{_bracketed(settings.host)}:{settings.port}"
    try:
        if not settings.tls_cert:
            return server.add_insecure_port(where)
        return server.add_secure_port(where, _credentials(settings))
    except RuntimeError as error:
        raise ConnectionConfigException(message=f"can't listen on {where}: {error}") from error


def _credentials(settings: ServerSettings) -> grpc.ServerCredentials:
    key, chain, ca = read_certificates(settings)
    return grpc.ssl_server_credentials([(key, chain)], ca, require_client_auth=ca is not None)
