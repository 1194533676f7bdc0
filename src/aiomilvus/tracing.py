"""Spans of OpenTelemetry for the calls of clients, and for the requests to a server.

They follow OpenTelemetry's conventions for database clients: the name is the operation and the
collection, as in ``Search books``; attributes are ``db.system.name``, ``db.operation.name``,
``db.collection.name``, ``db.namespace``, ``server.address`` and ``server.port``, and of a call
that failed ``db.response.status_code`` (Milvus' code) and ``error.type``. A call to a server
brings its context along, so that a server which makes spans, too, continues the trace.

Nothing of OpenTelemetry is imported before `instrument` is called.

Source of names: OpenTelemetry semantic conventions 1.33 and later, "Database spans".
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple

from aiomilvus.errors import MilvusException, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from opentelemetry.trace import Span, Tracer, TracerProvider

NAME = "aiomilvus"
DEFAULT_PORT = 19530


class Peer(NamedTuple):
    """Where calls go.

    Attributes:
        host, port: Of the server, "" and 0 for an engine in this process.
    """

    host: str = ""
    port: int = 0

    @classmethod
    def of(cls, uri: str) -> Peer:
        """Return the place that a server's URI names."""
        from urllib.parse import urlsplit  # noqa: PLC0415 - a path needs no URLs

        parts = urlsplit(uri)
        return cls(parts.hostname or uri, parts.port or DEFAULT_PORT)


class _Tracing:
    """The tracer in use, None until one is asked for."""

    tracer: Tracer | None = None


def instrument(provider: TracerProvider | None = None) -> None:
    """Let clients that are made from now on, and this process' servers, make spans.

    Args:
        provider: Makes the tracer; None takes the provider that the application has set.

    Raises:
        NotSupportedError: OpenTelemetry is not installed.

    Example:
        >>> from aiomilvus import tracing
        >>> tracing.instrument()
        >>> tracing.is_on()
        True
        >>> tracing.uninstrument()
    """
    try:
        from opentelemetry import trace  # noqa: PLC0415 - only who asks for spans pays
    except ImportError as error:
        message = "spans need OpenTelemetry: pip install 'aiomilvus[otel]'"
        raise NotSupportedError(message=message) from error
    _Tracing.tracer = trace.get_tracer(NAME, tracer_provider=provider)


def uninstrument() -> None:
    """Let clients that are made from now on, and servers, make no spans."""
    _Tracing.tracer = None


def is_on() -> bool:
    """Return whether spans are made."""
    return _Tracing.tracer is not None


@contextmanager
def span(
    operation: str,
    db: str,
    collection: str,
    *,
    side: Literal["client", "server"],
    place: Peer | None = None,
) -> Iterator[None]:
    """Make a span of what the block does, if spans are made; errors pass through.

    Args:
        operation: Name of the operation or RPC.
        db: Name of the database, "" for the default one.
        collection: Name of the collection, "" for an operation on none.
        side: Whether this process asks or answers.
        place: Where the call goes, from a client to a server.
    """
    tracer = _Tracing.tracer
    if tracer is None:
        yield
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - imported before, by `instrument`

    attributes: dict[str, str | int] = {
        "db.system.name": "milvus",
        "db.operation.name": operation,
        "db.namespace": db or "default",
    }
    if collection:
        attributes["db.collection.name"] = collection
    if place is not None and place.host:
        attributes["server.address"], attributes["server.port"] = place.host, place.port
    with tracer.start_as_current_span(
        f"{operation} {collection}" if collection else operation,
        kind=SpanKind.CLIENT if side == "client" else SpanKind.SERVER,
        attributes=attributes,
        record_exception=False,  # its message may hold the caller's data
        set_status_on_exception=False,
    ) as current:
        try:
            yield
        except BaseException as error:
            _note(current, error)
            raise


def _note(current: Span, error: BaseException) -> None:
    """Tell a span how its call failed."""
    from opentelemetry.trace import StatusCode  # noqa: PLC0415 - as above

    current.set_attribute("error.type", type(error).__name__)
    if isinstance(error, MilvusException):
        current.set_attribute("db.response.status_code", str(int(error.code)))
    current.set_status(StatusCode.ERROR)


def headers() -> tuple[tuple[str, str], ...]:
    """Return what a call brings along so that the server continues the trace; () without one."""
    if not is_on():
        return ()
    from opentelemetry import propagate  # noqa: PLC0415 - as above

    carried: dict[str, str] = {}
    propagate.inject(carried)
    return tuple((key.lower(), value) for key, value in carried.items())


@contextmanager
def continued(received: Iterable[tuple[str, str | bytes]]) -> Iterator[None]:
    """Let spans of the block continue the trace that a request's headers name, if there is one."""
    if not is_on():
        yield
        return
    from opentelemetry import context, propagate  # noqa: PLC0415 - as above

    carried = {key: value for key, value in received if isinstance(value, str)}
    token = context.attach(propagate.extract(carried))
    try:
        yield
    finally:
        context.detach(token)
