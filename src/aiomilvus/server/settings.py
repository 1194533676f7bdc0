"""What a server is told when it starts."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

import msgspec

from aiomilvus.errors import ConnectionConfigException

MEGABYTE = 1 << 20
MOST_WORKERS = 256
Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Count = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Limit = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
Pause = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Workers = Annotated[int, msgspec.Meta(ge=0, le=MOST_WORKERS)]


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to listen and what to allow.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        token: ``user:password`` or a key that every call must bring; "" lets all in.
        auth: Whether callers must be users of the database, and are allowed only
            what their roles grant.
        root_password: What to change the initial password of the user root to, "" to leave it.
        tls_cert: Path of the PEM certificate chain, or "" for no TLS.
        tls_key: Path of the PEM private key.
        tls_client_ca: Path of the PEM authorities that clients' certificates must come from,
            or "" when clients need none.
        allow_remote: Whether to listen beyond this machine without a token or users.
        receive_bytes: Largest request, in bytes.
        send_bytes: Largest reply, in bytes.
        output_bytes: Most bytes that the values of an answer may have, told before they are read.
        import_dir: Folder whose files the Import RPC may read, or "" to refuse it.
        external_dir: Folder whose files clients may make external collections of, or "" for none.
        concurrency: Most requests under way; a further one is refused at once. Only requests of
            callers who may call count.
        connections: Most gRPC connections; a further one is closed at once.
        handshake_timeout: Seconds that a new connection has for TLS and HTTP/2.
        idle_timeout: Seconds after which a connection without calls is closed; clients open
            another one by themselves.
        keepalive: Seconds without a sign of the other side after which it is asked for one, and
            the connection closed when none comes.
        receive_timeout: Seconds that a request has to come in.
        grace: Seconds that a stop may take: requests under way have all of it but three tenths,
            3 s at most, which are for closing the database.
        http_port: Port for REST, health, metrics and the console; 0 takes a free one, None
            listens for no HTTP.
        http_timeout: Seconds that a REST request may take unless it says otherwise.
        http_int64: Whether REST gives Int64 values as numbers, unless a request says otherwise.
        log_level: The least that is logged: ``debug``, ``info``, ``warning`` or ``error``.
        log_format: ``text``, or ``json`` for an object on each line.
        log_requests: Which requests are logged, each with its id: ``none``, ``failed``, ``slow``
            (failed ones, and those that take `slow_seconds`), or ``all``.
        slow_seconds: From how many seconds on a request counts as slow.
        cors_origins: Origins of web pages elsewhere that may call, ``*`` for all.
        tracing: Whether to make spans of requests, with the tracer provider of OpenTelemetry that
            the process has, as ``opentelemetry-instrument`` sets one.
        workers: Processes that answer on the one port, each with a processor of its own. The
            command line's default is one for each core, unless `import_dir` is given.
    """

    host: str = "127.0.0.1"
    port: Port = 19530
    token: str = ""
    auth: bool = False
    root_password: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    tls_client_ca: str = ""
    allow_remote: bool = False
    receive_bytes: Count = 64 * MEGABYTE
    send_bytes: Count = 256 * MEGABYTE
    output_bytes: Count = 100 * MEGABYTE
    import_dir: str = ""
    external_dir: str = ""
    concurrency: Limit = 4096
    connections: Count = 4096
    handshake_timeout: Seconds = 20.0
    idle_timeout: Seconds = 1800.0
    keepalive: Seconds = 60.0
    receive_timeout: Seconds = 120.0
    grace: Pause = 10.0
    http_port: Port | None = None
    http_timeout: Seconds = 30.0
    http_int64: bool = True
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    log_requests: Literal["none", "failed", "slow", "all"] = "none"
    slow_seconds: Pause = 1.0
    cors_origins: tuple[str, ...] = ()
    tracing: bool = False
    workers: Workers = 1

    def check(self) -> None:
        """Raise unless the settings fit together.

        Raises:
            ConnectionConfigException: Half a TLS pair, or an open door to the network.
        """
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ConnectionConfigException(
                message="TLS needs both a certificate and a key: give `tls_cert` and `tls_key`"
            )
        if self.tls_client_ca and not self.tls_cert:
            raise ConnectionConfigException(
                message="`tls_client_ca` needs `tls_cert` and `tls_key`"
            )
        if self.auth and self.token:
            raise ConnectionConfigException(
                message="give `token`, or let callers be users (`auth`), but not both"
            )
        if not 1 <= self.workers <= MOST_WORKERS:
            raise ConnectionConfigException(
                message=f"`workers` is {self.workers}, and should be from 1 to {MOST_WORKERS}"
            )
        if self.workers > 1 and self.import_dir:
            raise ConnectionConfigException(
                message="import jobs are known to the process that began them: give `import_dir`, "
                "or several `workers`, but not both"
            )
        if self.root_password and not self.auth:
            raise ConnectionConfigException(message="`root_password` needs `auth`")
        if not (self.token or self.auth or self.allow_remote or self.is_local):
            raise ConnectionConfigException(
                message=f"listening on {self.host} would let anyone on the network in: give "
                "`token` or `auth`, or say that this is meant: `allow_remote`"
            )

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return _is_loopback(self.host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
