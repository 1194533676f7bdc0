"""Reading HTTP/1.1 from clients that would rather speak HTTP/2.

A client of gRPC begins with HTTP/2; its connection is handed on. Another offers to change with the
header ``Upgrade: h2c``; Java's does so by default. A server that stays with HTTP/1.1 ignores the
offer. The parser, however, takes a request with that header for one without a body, so it is read
again without the header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from aiomilvus.server.web.relay import PREFACE, GrpcAddress, join

if TYPE_CHECKING:
    from collections.abc import Iterator

_UPGRADE = b"upgrade"
_INVALID = "Invalid HTTP request received."


class PlainHttp(HttpToolsProtocol):
    """A connection that stays with HTTP/1.1, unless its client speaks gRPC.

    Args:
        grpc: Where a connection of gRPC is handed on to; None refuses it.
        **given: What uvicorn gives its protocols.
    """

    def __init__(self, grpc: GrpcAddress | None, **given: object) -> None:
        super().__init__(**given)  # type: ignore[arg-type]  # as it came
        self._grpc = grpc
        self._begun = b""
        self._may_be_grpc = grpc is not None

    def data_received(self, data: bytes) -> None:
        """Read what has come."""
        if not self._may_be_grpc:
            self._read(data)
            return
        self._begun += data
        if len(self._begun) < len(PREFACE) and PREFACE.startswith(self._begun):
            return
        self._may_be_grpc = False
        begun, self._begun = self._begun, b""
        if begun.startswith(PREFACE):
            self._hand_on(begun)
        else:
            self._read(begun)

    def _hand_on(self, begun: bytes) -> None:
        """Leave the connection to gRPC."""
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        self.transport.pause_reading()  # what comes is gRPC's, and not for the parser
        if self._grpc is not None:
            joining = self.loop.create_task(join(self.transport, begun, self._grpc))
            self.tasks.add(joining)
            joining.add_done_callback(self.tasks.discard)

    def _read(self, data: bytes) -> None:
        try:
            self._unset_keepalive_if_required()
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            if all(name != _UPGRADE for name, _ in self.headers):  # CONNECT, which asks for a proxy
                self.send_400_response(_INVALID)
                return
            head = b"".join(self._head())
            self.parser = httptools.HttpRequestParser(self)
            self._read(head + data[offer.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response(_INVALID)

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
