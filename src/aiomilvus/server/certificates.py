"""What a server proves itself with: TLS files, read and tried before anything listens.

gRPC and uvicorn would only log, or say that a port can't be had, where a file holds something else.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.errors import ConnectionConfigException

if TYPE_CHECKING:
    from aiomilvus.server.settings import ServerSettings


class Certificates(NamedTuple):
    """The contents of the TLS files; `ca` is None where clients need no certificate."""

    key: bytes
    chain: bytes
    ca: bytes | None


def read_certificates(settings: ServerSettings) -> Certificates:
    """Return what the TLS files hold.

    Args:
        settings: They name a certificate and a key.

    Raises:
        ConnectionConfigException: A file can't be read, is no PEM, or the key is another's.
    """
    found = Certificates(
        key=_content("tls_key", settings.tls_key),
        chain=_content("tls_cert", settings.tls_cert),
        ca=_content("tls_client_ca", settings.tls_client_ca) if settings.tls_client_ca else None,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password=_no_password)
    except (OSError, ValueError) as error:
        raise ConnectionConfigException(
            message=f"`tls_cert` {settings.tls_cert} and `tls_key` {settings.tls_key} are no "
            f"certificate chain and its key, in PEM and without a password: {error}"
        ) from error
    if found.ca is not None:
        try:
            context.load_verify_locations(settings.tls_client_ca)
        except (OSError, ValueError) as error:
            raise ConnectionConfigException(
                message=f"`tls_client_ca` {settings.tls_client_ca} holds no certificates in PEM: "
                f"{error}"
            ) from error
    return found


def _content(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConnectionConfigException(
            message=f"`{name}` {path} can't be read: {error.strerror}"
        ) from error


def _no_password() -> str:
    """Answer for the terminal, at which nobody may sit."""
    return ""
