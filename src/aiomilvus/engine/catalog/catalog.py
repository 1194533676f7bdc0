"""The catalog: databases, collections, aliases and segments, the only source of truth.

Rows hold JSON records; `Catalog` keeps no state of its own but a block of free numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.catalog import statements
from aiomilvus.engine.catalog.file import CatalogFile
from aiomilvus.engine.catalog.outcomes import TABLE as OUTCOMES
from aiomilvus.engine.catalog.outcomes import put_outcomes, stored_outcome
from aiomilvus.engine.catalog.records import (
    CollectionRecord,
    DatabaseRecord,
    RefreshRecord,
    SegmentRecord,
    SnapshotRecord,
)
from aiomilvus.model.access import Access
from aiomilvus.model.resource_groups import ResourceGroups
from aiomilvus.model.resources import FileResource
from aiomilvus.model.snapshots import RestoreJob

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.engine.outcome import Outcome


BLOCK = 64


class Catalog(CatalogFile):
    """What the catalog tells, and the changes of it; arguments as for `CatalogFile`."""

    _next = _end = 0

    def next_id(self) -> int:
        """Return a number never given out before, for collections, partitions and segments.

        Numbers are taken from the file in blocks: a block costs one sync.

        Raises:
            StorageError: The disk refused.
        """
        with self._lock:
            if self._next == self._end:
                self._take_block()
            self._next += 1
            return self._next - 1

    def _take_block(self) -> None:
        with self.transaction(notes_definition=False):
            first = self.first_free
            self.put_fact("next_id", first + BLOCK)
        self._next, self._end = first, first + BLOCK

    @property
    def first_free(self) -> int:
        """The first number that was not given out to anybody, here or in an earlier process."""
        return self.facts().get("next_id", 1)

    def facts(self) -> dict[str, int]:
        """Return the numbers that are kept by name."""
        with self._lock, self._told():
            return dict(self._sql.execute("SELECT name, value FROM facts").fetchall())

    def put_fact(self, name: str, value: int) -> None:
        """Add or replace a number kept by name."""
        self._change("facts", "name", name, statements.PUT_FACT, (name, value))

    def drop_fact(self, name: str) -> None:
        """Remove a number kept by name."""
        self._drop("facts", name, "name")

    def databases(self) -> list[DatabaseRecord]:
        """Return all databases."""
        return self._records("SELECT record FROM databases ORDER BY id", DatabaseRecord)

    def database_name(self, db_id: int) -> str:
        """Return the name of a database, "" if there is none of that id (any more)."""
        return next((record.name for record in self.databases() if record.id == db_id), "")

    def collections(self) -> list[CollectionRecord]:
        """Return the collections of all databases."""
        return self._records("SELECT record FROM collections ORDER BY id", CollectionRecord)

    def segments(self, collection_id: int) -> list[SegmentRecord]:
        """Return the sealed segments of a collection, oldest first."""
        query = "SELECT record FROM segments WHERE collection_id = ? ORDER BY id"
        return self._records(query, SegmentRecord, (collection_id,))

    def aliases(self) -> list[tuple[int, str, int]]:
        """Return (database id, alias, collection id) of all aliases."""
        with self._lock, self._told():
            return self._sql.execute("SELECT db_id, alias, collection_id FROM aliases").fetchall()

    def access(self) -> Access | None:
        """Return users, roles and grants, None if they were never changed."""
        found = self._records("SELECT record FROM access", Access) if self._has("access") else []
        return found[0] if found else None

    def put_access(self, access: Access) -> None:
        """Replace users, roles and grants."""
        with self._lock:
            self._sql.execute(statements.ACCESS_TABLE)
            self._put("access", 0, access)

    def file_resources(self) -> list[FileResource]:
        """Return the files of analyzers, oldest first."""
        query = "SELECT record FROM files ORDER BY id"
        return self._records(query, FileResource) if self._has("files") else []

    def put_file_resource(self, resource: FileResource) -> None:
        """Add or replace a file of analyzers."""
        with self._lock:
            self._sql.execute(statements.FILES_TABLE)
            self._put("files", resource.id, resource)

    def drop_file_resource(self, number: int) -> None:
        """Remove a file of analyzers."""
        self._drop("files", number)

    def resource_groups(self) -> ResourceGroups:
        """Return the resource groups: the default one alone if they were never changed."""
        query = "SELECT record FROM resource_groups"
        found = self._records(query, ResourceGroups) if self._has("resource_groups") else []
        return found[0] if found else ResourceGroups()

    def put_resource_groups(self, groups: ResourceGroups) -> None:
        """Replace the resource groups."""
        with self._lock:
            self._sql.execute(statements.GROUPS_TABLE)
            self._put("resource_groups", 0, groups)

    def refreshes(self) -> list[RefreshRecord]:
        """Return the refreshes of all external collections, oldest first."""
        query = "SELECT record FROM refreshes ORDER BY id"
        return self._records(query, RefreshRecord) if self._has("refreshes") else []

    def put_refresh(self, record: RefreshRecord) -> None:
        """Add or replace a refresh."""
        with self._lock:
            self._sql.execute(statements.REFRESHES_TABLE)
            self._put("refreshes", record.job.job_id, record)

    def drop_refresh(self, number: int) -> None:
        """Remove a refresh."""
        self._drop("refreshes", number)

    def snapshots(self) -> list[SnapshotRecord]:
        """Return the snapshots of all collections, oldest first."""
        if not self._has_snapshots:
            return []
        return self._records("SELECT record FROM snapshots ORDER BY id", SnapshotRecord)

    def restores(self) -> list[RestoreJob]:
        """Return the restores of all snapshots, oldest first."""
        if not self._has_snapshots:
            return []
        return self._records("SELECT record FROM restores ORDER BY id", RestoreJob)

    def put_snapshot(self, record: SnapshotRecord) -> None:
        """Add or replace a snapshot."""
        self._put("snapshots", record.id, record)

    def drop_snapshot(self, number: int) -> None:
        """Remove a snapshot."""
        self._drop("snapshots", number)

    def put_restore(self, job: RestoreJob) -> None:
        """Add or replace a restore."""
        self._put("restores", job.id, job)

    def put_outcomes(self, outcomes: Mapping[str, Outcome]) -> None:
        """Keep what became of forwarded calls; see `catalog.outcomes`."""
        with self._lock:
            put_outcomes(self._sql, outcomes)

    def outcome(self, request: str) -> Outcome | None:
        """Return what became of a forwarded call, None if that is not known."""
        with self._lock, self._told():
            return stored_outcome(self._sql, request) if self._has(OUTCOMES) else None

    def collection(self, number: int) -> CollectionRecord | None:
        """Return the record of a collection, None if there is none."""
        query = "SELECT record FROM collections WHERE id = ?"
        found = self._records(query, CollectionRecord, (number,))
        return found[0] if found else None

    def put_database(self, record: DatabaseRecord) -> None:
        """Add or replace a database."""
        self._put("databases", record.id, record)

    def put_collection(self, record: CollectionRecord) -> None:
        """Add or replace a collection."""
        self._put("collections", record.id, record)

    def put_segment(self, collection_id: int, record: SegmentRecord) -> None:
        """Add or replace a segment."""
        values = (record.id, collection_id, msgspec.json.encode(record))
        self._change("segments", "id", record.id, statements.PUT_SEGMENT, values)

    def put_alias(self, db_id: int, alias: str, collection_id: int) -> None:
        """Add or replace an alias."""
        self.drop_alias(db_id, alias)
        values = (db_id, alias, collection_id)
        self._change("aliases", "collection_id", collection_id, statements.PUT_ALIAS, values)

    def drop_database(self, db_id: int) -> None:
        """Remove a database."""
        self._drop("databases", db_id)

    def drop_collection(self, collection_id: int) -> None:
        """Remove a collection, its segments and its aliases."""
        self._drop("collections", collection_id)
        self._drop("segments", collection_id, "collection_id")
        self._drop("aliases", collection_id, "collection_id")

    def drop_segment(self, segment_id: int) -> None:
        """Remove a segment."""
        self._drop("segments", segment_id)

    def drop_alias(self, db_id: int, alias: str) -> None:
        """Remove an alias."""
        self._change("aliases", "alias", alias, statements.DROP_ALIAS, (db_id, alias))
