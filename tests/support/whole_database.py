"""A database with files of every kind, and a reading of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.database import Database
from aiomilvus.engine.write import direct
from aiomilvus.model.operations.collections import DropCollection
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.snapshots import CreateSnapshot, RestoreSnapshot
from aiomilvus.model.operations.text import AddFileResource
from tests.support import workload
from tests.support.contents import Model, contents_of
from tests.support.workload import NAME, Step

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.engine.collection import Collection

_STEPS = [
    Step("bulk", list(range(1_000, 1_200)), 1.0),
    Step("flush", [], 2.0),
    Step("delete", list(range(1_000, 1_020)), 3.0),
    Step("insert", [1, 2], 4.0),
    Step("flush", [], 5.0),
    Step("insert", [3], 6.0),
    Step("insert", [4], 7.0),
]


def make(folder: Path) -> Model:
    """Make the database `folder / "db"`, closed; return what its collection holds."""
    (folder / "words.txt").write_text("one\ntwo\n")
    model = Model()
    usual, direct.ROWS = direct.ROWS, 150
    try:
        database = Database(folder / "db")
        workload.create(database)
        for step in _STEPS:
            database.execute(workload.operation(step))
            workload.apply(model, step)
            database.wait_idle()
        database.execute(CreateSnapshot(collection=NAME, name="s"))
        words = str(folder / "words.txt")
        database.execute(AddFileResource(name="words", path=words, file=words))
        assert contents_of(database.snapshot("", NAME)) == model.contents
        database.close()
    finally:
        direct.ROWS = usual
    return model


def look(path: Path, model: Model | None = None) -> None:
    """Open the database and read whatever there is, the user's snapshot too."""
    database = Database(path)
    try:
        if database.catalog.snapshots():
            database.execute(RestoreSnapshot(collection=NAME, name="s", target="restored"))
            database.execute(LoadCollection(collection="restored"))
        for collection in list(database.collections.values()):
            _read(collection)
        if model is not None:
            assert contents_of(database.snapshot("", NAME)) == model.contents
            assert contents_of(database.snapshot("", "restored")) == model.contents
    finally:
        if "restored" in database.names.collections_in(""):
            database.execute(DropCollection(collection="restored"))
        database.close()


def _read(collection: Collection) -> None:
    for segment in collection.sealed.values():
        segment.times()
        for field in collection.record.schema.fields:
            segment.column(field)
        segment.find(segment.column(collection.record.schema.primary))
        for number in segment.record.indexes:
            segment.vector_index(number)
        segment.verify()
        segment.times()
