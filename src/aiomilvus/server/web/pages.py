"""The console's files: plain pages, scripts and styles, served as they lie beside this module.

They are read once, all of them; a request never names a file of the disk. The pages may load
nothing from elsewhere, run no script that stands in them, and be framed by nobody.
"""

from __future__ import annotations

import gzip
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.server.web.asgi import headers_of
from aiomilvus.server.web.responses import send_content, send_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from aiomilvus.server.web.asgi import Receive, Scope, Send

ROOT = "/console/"
_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SAFE = [
    (b"content-security-policy", _POLICY),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),
]


class _File(NamedTuple):
    kind: str
    content: bytes
    zipped: bytes
    tag: bytes


class Console:
    """Answers requests below ``/console/``; an ASGI application."""

    def __init__(self) -> None:
        self._files = dict(_files(resources.files(__package__).joinpath("console"), ""))

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        file = self._files.get(scope["path"].removeprefix(ROOT) or "index.html")
        if file is None or scope["method"] not in ("GET", "HEAD"):
            await send_text(send, 404, "404 page not found")
            return
        headers = headers_of(scope)
        more = [*_SAFE, (b"etag", file.tag), (b"vary", b"accept-encoding")]
        if headers.get("if-none-match", "").encode() == file.tag:
            await send({"type": "http.response.start", "status": 304, "headers": more})
            await send({"type": "http.response.body", "body": b""})
        elif "gzip" in headers.get("accept-encoding", ""):
            more.append((b"content-encoding", b"gzip"))
            await send_content(send, file.kind, file.zipped, more)
        else:
            await send_content(send, file.kind, file.content, more)


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, _File]]:
    """Yield the files of a folder, and of those in it, by their paths."""
    for each in folder.iterdir():
        if each.is_dir():
            yield from _files(each, f"{prefix}{each.name}/")
            continue
        kind = _TYPES.get(each.name.rpartition(".")[2])
        if kind is not None:
            content = each.read_bytes()
            tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'.encode()
            yield prefix + each.name, _File(kind, content, gzip.compress(content), tag)


async def redirect(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Send a browser that asks for no page in particular to the console."""
    headers = [(b"location", ROOT.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
