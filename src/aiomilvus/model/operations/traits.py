"""What an operation declares about itself, for all who handle operations without knowing each.

Every operation that can be made has a class attribute `traits`; nobody keeps a list of types.
Who acts on which trait:

* `engine.denials` on `denied` and `external`;
* `engine.database` on `kind`: after a change that was cut short it looks at the catalog again;
* `engine.following` on `kind` and `inline`: what a follower answers without its leader;
* `engine.processes.listener` on `kind`: which forwarded calls are remembered by their ids;
* `client.backends.embedded.asynchronous` on `inline` and `hashes`: where it runs;
* `client.backends.remote.waits` on `waits`;
* `client.backends.remote.asynchronous` on `changes_schemas`: when it forgets schemas;
* `server.authorisation` and `server.status_rpcs` on `privilege`;
* `server.service` on `batching` and `kind`: which schema a request is read with;
* `server.rest.call` on `kind`: whether a call goes on when its caller leaves.

`embedded` and `remote` are stated for readers. What decides are the tables of handlers and of
routes; ``tests/architecture`` compares these with them.

The base classes of `model.operations` declare the rest: `Read`, `Write`, `RowWrite`, `Load` and
`DatabaseOperation` say which fields the operations of a kind share.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal

import msgspec

EVERYONE: Final = "everyone"
"""The privilege of an operation or RPC that whoever may call the server at all may ask for."""
NOBODY: Final = "nobody"
"""The privilege of an operation that a server never carries out for a caller."""

Denied = Literal[
    "", "writing", "reading", "collectionDDL", "partitionDDL", "index", "flush", "compaction"
]
"""What denies an operation: ``database.force.deny.<this>``; "" for nothing."""
_NOT_EXTERNAL = "{} operation is not supported for external collection {{}}"


def not_external(what: str) -> str:
    """Return what refuses an operation, in Milvus' words, with braces for the collection's name."""
    return _NOT_EXTERNAL.format(what)


Wait = Literal["", "load", "flush", "progress"]
"""What a server goes on doing after its reply; ``progress`` asks how far a load is."""
Batching = Literal["", "queries", "rows"]
"""How operations may be combined or split: by their queries, or by their rows."""


class Kind(Enum):
    """What an operation does to the database."""

    LOOK_UP = "look-up"
    """Tells what is defined, or how far something is; reads no entities."""
    READ = "read"
    """Reads entities."""
    WRITE = "write"
    """Changes entities."""
    DEFINITION = "definition"
    """Changes what is defined: collections, indexes, users, what is loaded…"""
    MAINTENANCE = "maintenance"
    """Changes how entities are stored, never what is read."""

    @property
    def changes(self) -> bool:
        """Whether anything is stored differently afterwards."""
        return self not in (Kind.LOOK_UP, Kind.READ)


class Traits(msgspec.Struct, frozen=True):
    """What everyone who handles an operation has to know of its type.

    Attributes:
        kind: What it does to the database.
        privilege: What a user must be granted to ask a server for it, by Milvus' name;
            `EVERYONE`, or `NOBODY`.
        denied: What denies it in a database that it touches.
        external: What says that it is refused for an external collection, whose name goes into its
            braces; "" for what is carried out.
        inline: Whether it is answered from memory within microseconds, so that an event loop
            can wait for the answer itself.
        hashes: Whether it hashes passwords, each of which takes a processor and 64 MiB for 0.1 s,
            so that few may at a time.
        changes_schemas: Whether a schema, or what a name stands for, may be another afterwards.
        waits: What callers wait for after a server's reply.
        batching: How it may be combined with others of its type, or split.
        embedded: Whether the engine has a handler for it; what has none, it refuses by name.
        remote: Whether Milvus' protocol has a route for it; what has none, the remote backend
            refuses by name.
    """

    kind: Kind
    privilege: str
    denied: Denied = ""
    external: str = ""
    inline: bool = False
    hashes: bool = False
    changes_schemas: bool = False
    waits: Wait = ""
    batching: Batching = ""
    embedded: bool = True
    remote: bool = True
