"""AsyncMilvusClient: all the parts in one class."""

from __future__ import annotations

from aiomilvus.client.aio.cluster import AsyncCluster
from aiomilvus.client.aio.collections import AsyncCollections
from aiomilvus.client.aio.databases import AsyncDatabases
from aiomilvus.client.aio.evolution import AsyncEvolution
from aiomilvus.client.aio.explaining import AsyncExplaining
from aiomilvus.client.aio.grants import AsyncGrants
from aiomilvus.client.aio.iterators import AsyncIterators
from aiomilvus.client.aio.optimizing import AsyncOptimizing
from aiomilvus.client.aio.partitions import AsyncPartitions
from aiomilvus.client.aio.privilege_groups import AsyncPrivilegeGroups
from aiomilvus.client.aio.sessions import AsyncSessions
from aiomilvus.client.aio.signatures import AsyncSignatures
from aiomilvus.client.aio.snapshots import AsyncSnapshots
from aiomilvus.client.aio.transfers import AsyncTransfers
from aiomilvus.client.aio.users import AsyncUsers
from aiomilvus.client.aio.watching import AsyncWatching
from aiomilvus.client.method_names import name_after


@name_after
class AsyncMilvusClient(
    AsyncSessions,
    AsyncSignatures,
    AsyncCollections,
    AsyncTransfers,
    AsyncExplaining,
    AsyncIterators,
    AsyncWatching,
    AsyncPartitions,
    AsyncOptimizing,
    AsyncDatabases,
    AsyncEvolution,
    AsyncUsers,
    AsyncGrants,
    AsyncPrivilegeGroups,
    AsyncSnapshots,
    AsyncCluster,
):
    """Asynchronous client of Milvus: embedded in this process, or of a server.

    It can be made anywhere, with or without a running loop, and used from several loops and
    threads. Use it as ``async with AsyncMilvusClient(uri) as client``, or call `close`.

    Args:
        uri: A directory for an embedded database (``"./my.db"``), ``":memory:"`` for one that
            is gone when it is closed, or the address of a server (``"http://host:19530"``).
        user, password: Credentials; an embedded database has no use for them.
        db_name: Database that calls are about; "" is the default one.
        token: ``"user:password"`` or an API key, instead of `user` and `password`.
        timeout: Seconds a call may take unless it says otherwise; None for no limit on an
            embedded database, and 60 s on a server (600 s for loading and flushing). The
            synchronous client is connected to a server when it is made, within as many seconds
            or else 10; where that fails, making it raises `ConnectError` or what the server says.
        **kwargs: See `client.options.ConnectOptions`; ``mode="r"`` opens an embedded
            database without ever writing to it.

    Raises:
        ConnectionConfigException: `uri` is no path and no known kind of address.
        TypeError: A keyword is unknown; the nearest known one is suggested.

    Example:
        >>> async with AsyncMilvusClient(":memory:") as other:
        ...     await other.create_collection("notes", dimension=2)
        ...     found = await other.list_collections()
        >>> found
        ['notes']
    """
