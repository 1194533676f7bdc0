"""Backends whose calls are spans of OpenTelemetry: they stand before another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from aiomilvus.tracing import span

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.client.backends.backend import AsyncBackend, SyncBackend
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema
    from aiomilvus.tracing import Peer

R = TypeVar("R")


def _subject(operation: Operation[R]) -> tuple[str, str, str]:
    """Return an operation's name, database and collection, "" where it has none."""
    return (
        type(operation).__name__,
        getattr(operation, "db", ""),
        getattr(operation, "collection", ""),
    )


class AsyncTraced:
    """Makes a span of each call to `backend`.

    Args:
        backend: Carries the calls out.
        place: Where they go.
    """

    searches = None  # each search shall be a call

    def __init__(self, backend: AsyncBackend, place: Peer) -> None:
        self._backend = backend
        self._place = place
        self.kind = backend.kind

    @property
    def role(self) -> str:
        """The role of the backend."""
        return self._backend.role

    async def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry `operation` out, as a span."""
        with span(*_subject(operation), side="client", place=self._place):
            return await self._backend.execute(operation, timeout)

    async def schema(self, db: str, collection: str, timeout: float | None) -> Schema:
        """Return the collection's schema, mostly from a cache; a span only if that fails."""
        try:
            return await self._backend.schema(db, collection, timeout)
        except BaseException:
            with span("DescribeCollection", db, collection, side="client", place=self._place):
                raise

    async def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,
        timeout: float | None,
    ) -> R:
        """Build an operation and carry it out, as one span."""
        with span(kind.__name__, db, collection, side="client", place=self._place):
            return await self._backend.write(kind, db, collection, build, size, timeout)

    async def close(self) -> None:
        """Close the backend."""
        await self._backend.close()


class Traced:
    """The same without a loop."""

    searches = None  # each search shall be a call

    def __init__(self, backend: SyncBackend, place: Peer) -> None:
        self._backend = backend
        self._place = place
        self.kind = backend.kind

    @property
    def role(self) -> str:
        """The role of the backend."""
        return self._backend.role

    def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry `operation` out, as a span."""
        with span(*_subject(operation), side="client", place=self._place):
            return self._backend.execute(operation, timeout)

    def schema(self, db: str, collection: str, timeout: float | None) -> Schema:
        """Return the collection's schema, mostly from a cache; a span only if that fails."""
        try:
            return self._backend.schema(db, collection, timeout)
        except BaseException:
            with span("DescribeCollection", db, collection, side="client", place=self._place):
                raise

    def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,
        timeout: float | None,
    ) -> R:
        """Build an operation and carry it out, as one span."""
        with span(kind.__name__, db, collection, side="client", place=self._place):
            return self._backend.write(kind, db, collection, build, size, timeout)

    def authenticate(self, user: str, password: str) -> None:
        """Make further calls as this user."""
        self._backend.authenticate(user, password)

    def close(self) -> None:
        """Close the backend."""
        self._backend.close()
