"""Names: databases, collections and aliases, their rules, and what they stand for.

Held in one object that is replaced, never changed, so that look-ups need no lock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from aiomilvus.engine.catalog.records import DatabaseRecord
from aiomilvus.errors import (
    CollectionNotExistException,
    DatabaseInvalidNameError,
    DatabaseNotExistException,
    ParamError,
)
from aiomilvus.model.nearest import or_nearest
from aiomilvus.model.schema import DEFAULT_DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.catalog.catalog import Catalog
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.clock import Clock

MAX_NAME = 255
_FIRST = re.compile(r"[A-Za-z_]")
_ALL = re.compile(r"[A-Za-z0-9_]*")


def check_name(name: str, what: str) -> None:
    """Raise ParamError unless `name` follows the rules for collections and aliases.

    Args:
        name: The name given.
        what: ``collection name`` or ``collection alias``, for the message.
    """
    if not name:
        raise ParamError(message=f"Invalid {what}: . {what} should not be empty: invalid parameter")
    fault = fault_of_name(name, what)
    if fault:
        raise ParamError(message=f"Invalid {what}: {name}. {fault}: invalid parameter")


def fault_of_name(name: str, what: str) -> str:
    """Return what rule a name breaks that is not empty, "" for none; `what` it is the name of."""
    if len(name.encode()) > MAX_NAME:
        return f"the length of a {what} must be less than {MAX_NAME} characters"
    if not _FIRST.match(name):
        return f"the first character of a {what} must be an underscore or letter"
    if not _ALL.fullmatch(name):
        return f"{what} can only contain numbers, letters and underscores"
    return ""


class _Directory(NamedTuple):
    """All names at one moment.

    Attributes:
        databases: By their names.
        collections: Database id and name to collection id.
        aliases: Database id and alias to collection id.
        known: Database name and collection name or alias to what was looked up. It belongs to
            this directory alone, so that no change of names can leave an answer behind.
    """

    databases: dict[str, DatabaseRecord]
    collections: dict[tuple[int, str], int]
    aliases: dict[tuple[int, str], int]
    known: dict[tuple[str, str], int]


class Names:
    """The database's directory of names.

    Args:
        catalog: Where they are stored.
        clock: Gives the default database its creation time.
        read_only: Make nothing.
    """

    def __init__(self, catalog: Catalog, clock: Clock, *, read_only: bool) -> None:
        self._catalog = catalog
        databases = {record.name: record for record in catalog.databases()}
        if DEFAULT_DATABASE not in databases:
            number = 0 if read_only else catalog.next_id()
            default = DatabaseRecord(id=number, name=DEFAULT_DATABASE, created=clock.next())
            databases[DEFAULT_DATABASE] = default
            if not read_only:
                with catalog.transaction():
                    catalog.put_database(default)
        self._now = _Directory(databases, {}, self._stored_aliases(), {})
        self.on_change: Callable[[], None] = lambda: None
        """Called when names have changed, before anyone is told that they did."""

    def _stored_aliases(self) -> dict[tuple[int, str], int]:
        return {(db, alias): number for db, alias, number in self._catalog.aliases()}

    def _replace(
        self,
        *,
        databases: dict[str, DatabaseRecord] | None = None,
        collections: dict[tuple[int, str], int] | None = None,
        aliases: dict[tuple[int, str], int] | None = None,
    ) -> None:
        """Let readers see other names, all at once."""
        now = self._now
        self._now = _Directory(
            now.databases if databases is None else databases,
            now.collections if collections is None else collections,
            now.aliases if aliases is None else aliases,
            {},
        )
        self.on_change()

    @property
    def databases(self) -> dict[str, DatabaseRecord]:
        """All databases by their names."""
        return self._now.databases

    def read_again(self) -> None:
        """Take all names from the catalog."""
        records = self._catalog.collections()
        self._replace(
            databases={record.name: record for record in self._catalog.databases()},
            collections={(record.db_id, record.name): record.id for record in records},
            aliases=self._stored_aliases(),
        )

    def database(self, name: str) -> DatabaseRecord:
        """Return the database called `name`; "" is the default one.

        Raises:
            DatabaseNotExistException: There is none.
        """
        found = self._now.databases.get(name or DEFAULT_DATABASE)
        if found is None:
            near = or_nearest(name, self._now.databases)
            raise DatabaseNotExistException(message=f"database not found[database={name}]{near}")
        return found

    def properties_of(self, db_id: int) -> dict[str, str]:
        """Return the properties of the database with that number."""
        return next((d.properties for d in self.databases.values() if d.id == db_id), {})

    def find(self, db: str, name: str) -> int | None:
        """Return the id of the collection that a name or alias stands for, None for none."""
        known = self._now.known.get((db, name))
        if known is not None:
            return known
        db_id = self.database(db).id
        now = self._now
        number = now.collections.get((db_id, name))
        return now.aliases.get((db_id, name)) if number is None else number

    def collection_id(self, db: str, name: str, text: str, *, any_name: bool = False) -> int:
        """Return the id of the collection that a name or alias stands for.

        Args:
            db: Name of the database.
            name: Name or alias.
            text: Begins the message when there is none.
            any_name: Say of a name that breaks the rules too that there is none, where Milvus
                does not look at the rules.

        Raises:
            ParamError: The name breaks the rules.
            CollectionNotExistException: There is none; `text` begins the message.
        """
        known = self._now.known
        number = known.get((db, name))
        if number is not None:
            return number
        number = self.find(db, name)
        if number is None:
            if not any_name:
                check_name(name, "collection name")
            near = or_nearest(name, [*self.collections_in(db), *self.aliases_in(db)])
            message = f"{text}[database={db or DEFAULT_DATABASE}][collection={name}]{near}"
            raise CollectionNotExistException(message=message)
        known[db, name] = number
        return number

    def is_collection(self, db: str, name: str) -> bool:
        """Return whether `name` is a collection's own name."""
        return (self.database(db).id, name) in self._now.collections

    def alias_target(self, db: str, alias: str) -> int | None:
        """Return the id of the collection that an alias stands for, None for none."""
        return self._now.aliases.get((self.database(db).id, alias))

    def aliases_of(self, collection_id: int) -> tuple[str, ...]:
        """Return a collection's aliases."""
        return tuple(a for (_, a), number in self._now.aliases.items() if number == collection_id)

    def aliases_in(self, db: str) -> tuple[str, ...]:
        """Return all aliases of a database."""
        db_id = self.database(db).id
        return tuple(alias for (owner, alias) in self._now.aliases if owner == db_id)

    def collections_in(self, db: str) -> dict[str, int]:
        """Return name and id of all collections of a database."""
        db_id = self.database(db).id
        return {name: n for (owner, name), n in self._now.collections.items() if owner == db_id}

    def add(self, record: CollectionRecord) -> None:
        """Let a collection be found by its name."""
        self._replace(collections={**self._now.collections, (record.db_id, record.name): record.id})

    def remove(self, record: CollectionRecord) -> None:
        """Forget a collection's name and its aliases."""
        self._replace(
            collections={k: n for k, n in self._now.collections.items() if n != record.id},
            aliases={k: n for k, n in self._now.aliases.items() if n != record.id},
        )

    def rename(self, record: CollectionRecord) -> None:
        """Let a collection be found by its present name only."""
        kept = {k: n for k, n in self._now.collections.items() if n != record.id}
        self._replace(collections={**kept, (record.db_id, record.name): record.id})

    def set_alias(self, db: str, alias: str, collection_id: int) -> None:
        """Let an alias stand for a collection, durably."""
        db_id = self.database(db).id
        with self._catalog.transaction():
            self._catalog.put_alias(db_id, alias, collection_id)
        self._replace(aliases={**self._now.aliases, (db_id, alias): collection_id})

    def drop_alias(self, db: str, alias: str) -> None:
        """Forget an alias, durably."""
        db_id = self.database(db).id
        with self._catalog.transaction():
            self._catalog.drop_alias(db_id, alias)
        kept = {k: n for k, n in self._now.aliases.items() if k != (db_id, alias)}
        self._replace(aliases=kept)

    def put_database(self, record: DatabaseRecord) -> None:
        """Add or replace a database, durably."""
        with self._catalog.transaction():
            self._catalog.put_database(record)
        self._replace(databases={**self._now.databases, record.name: record})

    def drop_database(self, record: DatabaseRecord) -> None:
        """Forget a database, durably."""
        with self._catalog.transaction():
            self._catalog.drop_database(record.id)
        kept = {n: d for n, d in self._now.databases.items() if n != record.name}
        self._replace(databases=kept)


def check_database_name(name: str) -> None:
    """Raise DatabaseInvalidNameError unless `name` may name a database."""
    what = "database name"
    reason = fault_of_name(name, what) if name else f"{what} couldn't be empty"
    if not reason:
        return
    raise DatabaseInvalidNameError(message=f"{reason}: invalid database name[database={name}]")
