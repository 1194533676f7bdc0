"""One number over all rows of a catalog, so that no flipped bit in the file goes unnoticed.

The digest is the sum of the CRC32C of every row (normative text in docs/formats/catalog.md), so a
change costs the rows that it concerns. SQLite itself keeps no checksums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import google_crc32c

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

NAME = "digest"
"""The row of `facts` that holds the digest, and is itself no part of it."""
TABLES = (
    "facts",
    "databases",
    "collections",
    "segments",
    "aliases",
    "snapshots",
    "restores",
    "access",
    "files",
    "resource_groups",
    "refreshes",
)


def digest_of(table: str, rows: Iterable[tuple[Any, ...]]) -> int:
    """Return the share that rows of a table have in the digest."""
    total = 0
    for row in rows:
        if row[0] != NAME:
            parts = [table.encode(), *(_bytes(value) for value in row)]
            sized = b"".join(len(part).to_bytes(4, "little") + part for part in parts)
            total += int(google_crc32c.value(sized))
    return total


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def whole_digest(sql: sqlite3.Connection) -> int:
    """Return the digest of all rows, read from the file."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    there = {row[0] for row in sql.execute(query)}
    rows = {name: sql.execute(f"SELECT * FROM {name}") for name in TABLES if name in there}  # noqa: S608 - names of our own
    return sum(digest_of(name, found) for name, found in rows.items())


def stored_digest(sql: sqlite3.Connection) -> int | None:
    """Return the digest that the last change stored."""
    row = sql.execute("SELECT value FROM facts WHERE name = ?", (NAME,)).fetchone()
    return None if row is None else int(row[0])
