"""What the engine tells of itself."""

from __future__ import annotations

import msgspec


class CollectionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One collection.

    Attributes:
        id: The number that it keeps when it is renamed.
        rows: Rows that are not deleted.
        growing_rows: Rows in growing segments, deleted ones too.
        sealed: Number of sealed segments.
        sealed_bytes: Bytes of their files.
        deleted_rows: Deleted rows that still take room.
        indexed_rows: Rows that indexes are built over, summed over the indexes.
        pending_rows: Rows that they are still to be built over.
        index_rows: Rows that they are to cover in the end, growing ones too, summed alike.
        loaded: Whether any partition is loaded.
    """

    db: str
    id: int
    name: str
    rows: int
    growing_rows: int
    growing: int
    sealed: int
    sealed_bytes: int
    deleted_rows: int
    indexed_rows: int
    pending_rows: int
    index_rows: int
    loaded: bool


class LaneStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One lane of maintenance: jobs that wait, that run, and that the disk refused."""

    name: str
    waiting: int
    running: int
    refused: int


class EngineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored, and what work goes on."""

    databases: tuple[str, ...]
    collections: tuple[CollectionStatus, ...]
    lanes: tuple[LaneStatus, ...]
