"""What the catalog stores about databases, collections and segments, as frozen records."""

from __future__ import annotations

from typing import Literal

import msgspec

from aiomilvus.engine.external.rows import ExternalRows
from aiomilvus.engine.storage.board import Position
from aiomilvus.errors import PartitionNotExistException
from aiomilvus.model.nearest import or_nearest
from aiomilvus.model.operations.cluster import RefreshJob
from aiomilvus.model.resource_groups import DEFAULT_RESOURCE_GROUP
from aiomilvus.model.schema import Schema


class IndexSpec(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """An index as the catalog keeps it.

    Attributes:
        id: Never reused within a collection.
        name: Unique within the collection; the field's name by default.
        field: The indexed field.
        params: As given, checked: ``index_type``, ``metric_type``, ``M``, … all strings.
        properties: ``mmap.enabled`` and the like.
        given: Parameters as they were written, where `params` has them in another form.
        nested: Those that were given as one JSON object, as that object's text.
    """

    id: int
    name: str
    field: str
    params: dict[str, str]
    properties: dict[str, str] = {}
    given: dict[str, str] = {}
    nested: str = ""

    @property
    def written(self) -> dict[str, str]:
        """The parameters as they were written, defaults filled in."""
        return {**self.params, **self.given}

    @property
    def index_type(self) -> str:
        """Milvus' name of the index type."""
        return self.params.get("index_type", "AUTOINDEX")

    @property
    def metric(self) -> str:
        """Milvus' name of the metric; "" for scalar indexes."""
        return self.params.get("metric_type", "")


class PartitionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One partition."""

    id: int
    name: str
    created: int


class ChangeMark(msgspec.Struct, frozen=True, kw_only=True):
    """A change of entities that no log tells, because a change of the catalog made it.

    Attributes:
        op: What was done.
        at: Where among the frames of the logs it belongs: before the one that begins there.
        timestamp: Hybrid timestamp of the change.
        partition: Name of the partition that was dropped.
        number: Id of that partition.
    """

    op: Literal["truncate", "drop_partition"]
    at: Position
    timestamp: int
    partition: str = ""
    number: int = 0


class CollectionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a collection but its segments.

    Attributes:
        db_id, id, name: Who it is.
        created, updated: Hybrid timestamps.
        altered: When schema, name or properties last changed, 0 for never: what writers tell a
            stale schema by.
        loaded: Ids of the loaded partitions.
        group: The resource group that it was loaded into, "" for the default one.
        first_log: Number of the oldest log file that is still needed.
        next_field_id, next_index_id: Numbers not given out yet.
        recorded_from: Where in the logs the record of changes begins; log 0: none is kept.
        empty_at: When that was, if there were no rows then; 0 otherwise, or if it is unknown.
        marks: Changes since then that the logs do not tell, in order.
    """

    id: int
    db_id: int
    name: str
    schema: Schema
    created: int
    updated: int
    altered: int = 0
    properties: dict[str, str]
    consistency: int
    num_shards: int
    partitions: tuple[PartitionRecord, ...]
    indexes: tuple[IndexSpec, ...] = ()
    loaded: frozenset[int] = frozenset()
    group: str = ""
    first_log: int = 1
    next_field_id: int = 100
    next_index_id: int = 1
    recorded_from: Position = Position(0, 0)
    empty_at: int = 0
    marks: tuple[ChangeMark, ...] = ()

    @property
    def resource_group(self) -> str:
        """The resource group that its one replica belongs to while it is loaded."""
        return self.group or DEFAULT_RESOURCE_GROUP

    @property
    def is_recorded(self) -> bool:
        """Whether the logs tell every change of entities, and are kept for a while."""
        return self.recorded_from.log > 0

    def partition_id(self, name: str) -> int:
        """Return the id of a partition.

        Raises:
            PartitionNotExistException: There is none of that name.
        """
        for part in self.partitions:
            if part.name == name:
                return part.id
        near = or_nearest(name, [part.name for part in self.partitions])
        raise PartitionNotExistException(message=f"partition not found[partition={name}]{near}")


class SegmentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed segment.

    Attributes:
        since: Hybrid timestamp up to which the files tell all deletions; the log tells the
            later ones.
        fields: Ids of the fields that have a column file.
        indexes: Ids of the indexes that have a file.
        plain: Ids of the indexes that need none here: the rows are few, or read directly.
        masks: Name of the file with deleted and shadowed rows, or "".
        nbytes: Bytes of all column files.
        external: Where the other columns are, of a segment of an external collection.
    """

    id: int
    partition_id: int
    num_rows: int
    since: int
    fields: tuple[int, ...]
    indexes: tuple[int, ...] = ()
    plain: tuple[int, ...] = ()
    masks: str = ""
    nbytes: int = 0
    external: ExternalRows | None = None


class RefreshRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh of an external collection: how far it was when it was last stored.

    Attributes:
        collection_id, db_id: Whose it is, whatever it is called by now.
    """

    collection_id: int
    db_id: int
    job: RefreshJob


class SnapshotRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot of a collection.

    Attributes:
        collection: The collection's record as it was.
        segments: Its segments; their numbers name folders of the snapshot's folder.
        created_ms: When, in milliseconds since 1970.
        protected_until_ms: What the maker asked for; the files are the snapshot's own anyway.
        pins: Pin id to when it ends, in milliseconds since 1970.
    """

    id: int
    name: str
    description: str
    collection: CollectionRecord
    segments: tuple[SegmentRecord, ...]
    created_ms: int
    protected_until_ms: int = 0
    pins: dict[int, int] = {}


class DatabaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A database."""

    id: int
    name: str
    created: int
    properties: dict[str, str] = {}
