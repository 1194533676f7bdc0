"""The application behind the HTTP port: which path is answered by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.model.operations.databases import ListDatabases
from aiomilvus.server.metrics import CONTENT_TYPE
from aiomilvus.server.rest.own import PREFIX as OWN_PREFIX
from aiomilvus.server.rest.table import PREFIX
from aiomilvus.server.web.asgi import headers_of
from aiomilvus.server.web.door import NOT_FOUND, Rest
from aiomilvus.server.web.identity import Origins
from aiomilvus.server.web.pages import ROOT, Console, redirect
from aiomilvus.server.web.responses import encode, send_content, send_json, send_text

if TYPE_CHECKING:
    from aiomilvus.server.metrics import Metrics
    from aiomilvus.server.service import Service
    from aiomilvus.server.settings import ServerSettings
    from aiomilvus.server.web.asgi import App, Message, Receive, Scope, Send

_METHODS = b"GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH"
_HEADERS = (
    b"Authorization, Content-Type, DB-Name, Request-Timeout, Accept-Type-Allow-Int64, "
    b"Client-Request-Id, Traceparent"
)
_FOREIGN = "this page may not call here: start the server with its origin among cors_origins"


class Application:
    """An ASGI application: the REST API by its prefix, all else by its whole path.

    Args:
        service: Carries requests out.
        settings: What is welcome.
        metrics: What a scrape tells.
    """

    def __init__(self, service: Service, settings: ServerSettings, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics
        self._rest = Rest(service, settings)
        self._origins = Origins(settings)
        self._console = Console()
        self._plain: dict[str, App] = {
            "/healthz": self._health,
            "/livez": _alive,
            "/metrics": self._scrape,
            "/": redirect,
            "/webui/": redirect,
            ROOT.rstrip("/"): redirect,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = headers_of(scope)
        origin = headers.get("origin", "")
        if self._origins.is_foreign(headers):
            await send_text(send, 403, _FOREIGN)
            return
        if origin and self._origins.is_welcome(origin):
            send = _sharing(send, origin)
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._dispatch(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith((PREFIX, OWN_PREFIX)):
            await self._rest(scope, receive, send)
            return
        answer = self._plain.get(path)
        if answer is not None:
            await answer(scope, receive, send)
        elif path.startswith(ROOT):
            await self._console(scope, receive, send)
        else:
            await send_text(send, 404, NOT_FOUND)

    async def _health(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await self._service.backend.execute(ListDatabases(), None)
        if (b"content-type", b"application/json") in scope["headers"]:
            detail = [{"name": "standalone", "code": 1}]
            await send_json(send, 200, encode({"state": "OK", "detail": detail}))
        else:
            await send_text(send, 200, "OK")

    async def _scrape(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        content = await self._metrics.text()
        await send_content(send, CONTENT_TYPE, content)


async def _alive(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send_text(send, 200, "Milvus Process Active")


def _sharing(send: Send, origin: str) -> Send:
    """Return what sends responses that pages of an origin may read."""
    more = [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _HEADERS),
        (b"vary", b"Origin"),
    ]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *more]
        await send(message)

    return sending
