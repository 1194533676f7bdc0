"""Reading HTTP/1.1 from clients that would rather speak HTTP/2.

A client offers to change with the header ``Upgrade: h2c``; Java's does so by default. A server that
stays with HTTP/1.1 ignores the offer. The parser, however, takes a request with that header for
one without a body, so it is read again without the header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

_UPGRADE = b"upgrade"


class PlainHttp(HttpToolsProtocol):
    """A connection that stays with HTTP/1.1, whatever its client offers."""

    def data_received(self, data: bytes) -> None:
        """Read what has come."""
        try:
            self._unset_keepalive_if_required()
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            head = b"".join(self._head())
            self.parser = httptools.HttpRequestParser(self)
            self.data_received(head + data[offer.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")

    def on_headers_complete(self) -> None:
        """Begin to answer, unless the request is to be read again."""
        if not self.parser.should_upgrade():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the body has come, unless the request is to be read again."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _head(self) -> Iterator[bytes]:
        """Yield the request's line and headers, all but the offer."""
        version = self.parser.get_http_version().encode()
        yield b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)
        for name, value in self.headers:
            if name != _UPGRADE:
                yield b"%b: %b\r\n" % (name, value)
        yield b"\r\n"
