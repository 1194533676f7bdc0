"""Backends of a session: another one's, with all reads sent to one cluster of a global one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from aiomilvus.model.operations.data import Read

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.client.backends.backend import AsyncBackend, SyncBackend
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.schema import Schema

R = TypeVar("R")


def _pinned(operation: Operation[R], cluster: str) -> Operation[R]:
    """Return an operation that goes to `cluster` if it reads entities."""
    if isinstance(operation, Read):
        return msgspec.structs.replace(operation, cluster=cluster)
    return operation


class AsyncPinned:
    """Hands calls on to the backend of a client, whichever that is at the time.

    Args:
        backend: Returns that backend.
        cluster: Id of the cluster that reads go to.
    """

    searches = None  # they would not know the cluster

    def __init__(self, backend: Callable[[], AsyncBackend], cluster: str) -> None:
        self._backend = backend
        self._cluster = cluster

    @property
    def kind(self) -> str:
        """The kind of the backend."""
        return self._backend().kind

    @property
    def role(self) -> str:
        """The role of the backend."""
        return self._backend().role

    async def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry `operation` out."""
        return await self._backend().execute(_pinned(operation, self._cluster), timeout)

    async def schema(self, db: str, collection: str, timeout: float | None) -> Schema:
        """Return the collection's schema."""
        return await self._backend().schema(db, collection, timeout)

    async def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,
        timeout: float | None,
    ) -> R:
        """Build an operation and carry it out."""
        return await self._backend().write(kind, db, collection, build, size, timeout)

    async def close(self) -> None:
        """Do nothing: the backend is the client's."""


class Pinned:
    """The same without a loop."""

    searches = None  # they would not know the cluster

    def __init__(self, backend: Callable[[], SyncBackend], cluster: str) -> None:
        self._backend = backend
        self._cluster = cluster

    @property
    def kind(self) -> str:
        """The kind of the backend."""
        return self._backend().kind

    @property
    def role(self) -> str:
        """The role of the backend."""
        return self._backend().role

    def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry `operation` out."""
        return self._backend().execute(_pinned(operation, self._cluster), timeout)

    def schema(self, db: str, collection: str, timeout: float | None) -> Schema:
        """Return the collection's schema."""
        return self._backend().schema(db, collection, timeout)

    def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,
        timeout: float | None,
    ) -> R:
        """Build an operation and carry it out."""
        return self._backend().write(kind, db, collection, build, size, timeout)

    def authenticate(self, user: str, password: str) -> None:
        """Make further calls as this user."""
        self._backend().authenticate(user, password)

    def close(self) -> None:
        """Do nothing: the backend is the client's."""
