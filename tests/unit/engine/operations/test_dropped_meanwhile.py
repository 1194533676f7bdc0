"""What waits for its turn while its collection is dropped does not bring the collection back."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.errors import CollectionNotExistException, MilvusException
from aiomilvus.model.operations.collections import (
    AddField,
    AlterCollectionProperties,
    DropCollection,
    TruncateCollection,
)
from aiomilvus.model.operations.data import Delete, Insert
from aiomilvus.model.operations.indexes import CreateIndex, DropIndex
from aiomilvus.model.operations.loading import ReleaseCollection
from aiomilvus.model.operations.partitions import CreatePartition
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support import workload
from tests.support.batches import batch, keys
from tests.support.workload import NAME, Step

if TYPE_CHECKING:
    from pathlib import Path

FIELD = Field(name="more", dtype=DataType.INT64, nullable=True)
FLAT = {"index_type": "STL_SORT"}
OPERATIONS: list[Any] = [
    AddField(collection=NAME, field=FIELD),
    AlterCollectionProperties(collection=NAME, properties={"note": "x"}),
    TruncateCollection(collection=NAME),
    CreateIndex(collection=NAME, field="id", params=FLAT),
    DropIndex(collection=NAME, name="none"),
    ReleaseCollection(collection=NAME),
    CreatePartition(collection=NAME, partition="p"),
    Insert(collection=NAME, batch=batch([7])),
    Delete(collection=NAME, ids=keys([1])),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: type(each).__name__)
def test_a_dropped_collection_stays_dropped(tmp_path: Path, operation: Any) -> None:
    database = Database(tmp_path / "db")
    workload.create(database)
    database.execute(workload.operation(Step("insert", [1, 2], 1.0)))
    errors: list[MilvusException] = []

    def change() -> None:
        try:
            database.execute(operation)
        except MilvusException as error:
            errors.append(error)

    waiting = threading.Thread(target=change)
    with database.collection("", NAME).writes.turn:
        waiting.start()
        time.sleep(0.05)  # until it waits; if it is later still, it finds no collection
        database.execute(DropCollection(collection=NAME))
    waiting.join(30)
    if not isinstance(operation, DropIndex):
        assert [type(error) for error in errors] == [CollectionNotExistException]
    database.close()
    database = Database(tmp_path / "db")
    assert database.names.collections_in("") == {}
    assert list((tmp_path / "db").glob("collection-*")) == []
    database.close()
