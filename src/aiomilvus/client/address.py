"""What a client connects to: the address as given, and what kind of door it names."""

from __future__ import annotations

import os
import re
from typing import Any

import msgspec

from aiomilvus.errors import ConnectionConfigException

MEMORY = ":memory:"
GLOBAL = "global-cluster"
"""What the address of a global cluster has in it, in capitals or not."""
_REMOTE_SCHEMES = frozenset({"http", "https", "tcp", "unix"})
_HOST = re.compile(r"//[^/?#]")
_DOUBTFUL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]+:"  # a scheme, or a host before its port; C:\\ is a drive's letter
    r"|\d{1,3}(\.\d{1,3}){3}(:|/|$)"  # an address, version 4
    r"|\[[0-9A-Fa-f:.]+\]"  # or 6
    r"|localhost$"
)


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
    def is_global(self) -> bool:
        """Whether it is a global cluster's, whose primary has to be found."""
        return not self.path and GLOBAL in self.uri.lower()

    @property
    def database(self) -> str:
        """The database that a server's URI names as its path, "" for none."""
        if self.path or self.is_global or self.uri.startswith("unix:"):
            return ""
        from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - a path needs no URLs

        return unquote(urlsplit(self.uri).path.strip("/").partition("/")[0])

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
    is_path = isinstance(uri, os.PathLike)  # and nothing else, whatever it looks like
    if is_path:
        uri = os.fspath(uri)
    if not isinstance(uri, str) or not uri:
        raise ConnectionConfigException(message=f"Illegal uri: [{uri}], should be a path or a URL")
    return Address(
        uri=uri,
        path=uri if is_path else _path_of(uri),
        user=user,
        password=password,
        token=token,
        timeout=timeout,
        options=options,
    )


def _path_of(uri: str) -> str:
    """Return the path that a URI names, "" for that of a server.

    What looks like the address of a server, but is none, is refused: taken for a path, it would
    become an empty database of that name, and nobody would notice.
    """
    scheme, separator, rest = uri.partition(":")
    if uri == MEMORY:
        return MEMORY
    if separator and scheme == "file":
        return rest.removeprefix("//")
    if separator and (scheme == "unix" or (scheme in _REMOTE_SCHEMES and _HOST.match(rest))):
        return ""
    if separator and rest.startswith("//") and scheme.lower() not in _REMOTE_SCHEMES:
        text = f"its scheme should be one of {sorted(_REMOTE_SCHEMES)}, or the whole a path"
    elif not uri.strip():
        text = "should be a path or a URL"
    elif _DOUBTFUL.match(uri):
        text = (
            "expected form 'http://host:port' for a server; for a directory of that name write "
            f"'./{uri}' or 'file:{uri}'"
        )
    else:
        return uri
    raise ConnectionConfigException(message=f"Illegal uri: [{uri}], {text}")
