"""Databases and who serves them. Their name is `Operation.db`."""

from __future__ import annotations

from typing import Generic

from aiomilvus.model.operations.base import Operation, R_co
from aiomilvus.model.operations.traits import EVERYONE, Kind, Traits
from aiomilvus.model.results import DatabaseInfo, ServerInfo


class DatabaseOperation(Operation[R_co], Generic[R_co], frozen=True, kw_only=True):
    """A request about a database itself: `db` must name it, "" is no database."""


class CreateDatabase(DatabaseOperation[None], frozen=True, kw_only=True):
    """Create the database `db`."""

    traits = Traits(Kind.DEFINITION, "CreateDatabase")

    properties: dict[str, str] = {}


class DropDatabase(DatabaseOperation[None], frozen=True, kw_only=True):
    """Drop the empty database `db`."""

    traits = Traits(Kind.DEFINITION, "DropDatabase")


class ListDatabases(Operation[dict[str, DatabaseInfo]], frozen=True, kw_only=True):
    """List the databases, by name; without their properties."""

    traits = Traits(Kind.LOOK_UP, EVERYONE, inline=True)


class DescribeDatabase(DatabaseOperation[DatabaseInfo], frozen=True, kw_only=True):
    """Describe the database `db`."""

    traits = Traits(Kind.LOOK_UP, "DescribeDatabase", inline=True)


class AlterDatabaseProperties(DatabaseOperation[None], frozen=True, kw_only=True):
    """Set properties, and drop those named in `drop`."""

    traits = Traits(Kind.DEFINITION, "AlterDatabase")

    properties: dict[str, str] = {}
    drop: tuple[str, ...] = ()


class GetServerInfo(Operation[ServerInfo], frozen=True, kw_only=True):
    """Return the version and kind of the engine or server."""

    traits = Traits(Kind.LOOK_UP, EVERYONE, inline=True)


class AllocTimestamp(Operation[int], frozen=True, kw_only=True):
    """Return a fresh hybrid timestamp."""

    traits = Traits(Kind.LOOK_UP, EVERYONE)
