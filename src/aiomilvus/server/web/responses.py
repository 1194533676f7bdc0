"""JSON over ASGI, written without a detour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from aiomilvus.errors import ParamTooLargeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiomilvus.server.web.asgi import Message, Receive, Send

Headers = list[tuple[bytes, bytes]]
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
_JSON: Headers = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
]
_TEXT: Headers = [(b"content-type", b"text/plain; charset=utf-8")]


def encode(value: Any) -> bytes:
    """Return a value as JSON; numbers that are not finite become null."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def _plain(value: Any) -> Any:
    """Return what the encoder does not know as something it knows."""
    if callable(value):
        made = value()
        return orjson.Fragment(_array(made)) if isinstance(made, Iterator) else made
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _array(blocks: Iterator[Sequence[object]]) -> bytes:
    """Return the values of all blocks as one JSON array; there is one block at a time in memory."""
    texts = [encode(block)[1:-1] for block in blocks]
    return b"[%b]" % b",".join(text for text in texts if text)


async def send_json(send: Send, status: int, content: bytes, more: Iterable[Any] = ()) -> None:
    """Send a JSON text as the response."""
    length = (b"content-length", str(len(content)).encode())
    headers = [*_JSON, *more, length]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def send_content(
    send: Send, kind: str, content: bytes, more: Iterable[Any] = (), status: int = 200
) -> None:
    """Send bytes of a content type as the response."""
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def send_text(send: Send, status: int, text: str, more: Iterable[Any] = ()) -> None:
    """Send a plain text as the response."""
    content = text.encode()
    headers = [*_TEXT, *more, (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


class CallerLeftError(Exception):
    """Nobody waits for the response."""


async def receive_body(receive: Receive, most: int) -> bytes:
    """Return the whole body of a request.

    Raises:
        ParamTooLargeError: It has more than `most` bytes.
        CallerLeftError: The caller closed the connection before all had come.
    """
    message = await _next_part(receive)
    content: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return _checked(content, most)
    pieces, size = [content], len(content)
    while message.get("more_body"):
        message = await _next_part(receive)
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > most:
            raise _too_large(most)
    return b"".join(pieces)


async def _next_part(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise CallerLeftError
    return message


def _checked(content: bytes, most: int) -> bytes:
    if len(content) > most:
        raise _too_large(most)
    return content


def _too_large(most: int) -> ParamTooLargeError:
    return ParamTooLargeError(message=f"the request is larger than the {most} bytes allowed")
