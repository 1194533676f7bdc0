"""A small loaded collection in memory, and short ways to write to it and to ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.engine.database import Database
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Delete, Insert, Query, Upsert
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.operations.partitions import CreatePartition
from aiomilvus.model.types import DataType
from tests.support.batches import batch, keys, schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aiomilvus.model.results import QueryResult
    from aiomilvus.model.schema import Field

NAME = "c"


def fixed(values: Sequence[Any], dtype: str = "i8") -> FixedColumn:
    """A column of numbers; None is null."""
    valid = np.array([value is not None for value in values], np.bool_)
    filled = np.array([0 if value is None else value for value in values], dtype)
    return FixedColumn(filled, None if valid.all() else valid)


def texts(values: Sequence[str | None]) -> BytesColumn:
    """A column of texts; None is null."""
    return BytesColumn.of([None if value is None else value.encode() for value in values])


class Table:
    """One collection, `NAME`, with a key `id`, a vector `v` and more fields."""

    def __init__(
        self,
        *more: Field,
        key: DataType = DataType.INT64,
        metric: str = "L2",
        partitions: str = "",
        path: Path | None = None,
    ) -> None:
        self.database = Database(path)
        self.do(CreateCollection(collection=NAME, schema=schema(*more, key=key)))
        for name in partitions:
            self.do(CreatePartition(collection=NAME, partition=name))
        params = {"index_type": "FLAT", "metric_type": metric}
        self.do(CreateIndex(collection=NAME, field="v", name="v", params=params))
        self.do(LoadCollection(collection=NAME))

    def do(self, operation: Any) -> Any:
        """Execute an operation."""
        return self.database.execute(operation)

    def insert(
        self, ids: Sequence[int | str], tag: float = 0.0, partition: str = "", **more: Column
    ) -> None:
        """Insert rows; see `batches.batch`."""
        self.do(Insert(collection=NAME, partition=partition, batch=batch(ids, tag, **more)))

    def upsert(
        self, ids: Sequence[int | str], tag: float = 0.0, partition: str = "", **more: Column
    ) -> None:
        """Upsert rows."""
        self.do(Upsert(collection=NAME, partition=partition, batch=batch(ids, tag, **more)))

    def delete(self, ids: Sequence[int | str]) -> None:
        """Delete rows by key."""
        self.do(Delete(collection=NAME, ids=keys(ids)))

    def seal(self) -> None:
        """Make sealed segments of what is growing."""
        self.do(Flush(collection=NAME))

    def query(self, **asked: Any) -> QueryResult:
        """Query; `ids` may be a list."""
        if isinstance(asked.get("ids"), list):
            asked["ids"] = keys(asked["ids"])
        found: QueryResult = self.do(Query(collection=NAME, **asked))
        return found

    def rows(self, *names: str, **asked: Any) -> list[Any]:
        """Query and return the values of one field, or tuples of several."""
        found = self.query(output_fields=names, **asked)
        columns = [values(found.batch[name]) for name in names]
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def values(column: Column) -> list[Any]:
    """The values of a column as Python values, None for nulls."""
    listed: Iterator[Any] | list[Any]
    if isinstance(column, BytesColumn):
        listed = [raw.decode() for raw in column]
    else:
        listed = column.arrays()["values"].tolist()
    return [None if column.is_null(row) else value for row, value in enumerate(listed)]
