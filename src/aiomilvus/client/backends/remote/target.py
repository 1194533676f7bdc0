"""Where a server is and what every call to it brings along."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from aiomilvus.errors import ConnectionConfigException

if TYPE_CHECKING:
    from aiomilvus.client.address import Address

_PORT = 19530
_PEM = b"-----BEGIN "


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A server's address in gRPC's form.

    Attributes:
        address: ``host:port`` or ``unix:path``.
        secure: Whether to speak TLS.
        ca, cert, key: Contents of the PEM files, or None.
        server_name: Name that the certificate must have, or "" for the host's.
        token: As whom it is called, ``user:password`` or a key, "" for nobody.
        is_cloud: Whether this is Zilliz Cloud.
        grpc_options: Channel options of the application's, by their names.
    """

    address: str
    secure: bool = False
    ca: bytes | None = None
    cert: bytes | None = None
    key: bytes | None = None
    server_name: str = ""
    token: str = ""
    is_cloud: bool = False
    grpc_options: tuple[tuple[str, object], ...] = ()


def target_of(address: Address) -> Target:
    """Return the target that a client's address names.

    Raises:
        ConnectionConfigException: The address has no host, or a TLS file can't be read.
    """
    options = address.options
    user, password = address.user, address.password
    if address.uri.startswith("unix:"):
        where, secure, host = address.uri, False, ""
    else:
        try:
            parts = urlsplit(address.uri)
            port = parts.port
        except ValueError as error:
            message = f"Illegal uri: [{address.uri}]: {error}"
            raise ConnectionConfigException(message=message) from None
        host = parts.hostname or ""
        if not host:
            raise ConnectionConfigException(message=f"Illegal uri: [{address.uri}] has no host")
        secure = parts.scheme == "https" or bool(options.get("secure"))
        shown = f"[{host}]" if ":" in host else host
        where = f"{shown}:{port or (443 if parts.scheme == 'https' else _PORT)}"
        user, password = (
            user or unquote(parts.username or ""),
            password or unquote(parts.password or ""),
        )
    token = address.token or (f"{user}:{password}" if user else "")
    return Target(
        address=where,
        secure=secure,
        ca=_content(options.get("server_pem_path") or options.get("ca_pem_path")),
        cert=_content(options.get("client_pem_path")),
        key=_content(options.get("client_key_path")),
        server_name=options.get("server_name") or "",
        token=token,
        is_cloud="zillizcloud" in host,
        grpc_options=_grpc_options(options.get("grpc_options")),
    )


def _content(path: str | None) -> bytes | None:
    if not path:
        return None
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        message = f"can't read {path}: {error.strerror}"
        raise ConnectionConfigException(message=message) from error
    if _PEM not in content:  # gRPC would only say that nothing could be reached
        message = f"{path} holds no certificate or key in PEM: one begins with {_PEM.decode()}"
        raise ConnectionConfigException(message=message)
    return content


def _grpc_options(given: object) -> tuple[tuple[str, object], ...]:
    if given is None:
        return ()
    if not isinstance(given, Mapping):
        raise ConnectionConfigException(
            message=f"grpc_options should be a dict of channel options, but got {given!r:.200}"
        )
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, (int, str, bytes)):
            raise ConnectionConfigException(
                message=f"grpc_options: {name!r:.200} is {value!r:.200}, should be a name with an "
                "int or str"
            )
    return tuple(given.items())
