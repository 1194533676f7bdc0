"""Files that a database keeps for its analyzers: dictionaries and lists of words."""

from __future__ import annotations

import msgspec


class FileResource(msgspec.Struct, frozen=True, kw_only=True):
    """A file registered under a name.

    Attributes:
        id: Its number.
        name: What analyzers call it.
        path: Where it was read from, as the caller gave it.
        checksum: SHA-256 of its content, in hexadecimal digits; "" where a server does not tell.
    """

    id: int
    name: str
    path: str
    checksum: str = ""
