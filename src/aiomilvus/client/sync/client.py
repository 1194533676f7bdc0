# Generated from src/aiomilvus/client/aio/client.py by tools/make_sync.py; edit that file.
"""MilvusClient: all the parts in one class."""

from __future__ import annotations

from aiomilvus.client.method_names import name_after
from aiomilvus.client.sync.cluster import Cluster
from aiomilvus.client.sync.collections import Collections
from aiomilvus.client.sync.databases import Databases
from aiomilvus.client.sync.evolution import Evolution
from aiomilvus.client.sync.explaining import Explaining
from aiomilvus.client.sync.grants import Grants
from aiomilvus.client.sync.iterators import Iterators
from aiomilvus.client.sync.optimizing import Optimizing
from aiomilvus.client.sync.partitions import Partitions
from aiomilvus.client.sync.privilege_groups import PrivilegeGroups
from aiomilvus.client.sync.sessions import Sessions
from aiomilvus.client.sync.signatures import Signatures
from aiomilvus.client.sync.snapshots import Snapshots
from aiomilvus.client.sync.transfers import Transfers
from aiomilvus.client.sync.users import Users
from aiomilvus.client.sync.watching import Watching


@name_after
class MilvusClient(
    Sessions,
    Signatures,
    Collections,
    Transfers,
    Explaining,
    Iterators,
    Watching,
    Partitions,
    Optimizing,
    Databases,
    Evolution,
    Users,
    Grants,
    PrivilegeGroups,
    Snapshots,
    Cluster,
):
    """Synchronous client of Milvus: embedded in this process, or of a server.

    It can be made anywhere, with or without a running loop, and used from several loops and
    threads. Use it as ``with MilvusClient(uri) as client``, or call `close`.

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
        >>> with MilvusClient(":memory:") as other:
        ...     other.create_collection("notes", dimension=2)
        ...     found = other.list_collections()
        >>> found
        ['notes']
    """
