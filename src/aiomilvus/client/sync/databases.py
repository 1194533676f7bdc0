# Generated from src/aiomilvus/client/aio/databases.py by tools/make_sync.py; edit that file.
"""Databases and aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.arguments import check_mapping, check_name, names
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions, TimedOptions
from aiomilvus.client.sync.base import ClientBase
from aiomilvus.model.operations.aliases import (
    AlterAlias,
    CreateAlias,
    DescribeAlias,
    DropAlias,
    ListAliases,
)
from aiomilvus.model.operations.databases import (
    AlterDatabaseProperties,
    CreateDatabase,
    DescribeDatabase,
    DropDatabase,
    ListDatabases,
)
from aiomilvus.model.plain import plain

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Databases(ClientBase):
    """Databases, and second names of collections."""

    def create_database(
        self,
        db_name: str,
        properties: dict[str, Any] | None = None,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Create a database.

        Raises:
            MilvusException: There is one of that name, or the name is not allowed.

        Example:
            >>> client.create_database("archive")
            >>> client.list_databases()
            ['default', 'archive']
        """
        check_options("create_database", kwargs, CallOptions)
        operation = CreateDatabase(db=check_name(db_name, "db_name"), properties=_texts(properties))
        self._execute(operation, timeout)

    def drop_database(self, db_name: str, **kwargs: Unpack[TimedOptions]) -> None:
        """Drop an empty database.

        Raises:
            ParamError: It is the default database.
            MilvusException: It has collections.

        Example:
            >>> client.create_database("archive")
            >>> client.drop_database("archive")
        """
        check_options("drop_database", kwargs, TimedOptions)
        operation = DropDatabase(db=check_name(db_name, "db_name"))
        self._execute(operation, kwargs.get("timeout"))

    def list_databases(
        self, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> list[str]:
        """Return the names of the databases.

        Raises:
            ConnectionNotExistException: The client is closed.
            MilvusUnavailableException: The server can't be reached.

        Example:
            >>> client.list_databases()
            ['default']
        """
        check_options("list_databases", kwargs, CallOptions)
        return list(self._execute(ListDatabases(), timeout))

    def describe_database(self, db_name: str, **kwargs: Unpack[TimedOptions]) -> dict[str, Any]:
        """Return a database's name and properties.

        Raises:
            DatabaseNotExistException: There is no such database.

        Example:
            >>> found = client.describe_database("default")
            >>> found["name"]
            'default'
        """
        check_options("describe_database", kwargs, TimedOptions)
        operation = DescribeDatabase(db=check_name(db_name, "db_name"))
        info = self._execute(operation, kwargs.get("timeout"))
        return {"name": info.name, **info.properties}

    def alter_database_properties(
        self, db_name: str, properties: dict[str, Any], **kwargs: Unpack[TimedOptions]
    ) -> None:
        """Set properties of a database.

        Raises:
            DatabaseNotExistException: There is no such database.

        Example:
            >>> client.alter_database_properties("default", {"database.max.collections": 10})
        """
        check_options("alter_database_properties", kwargs, TimedOptions)
        operation = AlterDatabaseProperties(
            db=check_name(db_name, "db_name"), properties=_texts(properties)
        )
        self._execute(operation, kwargs.get("timeout"))

    def drop_database_properties(
        self, db_name: str, property_keys: list[str], **kwargs: Unpack[TimedOptions]
    ) -> None:
        """Unset properties of a database.

        Raises:
            DatabaseNotExistException: There is no such database.

        Example:
            >>> client.alter_database_properties("default", {"database.max.collections": 10})
            >>> client.drop_database_properties("default", ["database.max.collections"])
        """
        check_options("drop_database_properties", kwargs, TimedOptions)
        operation = AlterDatabaseProperties(
            db=check_name(db_name, "db_name"), drop=names(property_keys, "property_keys")
        )
        self._execute(operation, kwargs.get("timeout"))

    def use_database(self, db_name: str, **kwargs: Unpack[TimedOptions]) -> None:
        """Let all further calls of this client be about another database.

        Raises:
            DatabaseNotExistException: There is no such database; the client stays as it was.

        Example:
            >>> client.create_database("archive")
            >>> client.use_database("archive")
            >>> client.list_collections()
            []
        """
        check_options("use_database", kwargs, TimedOptions)
        operation = DescribeDatabase(db=check_name(db_name, "db_name"))
        self._execute(operation, kwargs.get("timeout"))
        self._db = db_name

    def using_database(self, db_name: str, **kwargs: Unpack[TimedOptions]) -> None:
        """Do what `use_database` does, under its older name.

        Raises:
            DatabaseNotExistException: There is no such database.

        Example:
            >>> client.create_database("archive")
            >>> client.using_database("archive")
            >>> client.list_collections()
            []
        """
        self.use_database(db_name, **kwargs)

    def create_alias(
        self,
        collection_name: str,
        alias: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Let `alias` stand for a collection.

        Raises:
            CollectionNotExistException: There is no such collection.
            AliasAlreadyExistsError: The alias stands for another collection.
            AliasConflictError: A collection has that name.

        Example:
            >>> client.create_alias("books", "current")
            >>> client.get_collection_stats("current")
            {'row_count': 3}
        """
        check_options("create_alias", kwargs, CallOptions)
        operation = CreateAlias(
            db=self._db, collection=check_name(collection_name), alias=check_name(alias, "alias")
        )
        self._execute(operation, timeout)

    def alter_alias(
        self,
        collection_name: str,
        alias: str,
        timeout: float | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> None:
        """Let an existing alias stand for another collection.

        Raises:
            AliasNotExistException: There is no such alias.
            CollectionNotExistException: There is no such collection.

        Example:
            >>> client.create_collection("new_books", dimension=2)
            >>> client.create_alias("books", "current")
            >>> client.alter_alias("new_books", "current")
            >>> found = client.describe_alias("current")
            >>> found["collection_name"]
            'new_books'
        """
        check_options("alter_alias", kwargs, CallOptions)
        operation = AlterAlias(
            db=self._db, collection=check_name(collection_name), alias=check_name(alias, "alias")
        )
        self._execute(operation, timeout)

    def drop_alias(
        self, alias: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> None:
        """Drop an alias; one that does not exist is a success.

        Raises:
            ParamError: The alias is no text, or empty. That there is no such alias is a success.

        Example:
            >>> client.create_alias("books", "current")
            >>> client.drop_alias("current")
        """
        check_options("drop_alias", kwargs, CallOptions)
        self._execute(DropAlias(db=self._db, alias=check_name(alias, "alias")), timeout)

    def describe_alias(
        self, alias: str, timeout: float | None = None, **kwargs: Unpack[CallOptions]
    ) -> dict[str, str]:
        """Return ``alias``, ``collection_name`` and ``db_name``.

        Raises:
            AliasNotExistException: There is no such alias.

        Example:
            >>> client.create_alias("books", "current")
            >>> client.describe_alias("current")
            {'alias': 'current', 'collection_name': 'books', 'db_name': 'default'}
        """
        check_options("describe_alias", kwargs, CallOptions)
        operation = DescribeAlias(db=self._db, alias=check_name(alias, "alias"))
        info = self._execute(operation, timeout)
        return {"alias": info.alias, "collection_name": info.collection, "db_name": info.db}

    def _aliases(self, collection_name: str, timeout: float | None) -> list[str]:
        operation = ListAliases(db=self._db, collection=collection_name)
        return list(self._execute(operation, timeout))


def _texts(properties: dict[str, Any] | None) -> dict[str, str]:
    given = check_mapping(properties, "properties")
    return {str(plain(key)): str(plain(value)) for key, value in given.items()}
