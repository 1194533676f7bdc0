"""What a client connects to: the address as given, and what kind of door it names."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from aiomilvus.errors import ConnectionConfigException

MEMORY = ":memory:"
_REMOTE_SCHEMES = frozenset({"http", "https", "tcp", "unix"})


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where and as whom to connect.

    Attributes:
        uri: As given.
        path: Directory of an embedded database, ``":memory:"``, or "" for a server.
        options: The constructor's further keywords.
    """

    uri: str
    path: str = ""
    user: str = ""
    password: str = ""
    token: str = ""
    timeout: float | None = None
    options: dict[str, Any] = {}

    @property
    def is_embedded(self) -> bool:
        """Whether the engine runs in this process."""
        return bool(self.path)


def parse_address(
    uri: Any, user: str, password: str, token: str, timeout: float | None, options: dict[str, Any]
) -> Address:
    """Return the address that the constructor's arguments name.

    Args:
        uri: A path (a str or path object, anything without a scheme, or ``file:…``),
            ``":memory:"``, or ``http://``, ``https://``, ``tcp://``, ``unix:``.
        user: Name of the user.
        password: Their password.
        token: Both in one, or an API key.
        timeout: Seconds per call.
        options: The constructor's further keywords.

    Raises:
        ConnectionConfigException: `uri` is neither.
    """
    if isinstance(uri, os.PathLike):
        uri = os.fspath(uri)
    if not isinstance(uri, str) or not uri:
        raise ConnectionConfigException(message=f"Illegal uri: [{uri}], should be a path or a URL")
    scheme, separator, rest = uri.partition(":")
    path = ""
    if uri == MEMORY:
        path = MEMORY
    elif scheme == "file" and separator:
        path = rest.removeprefix("//")
    elif scheme == "unix" or (scheme in _REMOTE_SCHEMES and rest.startswith("//")):
        path = ""
    elif rest.startswith("//"):
        raise ConnectionConfigException(
            message=f"Illegal uri: [{uri}], its scheme should be one of {sorted(_REMOTE_SCHEMES)}, "
            "or the whole a path"
        )
    else:
        path = uri
    return Address(
        uri=uri,
        path=path,
        user=user,
        password=password,
        token=token,
        timeout=timeout,
        options=options,
    )
