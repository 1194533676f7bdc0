"""Generated keys, partial upserts, partition keys, deletes by filter: now and when reopened."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from aiomilvus.engine.database import Database
from aiomilvus.errors import MilvusException, NotSupportedError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, FixedColumn, ListColumn
from aiomilvus.model.operations.collections import CreateCollection
from aiomilvus.model.operations.data import Delete, FieldOp, Insert, Query, Upsert
from aiomilvus.model.operations.indexes import CreateIndex
from aiomilvus.model.operations.loading import LoadCollection
from aiomilvus.model.operations.maintenance import Flush
from aiomilvus.model.results import QueryResult
from aiomilvus.model.schema import Field, FunctionSpec, Schema
from aiomilvus.model.types import DataType, FunctionType
from tests.support.batches import batch, key_values, keys, schema

STARS = Field(name="stars", dtype=DataType.INT32, nullable=True)
TAGS = Field(name="tags", dtype=DataType.ARRAY, element_type=DataType.INT64, max_capacity=4)
TENANT = Field(name="tenant", dtype=DataType.VARCHAR, max_length=9, is_partition_key=True)
TEXT = Field(name="text", dtype=DataType.VARCHAR, max_length=99, params={"enable_analyzer": "true"})
TERMS = Field(name="terms", dtype=DataType.SPARSE_FLOAT_VECTOR)


class Opened:
    """A database on disk with one collection, which can be reopened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = Database(path)

    def create(self, made: Schema) -> None:
        self.database.execute(CreateCollection(collection="c", schema=made))
        params = {"index_type": "FLAT", "metric_type": "L2"}
        self.database.execute(CreateIndex(collection="c", field="v", params=params))
        if made.functions:
            params = {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25"}
            self.database.execute(CreateIndex(collection="c", field="terms", params=params))
        self.database.execute(LoadCollection(collection="c"))

    def reopen(self) -> None:
        self.database.close()
        self.database = Database(self.path)

    def rows(self, text: str = "") -> QueryResult:
        return self.database.execute(Query(collection="c", filter=text, limit=100))


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    made = Opened(tmp_path / "db")
    yield made
    made.database.close()


def ints(*values: int) -> FixedColumn:
    return FixedColumn(np.array(values, np.int32))


def lists(*rows: list[int]) -> ListColumn:
    offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return ListColumn(offsets, FixedColumn(np.array([v for row in rows for v in row], np.int64)))


def texts(*values: str) -> BytesColumn:
    return BytesColumn.of([value.encode() for value in values])


@pytest.mark.parametrize("key", [DataType.INT64, DataType.VARCHAR])
def test_generated_keys_grow_and_an_upsert_gives_new_ones(opened: Opened, key: DataType):
    opened.create(schema(key=key, auto_id=True))
    seen: list[int | str] = []
    for _ in range(2):
        for _ in range(3):
            rows = batch([0, 0], 1).select(["v"])
            result = opened.database.execute(Insert(collection="c", batch=rows))
            assert result.ids is not None
            seen += key_values(result.ids)
        opened.reopen()
    assert sorted(set(seen)) == seen
    result = opened.database.execute(Upsert(collection="c", batch=batch(seen[:2], 2)))
    assert result.ids is not None
    fresh = key_values(result.ids)
    assert min(fresh) > max(seen)
    for _ in range(2):
        assert sorted(key_values(opened.rows().batch["id"])) == sorted([*seen[2:], *fresh])
        opened.reopen()


def test_a_partial_upsert_keeps_what_it_does_not_give(opened: Opened):
    opened.create(schema(STARS, TAGS))
    whole = batch([1, 2], 3, stars=ints(7, 8), tags=lists([1, 2], [3]))
    opened.database.execute(Insert(collection="c", batch=whole))
    given = ColumnBatch(1, {"id": keys([2]), "stars": ints(9)})
    opened.database.execute(Upsert(collection="c", batch=given, partial=True))
    for _ in range(2):
        rows = opened.rows().batch
        assert rows["stars"].arrays()["values"].tolist() == [7, 9]
        assert rows["v"].arrays()["values"][:, 0].tolist() == [3, 3]
        assert rows["tags"].arrays()["child.values"].tolist() == [1, 2, 3]
        opened.reopen()


@pytest.mark.parametrize(
    ("op", "change", "expected"),
    [("array_append", [2, 3], [1, 2, 2, 3]), ("array_remove", [2, 5], [1])],
)
def test_a_partial_upsert_changes_arrays_element_by_element(
    opened: Opened, op: str, change: list[int], expected: list[int]
):
    opened.create(schema(TAGS))
    opened.database.execute(Insert(collection="c", batch=batch([1], tags=lists([1, 2]))))
    given = ColumnBatch(1, {"id": keys([1]), "tags": lists(change)})
    how = (FieldOp(field="tags", op=op),)
    opened.database.execute(Upsert(collection="c", batch=given, partial=True, field_ops=how))
    assert opened.rows().batch["tags"].arrays()["child.values"].tolist() == expected


def test_a_partial_upsert_that_ends_beyond_a_limit_changes_nothing(opened: Opened):
    opened.create(schema(TAGS))
    opened.database.execute(Insert(collection="c", batch=batch([1], tags=lists([1, 2]))))
    given = ColumnBatch(1, {"id": keys([1]), "tags": lists([3, 4, 5])})
    how = (FieldOp(field="tags", op="array_append"),)
    with pytest.raises(
        MilvusException, match=r"the length \(5\) of 0th array exceeds max capacity \(4\)"
    ):
        opened.database.execute(Upsert(collection="c", batch=given, partial=True, field_ops=how))
    assert opened.rows().batch["tags"].arrays()["child.values"].tolist() == [1, 2]


def test_rows_are_spread_by_partition_key_and_deleted_by_filter(opened: Opened):
    opened.create(schema(TENANT))
    tenants = texts(*[str(number % 5) for number in range(50)])
    opened.database.execute(Insert(collection="c", batch=batch(list(range(50)), tenant=tenants)))
    assert len(opened.database.snapshot("", "c").partitions) == 16
    assert len(opened.database.snapshot("", "c").views) > 1
    result = opened.database.execute(Delete(collection="c", filter='tenant == "3"'))
    assert result.delete_count == 10
    left = [number for number in range(50) if number % 5 != 3]
    for _ in range(2):
        assert key_values(opened.rows().batch["id"]) == left
        opened.reopen()
    with pytest.raises(MilvusException, match="partition key mode"):
        opened.database.execute(
            Insert(collection="c", batch=batch([1], tenant=texts("x")), partition="_default_0")
        )


def test_a_function_fills_its_field_before_the_row_is_stored(opened: Opened):
    function = FunctionSpec(
        name="bm25", type=FunctionType.BM25, inputs=("text",), outputs=("terms",)
    )
    opened.create(msgspec.structs.replace(schema(TEXT, TERMS), functions=(function,)))
    rows = batch([1, 2], text=texts("to be or not to be", "be"))
    opened.database.execute(Insert(collection="c", batch=rows))
    opened.database.execute(Flush(collection="c"))
    opened.reopen()
    (view,) = opened.database.snapshot("", "c").views
    stored = view.segment.column(opened.database.schema("", "c").by_name["terms"]).arrays()
    assert np.diff(stored["indptr"]).tolist() == [4, 1]
    assert sorted(stored["values"][:4].tolist()) == [1, 1, 2, 2]


def test_a_refused_batch_leaves_nothing(opened: Opened):
    opened.create(schema(STARS))
    bad = batch([1, 2])
    bad["v"].arrays()["values"][1, 2] = np.nan
    before = opened.database.snapshot("", "c")
    for operation in (Insert(collection="c", batch=bad), Upsert(collection="c", batch=bad)):
        with pytest.raises(MilvusException, match="value 'NaN' is not a number or infinity"):
            opened.database.execute(operation)
    assert opened.database.snapshot("", "c") is before


def test_an_operation_that_is_not_served_names_itself(opened: Opened):
    from aiomilvus.model.operations.base import Operation
    from aiomilvus.model.operations.traits import NOBODY, Kind, Traits

    class Frobnicate(Operation[None], frozen=True, kw_only=True):
        traits = Traits(Kind.READ, NOBODY)

    with pytest.raises(NotSupportedError, match="Frobnicate") as raised:
        opened.database.execute(Frobnicate())
    assert raised.value.code == 10
