"""The REST API's end of HTTP: from a request's bytes to a response's.

Whatever the outcome, it is told as Milvus tells it: status 200 and a code in the JSON, except for
who may not come in (401), may not do this (403), or asked for too much time (408).
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from secrets import token_hex
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aiomilvus import tracing
from aiomilvus.errors import (
    DeadlineExceededError,
    MilvusException,
    NotAuthenticatedError,
    ParamError,
    PermissionDeniedError,
    RateLimitError,
)
from aiomilvus.model.results import SearchResult
from aiomilvus.server.calls import NOT_ANSWERED
from aiomilvus.server.rest import failures, own
from aiomilvus.server.rest.body import Body, as_truth, parse_body
from aiomilvus.server.rest.call import Call
from aiomilvus.server.rest.table import BY_PATH
from aiomilvus.server.web.asgi import headers_of
from aiomilvus.server.web.identity import caller_of, peer_of
from aiomilvus.server.web.responses import (
    CallerLeftError,
    encode,
    receive_body,
    send_json,
    send_text,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.server.rest.call import Reply, Route
    from aiomilvus.server.service import Service
    from aiomilvus.server.settings import ServerSettings
    from aiomilvus.server.web.asgi import Receive, Scope, Send

_log = logging.getLogger(__name__)

LARGE_BODY = 1 << 16
"""Bodies from this many bytes on are parsed in a thread: it would hold the loop."""
LARGE_ROWS = 256
LONGEST_ID = 128
NOT_FOUND = "404 page not found"


class Rest:
    """Answers requests below ``/v2/vectordb`` and ``/aiomilvus/v1``; an ASGI application.

    Args:
        service: Carries requests out.
        settings: Limits, and what is told when a request does not say.
    """

    def __init__(self, service: Service, settings: ServerSettings) -> None:
        self._service = service
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        route = BY_PATH.get(scope["path"]) or own.BY_PATH.get(scope["path"])
        if route is None or scope["method"] != "POST":
            await send_text(send, 404, NOT_FOUND)
            return
        headers = headers_of(scope)
        request = request_id(headers)
        began, code, status = perf_counter(), 0, 200
        try:
            caller = await caller_of(
                self._service.gate, headers.get("authorization", ""), peer_of(scope)
            )
            with self._service.counted():
                content = await self._answer(route, caller, headers, receive)
        except MilvusException as error:
            status, content, code = _refusal(error)
        except CallerLeftError:
            code = NOT_ANSWERED
            return
        except asyncio.CancelledError:
            code = NOT_ANSWERED
            raise
        except Exception:  # noqa: BLE001 - a fault of the program: the caller must still get a reply
            _log.exception("%s failed", route.path)
            status, code, content = 500, 500, encode({"code": 500})
        finally:
            self._service.calls.done("rest", route.rpc, code, began, request)
        await send_json(send, status, content, [(b"x-milvus-trace-id", request.encode("latin-1"))])

    async def _answer(
        self, route: Route, caller: str, headers: Mapping[str, str], receive: Receive
    ) -> bytes:
        content = await receive_body(receive, self._settings.receive_bytes)
        timeout = self._timeout(headers)
        if len(content) < LARGE_BODY:
            given = parse_body(content)
        else:
            given = await asyncio.to_thread(parse_body, content)
        call = Call(
            self._service,
            Body(given),
            caller,
            headers.get("db-name", ""),
            numbers=self._gives_numbers(headers),
        )
        with (
            tracing.continued(headers.items()),
            tracing.span(route.rpc, call.db, given.get("collectionName", ""), side="server"),
        ):
            try:
                handling = route.handle(call)
                if route.changes:  # who leaves does not stop it midway
                    reply = await asyncio.wait_for(handling, timeout)
                else:
                    reply = await _while_waited_for(handling, receive, timeout)
            except asyncio.TimeoutError:
                raise DeadlineExceededError(message="request timeout") from None
        envelope: dict[str, Any] = reply if route.bare else {"code": 0, **reply}
        if _is_large(reply):
            return await asyncio.to_thread(encode, envelope)
        return encode(envelope)

    def _timeout(self, headers: Mapping[str, str]) -> float:
        """Return the seconds that a request may take."""
        given = headers.get("request-timeout", "")
        if not given:
            return self._settings.http_timeout
        try:
            return float(int(given))
        except ValueError:
            raise ParamError(
                message=f"Request-Timeout parse failed, err: {given!r} is no whole number of "
                "seconds: invalid parameter"
            ) from None

    def _gives_numbers(self, headers: Mapping[str, str]) -> bool:
        """Whether Int64 values are given as numbers."""
        truth = as_truth(headers.get("accept-type-allow-int64", ""))
        return self._settings.http_int64 if truth is None else truth


async def _while_waited_for(handling: Awaitable[Reply], receive: Receive, timeout: float) -> Reply:
    """Return what `handling` brings, as long as the caller waits for it.

    Raises:
        TimeoutError: It took longer than `timeout` seconds.
        CallerLeftError: The caller closed the connection.
    """
    work = asyncio.ensure_future(handling)
    leaving = asyncio.ensure_future(_cancel_when_left(work, receive))
    try:
        return await asyncio.wait_for(work, timeout)
    except asyncio.CancelledError:
        if leaving.done() and not leaving.cancelled() and leaving.result():
            raise CallerLeftError from None
        raise
    finally:
        leaving.cancel()


async def _cancel_when_left(work: asyncio.Future[Reply], receive: Receive) -> bool:
    """Cancel `work` when the caller leaves; return whether that was so."""
    message = await receive()
    has_left: bool = message["type"] == "http.disconnect"
    if has_left:
        work.cancel()
    return has_left


def request_id(headers: Mapping[str, str]) -> str:
    """Return the id of a request: that of its trace, the caller's own, or a new one."""
    parts = headers.get("traceparent", "").split("-")
    if len(parts) == 4 and len(parts[1]) == 32:
        return parts[1]
    own = headers.get("client-request-id") or headers.get("client_request_id", "")
    return own if own.isprintable() and 0 < len(own) <= LONGEST_ID else token_hex(16)


def _is_large(reply: Mapping[str, Any]) -> bool:
    """Whether writing a reply as JSON would hold the loop."""
    data = reply.get("data")
    if not isinstance(data, partial):
        return isinstance(data, (list, dict)) and len(data) > LARGE_ROWS
    found = data.args[0]
    batch: ColumnBatch | None = found.batch
    rows = len(found.scores) if isinstance(found, SearchResult) else 0
    if batch is None:
        return rows > LARGE_ROWS
    return max(rows, batch.num_rows) > LARGE_ROWS or batch.nbytes > LARGE_BODY


def _refusal(error: MilvusException) -> tuple[int, bytes, int]:
    """Return status, JSON and code of what tells an error."""
    status, code, text = 200, int(error.code), error.message
    if isinstance(error, NotAuthenticatedError):
        status, code, text = 401, failures.NOT_AUTHENTICATED, "user hasn't authenticated"
    elif isinstance(error, PermissionDeniedError):
        status, code = 403, failures.FORBIDDEN
        text = f"rpc error: code = PermissionDenied desc = {text}"
    elif isinstance(error, RateLimitError):
        code = failures.LIMITED
        text = f"request is rejected by limiter, error: {text}"
    elif isinstance(error, DeadlineExceededError):
        status, code, text = 408, failures.TIMED_OUT, "request timeout"
    return status, encode({"code": code, "message": text}), code
