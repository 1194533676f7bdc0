"""Backend: what the client classes ask of whatever stands behind them.

Three implementations: the engine in this process (`embedded`), a server (`remote`), and nothing,
after `close` (`ClosedBackend`). An operation goes in, its answer comes out; an error is always one
of `aiomilvus.errors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

from aiomilvus.errors import ConnectionNotExistException

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from aiomilvus.model.columns import Column
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.prepared import Lookup, Prepared, Queries
    from aiomilvus.model.results import QueryResult, SearchResult
    from aiomilvus.model.schema import Schema

R = TypeVar("R")


class AsyncSearches(Protocol):
    """The searches that a backend keeps for those that differ in their queries alone."""

    def kept(self, db: str, collection: str, shape: Hashable) -> Prepared | None:
        """Return the search of this shape that was made on the collection as it is now.

        Args:
            db: Name of the database, "" for the default one.
            collection: Name of the collection, or an alias.
            shape: As of the `Search` that was executed.

        Returns:
            None also where searches are refused, which `AsyncBackend.execute` says.
        """

    async def search_again(
        self, kept: Prepared, queries: Queries, timeout: float | None
    ) -> SearchResult:
        """Return what a kept search finds for other queries, which are ready for it."""

    def kept_lookup(self, db: str, collection: str, shape: Hashable) -> Lookup | None:
        """As `kept`, for reads of some keys."""

    async def look_up(
        self, kept: Lookup, keys: Column | None, timeout: float | None
    ) -> QueryResult:
        """Return the rows that a kept read finds for other keys, which fit it."""


class SyncSearches(Protocol):
    """The same without a loop."""

    def kept(self, db: str, collection: str, shape: Hashable) -> Prepared | None:
        """As `AsyncSearches.kept`."""

    def search_again(self, kept: Prepared, queries: Queries, timeout: float | None) -> SearchResult:
        """As `AsyncSearches.search_again`."""

    def kept_lookup(self, db: str, collection: str, shape: Hashable) -> Lookup | None:
        """As `AsyncSearches.kept_lookup`."""

    def look_up(self, kept: Lookup, keys: Column | None, timeout: float | None) -> QueryResult:
        """As `AsyncSearches.look_up`."""


class AsyncBackend(Protocol):
    """A backend for `AsyncMilvusClient`."""

    @property
    def kind(self) -> str:
        """``milvus``, ``zilliz`` or ``embedded``."""

    @property
    def role(self) -> str:
        """What this process is to others on the same directory; "" where there are none."""

    @property
    def searches(self) -> AsyncSearches | None:
        """The searches that it keeps; None if it keeps none."""

    async def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """Carry `operation` out and return its answer.

        Args:
            operation: What to do.
            timeout: Seconds for the whole of it, retries included; None for the default.

        Raises:
            DeadlineExceededError: The time ran out; the message names the phase.
        """

    async def schema(self, db: str, collection: str, timeout: float | None) -> Schema:
        """Return the collection's schema, perhaps from a cache that a mismatch refreshes."""

    async def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,
        timeout: float | None,
    ) -> R:
        """Build an operation from the schema and carry it out.

        Building may take long (rows become columns), so it happens off the event loop when
        `size` is not small. When the schema turns out to be stale, it is refreshed and both are
        done once more.

        Args:
            kind: The operation's type, which messages name.
            db: Name of the database, "" for the default one.
            collection: Name of the collection, or an alias.
            build: Makes the operation.
            size: How many rows it is made from.
            timeout: Seconds for the whole of it, retries included; None for the default.

        Raises:
            DeadlineExceededError: The time ran out; the message names the operation.
        """

    async def close(self) -> None:
        """Give everything back; calls under way may fail. Closing again does nothing."""


class SyncBackend(Protocol):
    """A backend for `MilvusClient`: the same without a loop."""

    @property
    def kind(self) -> str:
        """As `AsyncBackend.kind`."""

    @property
    def role(self) -> str:
        """As `AsyncBackend.role`."""

    @property
    def searches(self) -> SyncSearches | None:
        """As `AsyncBackend.searches`."""

    def execute(self, operation: Operation[R], timeout: float | None) -> R:
        """As `AsyncBackend.execute`."""

    def schema(self, db: str, collection: str, timeout: float | None) -> Schema:
        """As `AsyncBackend.schema`."""

    def write(
        self,
        kind: type[Operation[R]],
        db: str,
        collection: str,
        build: Callable[[Schema], Operation[R]],
        size: int,
        timeout: float | None,
    ) -> R:
        """As `AsyncBackend.write`."""

    def authenticate(self, user: str, password: str) -> None:
        """Make further calls as this user."""

    def close(self) -> None:
        """As `AsyncBackend.close`."""


def refuse_closed() -> NoReturn:
    """Raise what every call on a closed client raises."""
    raise ConnectionNotExistException(
        message="should create connection first. This client is closed; make another one."
    )


class AsyncClosedBackend:
    """Stands in for the backend of a closed `AsyncMilvusClient`."""

    kind = "closed"
    role = ""
    searches = None

    async def execute(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        refuse_closed()

    async def schema(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        refuse_closed()

    async def write(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        refuse_closed()

    async def close(self) -> None:
        """Do nothing."""


class ClosedBackend:
    """Stands in for the backend of a closed `MilvusClient`."""

    kind = "closed"
    role = ""
    searches = None

    def execute(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        refuse_closed()

    def schema(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        refuse_closed()

    def write(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        refuse_closed()

    def authenticate(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        refuse_closed()

    def close(self) -> None:
        """Do nothing."""
