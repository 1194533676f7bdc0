"""Sessions: reading from one cluster of a global one, over a client's connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.client.aio.base import AsyncClientBase
from aiomilvus.client.aio.delegating import awaited, delegated
from aiomilvus.client.aio.entities import AsyncEntities
from aiomilvus.client.aio.iterators import AsyncIterators
from aiomilvus.client.aio.signatures import AsyncSignatures
from aiomilvus.client.arguments import check_text, shown
from aiomilvus.client.backends.pinned import AsyncPinned
from aiomilvus.errors import MilvusException, ParamError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


class _AsyncReading(AsyncSignatures, AsyncEntities, AsyncIterators):
    """A client that shares another one's connection; only its reading methods are called."""


class AsyncMilvusClientSession:
    """What `AsyncMilvusClient.session` returns: its reading methods, for one cluster.

    It shares the client's connection, database and time limit, and ends with the client.

    Args:
        client: The client.
        cluster_id: The cluster that shall answer.
    """

    def __init__(self, client: AsyncClientBase, cluster_id: str) -> None:
        self._client = client
        self._cluster_id = cluster_id
        self._is_closed = False

    def __repr__(self) -> str:
        state = "closed " if self._is_closed else ""
        return f"<{state}session with cluster {self._cluster_id!r} of {self._client!r}>"

    @awaited(_AsyncReading.search)
    def search(self) -> None:
        """As `AsyncMilvusClient.search`, of the cluster."""

    @awaited(_AsyncReading.hybrid_search)
    def hybrid_search(self) -> None:
        """As `AsyncMilvusClient.hybrid_search`, of the cluster."""

    @awaited(_AsyncReading.query)
    def query(self) -> None:
        """As `AsyncMilvusClient.query`, of the cluster."""

    @awaited(_AsyncReading.get)
    def get(self) -> None:
        """As `AsyncMilvusClient.get`, of the cluster."""

    @delegated(_AsyncReading.query_iterator)
    def query_iterator(self) -> None:
        """As `AsyncMilvusClient.query_iterator`, of the cluster."""

    @delegated(_AsyncReading.search_iterator)
    def search_iterator(self) -> None:
        """As `AsyncMilvusClient.search_iterator`, of the cluster."""

    async def close(self) -> None:
        """End the session; the client's connection stays. Again does nothing."""
        self._is_closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _delegate(self) -> _AsyncReading:
        """Return the client as it is now, reading from the cluster."""
        if self._is_closed:
            raise MilvusException(message="AsyncMilvusClient session is closed")
        client = self._client
        reading = _AsyncReading.__new__(_AsyncReading)
        reading.__dict__.update(client.__dict__)
        reading._backend = AsyncPinned(lambda: client._backend, self._cluster_id)
        return reading


class AsyncSessions(AsyncClientBase):
    """Making them."""

    def session(self, cluster_id: str) -> AsyncMilvusClientSession:
        """Return the reading methods of this client, for one cluster of a global one.

        Searches, queries and iterators carry the cluster's id; who serves the global cluster's
        address sends them there. One server, and an embedded database, answer by themselves.

        Args:
            cluster_id: The cluster's id.

        Returns:
            `search`, `hybrid_search`, `query`, `get`, `query_iterator` and `search_iterator`,
            over this client's connection; `close` ends it.

        Raises:
            ParamError: `cluster_id` is no text, or empty.

        Example:
            >>> async with client.session("frankfurt") as near:
            ...     rows = await near.get("books", [1], output_fields=["title"])
            >>> [row["title"] for row in rows]
            ['On Tides']
        """
        if not check_text(cluster_id, "cluster_id"):
            raise ParamError(
                message=f"`cluster_id` value {shown(cluster_id)} is illegal, should be the id of "
                "a cluster"
            )
        return AsyncMilvusClientSession(self, cluster_id)
