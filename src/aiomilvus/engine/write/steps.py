"""The steps that writes are carried out in, one log record each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aiomilvus.engine.write.records import Record
    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.columns import Column


class Step(NamedTuple):
    """One record of the log: rows for a partition, or keys to delete."""

    record: Record
    batch: ColumnBatch | None = None
    keys: Column | None = None
