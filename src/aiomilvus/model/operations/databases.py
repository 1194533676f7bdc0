"""Databases and who serves them. Their name is `Operation.db`."""

from __future__ import annotations

from aiomilvus.model.operations.base import Operation
from aiomilvus.model.results import DatabaseInfo, ServerInfo


class CreateDatabase(Operation[None], frozen=True, kw_only=True):
    """Create the database `db`."""

    properties: dict[str, str] = {}


class DropDatabase(Operation[None], frozen=True, kw_only=True):
    """Drop the empty database `db`."""


class ListDatabases(Operation[tuple[str, ...]], frozen=True, kw_only=True):
    """List the databases."""


class DescribeDatabase(Operation[DatabaseInfo], frozen=True, kw_only=True):
    """Describe the database `db`."""


class AlterDatabaseProperties(Operation[None], frozen=True, kw_only=True):
    """Set properties, and drop those named in `drop`."""

    properties: dict[str, str] = {}
    drop: tuple[str, ...] = ()


class GetServerInfo(Operation[ServerInfo], frozen=True, kw_only=True):
    """Return the version and kind of the engine or server."""


class AllocTimestamp(Operation[int], frozen=True, kw_only=True):
    """Return a fresh hybrid timestamp."""
