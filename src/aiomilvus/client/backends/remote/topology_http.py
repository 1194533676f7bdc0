"""HTTP with one deadline for a whole reply, however slowly a server sends it.

Python's HTTP client has a timeout for each read. Loads that client: for global clusters alone.
"""

from __future__ import annotations

import io
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener

if TYPE_CHECKING:
    import socket
    import ssl

    from typing_extensions import Buffer

__all__ = ["HTTPException", "fetch"]


class _Timed(io.RawIOBase):
    """A connection's bytes until a time, as `time.monotonic` tells."""

    def __init__(self, connection: socket.socket, end: float) -> None:
        super().__init__()
        self._connection = connection
        self._raw: io.RawIOBase = connection.makefile("rb", buffering=0)
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the reply took too long")
        self._connection.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _response_until(end: float) -> type[HTTPResponse]:
    """Return the type of responses that are read until a time."""

    class Response(HTTPResponse):
        def __init__(
            self,
            sock: socket.socket,
            debuglevel: int = 0,
            method: str | None = None,
            url: str | None = None,
        ) -> None:
            super().__init__(sock, debuglevel, method, url)
            self.fp.close()
            self.fp = io.BufferedReader(_Timed(sock, end))

    return Response


class _Straight(HTTPRedirectHandler):
    """Follows no redirect: the token would be sent wherever it leads."""

    def redirect_request(self, *_args: object) -> None:
        """Return no request, so that the redirect is a failure of its own."""


def fetch(
    url: str, headers: dict[str, str], trust: ssl.SSLContext | None, seconds: float, most: int
) -> tuple[int, bytes]:
    """Return the status of what is at `url`, and its first bytes.

    Args:
        url: Of HTTP or HTTPS.
        headers: To send.
        trust: Whom to trust as an HTTPS server, None for the system's.
        seconds: For all of it; connecting and TLS' handshake may each take as much once more.
        most: Bytes to read.

    Raises:
        OSError: It can't be reached, or the time ran out.
        HTTPException: What answers does not speak HTTP.
        ValueError: No header can hold one of `headers`.
    """
    response = _response_until(time.monotonic() + seconds)

    class Plain(HTTPConnection):
        response_class = response

    class Secured(HTTPSConnection):
        response_class = response

    class Http(HTTPHandler):
        def http_open(self, req: Request) -> HTTPResponse:
            return self.do_open(Plain, req)

    class Https(HTTPSHandler):
        def https_open(self, req: Request) -> HTTPResponse:
            return self.do_open(Secured, req, context=trust)

    asked = Request(url, headers=headers)  # noqa: S310 - http or https, says the caller
    opener = build_opener(_Straight(), Http(), Https())
    try:
        with opener.open(asked, timeout=seconds) as reply:
            return reply.status, reply.read(most)
    except HTTPError as failure:
        with failure:
            return failure.code, failure.read(most)
