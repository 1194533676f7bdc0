# Generated from src/aiomilvus/client/aio/sessions.py by tools/make_sync.py; edit that file.
"""Sessions: reading from one cluster of a global one, over a client's connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.client.arguments import check_text, shown
from aiomilvus.client.backends.pinned import Pinned
from aiomilvus.client.sync.base import ClientBase
from aiomilvus.client.sync.delegating import awaited, delegated
from aiomilvus.client.sync.entities import Entities
from aiomilvus.client.sync.iterators import Iterators
from aiomilvus.client.sync.signatures import Signatures
from aiomilvus.errors import MilvusException, ParamError

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


class _AsyncReading(Signatures, Entities, Iterators):
    """A client that shares another one's connection; only its reading methods are called."""


class MilvusClientSession:
    """What `MilvusClient.session` returns: its reading methods, for one cluster.

    It shares the client's connection, database and time limit, and ends with the client.

    Args:
        client: The client.
        cluster_id: The cluster that shall answer.
    """

    def __init__(self, client: ClientBase, cluster_id: str) -> None:
        self._client = client
        self._cluster_id = cluster_id
        self._is_closed = False

    def __repr__(self) -> str:
        state = "closed " if self._is_closed else ""
        return f"<{state}session with cluster {self._cluster_id!r} of {self._client!r}>"

    @awaited(_AsyncReading.search)
    def search(self) -> None:
        """As `MilvusClient.search`, of the cluster."""

    @awaited(_AsyncReading.hybrid_search)
    def hybrid_search(self) -> None:
        """As `MilvusClient.hybrid_search`, of the cluster."""

    @awaited(_AsyncReading.query)
    def query(self) -> None:
        """As `MilvusClient.query`, of the cluster."""

    @awaited(_AsyncReading.get)
    def get(self) -> None:
        """As `MilvusClient.get`, of the cluster."""

    @delegated(_AsyncReading.query_iterator)
    def query_iterator(self) -> None:
        """As `MilvusClient.query_iterator`, of the cluster."""

    @delegated(_AsyncReading.search_iterator)
    def search_iterator(self) -> None:
        """As `MilvusClient.search_iterator`, of the cluster."""

    def close(self) -> None:
        """End the session; the client's connection stays. Again does nothing."""
        self._is_closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _delegate(self) -> _AsyncReading:
        """Return the client as it is now, reading from the cluster."""
        if self._is_closed:
            raise MilvusException(message="MilvusClient session is closed")
        client = self._client
        reading = _AsyncReading.__new__(_AsyncReading)
        reading.__dict__.update(client.__dict__)
        reading._backend = Pinned(lambda: client._backend, self._cluster_id)
        return reading


class Sessions(ClientBase):
    """Making them."""

    def session(self, cluster_id: str) -> MilvusClientSession:
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
            >>> with client.session("frankfurt") as near:
            ...     rows = near.get("books", [1], output_fields=["title"])
            >>> [row["title"] for row in rows]
            ['On Tides']
        """
        if not check_text(cluster_id, "cluster_id"):
            raise ParamError(
                message=f"`cluster_id` value {shown(cluster_id)} is illegal, should be the id of "
                "a cluster"
            )
        return MilvusClientSession(self, cluster_id)
