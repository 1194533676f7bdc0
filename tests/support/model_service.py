"""A service of models over HTTP on the loopback, for what asks one."""

from __future__ import annotations

import json
import threading
from abc import abstractmethod
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from aiomilvus import allow_model_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator


class ModelService(BaseHTTPRequestHandler):
    """Keeps what was asked, the path and the key among it, and sends what `reply` returns."""

    KEYS = ("Authorization", "api-key", "x-goog-api-key")
    requests: tuple[dict[str, Any], ...] = ()

    @abstractmethod
    def reply(self, body: dict[str, Any]) -> tuple[int, str]:
        """Return the status and the text that answer a request."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = next((self.headers[name] for name in self.KEYS if name in self.headers), "")
        type(self).requests = (*self.requests, {"path": self.path, "key": key, **body})
        status, text = self.reply(body)
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


class QueuedAnswers(ModelService):
    """Answers what is queued, in order."""

    queued: tuple[tuple[int, str], ...] = ()

    def reply(self, body: dict[str, Any]) -> tuple[int, str]:
        answer, *rest = self.queued
        type(self).queued = tuple(rest)
        return answer


@contextmanager
def listening(service: type[ModelService]) -> Iterator[str]:
    """Let a service listen, allow its use with the key ``secret``, and yield its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), service)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    allow_model_endpoint(url, "secret")
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
