"""What Milvus answers when something is defined, dropped, loaded or named: its codes and words."""

from collections.abc import Iterator

import pytest

from aiomilvus.engine.database import Database
from aiomilvus.errors import MilvusException
from aiomilvus.model.operations.aliases import (
    AlterAlias,
    CreateAlias,
    DescribeAlias,
    DropAlias,
    ListAliases,
)
from aiomilvus.model.operations.collections import (
    CollectionStatistics,
    CreateCollection,
    DescribeCollection,
    DropCollection,
    ListCollections,
    RenameCollection,
    TruncateCollection,
)
from aiomilvus.model.operations.data import (
    Delete,
    HybridSearch,
    Insert,
    Query,
    Search,
    Upsert,
)
from aiomilvus.model.operations.databases import (
    CreateDatabase,
    DescribeDatabase,
    DropDatabase,
    ListDatabases,
)
from aiomilvus.model.operations.indexes import CreateIndex, DescribeIndexes, DropIndex
from aiomilvus.model.operations.loading import (
    GetLoadState,
    LoadCollection,
    LoadPartitions,
    ReleaseCollection,
    ReleasePartitions,
)
from aiomilvus.model.operations.maintenance import Compact, Flush, GetCompaction, ListSegments
from aiomilvus.model.operations.partitions import (
    CreatePartition,
    DropPartition,
    HasPartition,
    ListPartitions,
)
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import CompactionState, DataType, IndexState, LoadState
from tests.support.batches import batch, schema

FLAT = {"index_type": "FLAT", "metric_type": "L2"}
LONG = "a" * 256


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database(None)
    opened.execute(CreateCollection(collection="c", schema=schema()))
    opened.execute(CreateIndex(collection="c", field="v", params=FLAT))
    opened.execute(CreateCollection(collection="bare", schema=schema()))
    opened.execute(CreateAlias(collection="c", alias="a"))
    yield opened
    opened.close()


def with_vector(**more) -> Schema:
    return Schema(fields=(schema().fields[0], Field(name="v", **more)))


REFUSED = [
    (
        DescribeCollection(collection="1x"),
        1100,
        (
            "Invalid collection name: 1x. the first character of a collection name must be an "
            "underscore or letter: invalid parameter"
        ),
    ),
    (
        LoadCollection(collection="x-y"),
        1100,
        (
            "Invalid collection name: x-y. collection name can only contain numbers, letters and "
            "underscores: invalid parameter"
        ),
    ),
    *(
        (operation, 100, "collection not found[database=default][collection=1-x]")
        for operation in (
            CreateIndex(collection="1-x", field="v", params=FLAT),
            DropIndex(collection="1-x", name="v"),
            RenameCollection(collection="1-x", new_name="y"),
            Search(collection="1-x"),
            HybridSearch(collection="1-x", requests=(), ranker=None),
            Flush(collection="1-x"),
        )
    ),
    *(
        (
            operation,
            1100,
            (
                "Invalid partition name: 12 s. Partition name can only contain numbers, letters "
                "and underscores.: invalid parameter"
            ),
        )
        for operation in (
            CreatePartition(collection="c", partition="12 s"),
            DropPartition(collection="c", partition="12 s"),
            HasPartition(collection="c", partition="12 s"),
            Insert(collection="c", partition="12 s", batch=batch([1])),
            Upsert(collection="c", partition="12 s", batch=batch([1])),
            Delete(collection="c", partition="12 s", filter="id > 1"),
        )
    ),
    (
        CreateCollection(collection=LONG, schema=schema()),
        1100,
        "the length of a collection name must be less than 255 characters: invalid parameter",
    ),
    (
        LoadCollection(collection="none"),
        100,
        "collection not found[database=default][collection=none]",
    ),
    (
        DescribeCollection(collection="none"),
        100,
        "can't find collection[database=default][collection=none]",
    ),
    (
        Insert(collection="none", batch=batch([1])),
        100,
        "can't find collection[database=default][collection=none]",
    ),
    (
        CreateIndex(collection="none", field="v", params=FLAT),
        100,
        "collection not found[database=default][collection=none]",
    ),
    (
        Query(collection="c", filter="id > 1"),
        101,
        "failed to query: collection not loaded",
    ),
    (LoadCollection(collection="bare"), 700, "index not found[collection=bare]"),
    (
        CreateIndex(collection="c", field="v", params={**FLAT, "metric_type": "IP"}),
        None,
        "at most one distinct index is allowed per field",
    ),
    (
        CreateIndex(collection="bare", field="v", params={**FLAT, "index_type": "NONE"}),
        1100,
        "invalid parameter[expected=valid index][actual=invalid index type: NONE",
    ),
    (
        CreateIndex(collection="bare", field="v", params={**FLAT, "metric_type": "HAMMING"}),
        1100,
        "float vector index does not support metric type: HAMMING",
    ),
    (LoadPartitions(collection="c", partitions=("p",)), 200, "partition not found[partition=p]"),
    (ReleasePartitions(collection="c", partitions=("p",)), 200, "partition not found[partition=p]"),
    (
        ReleasePartitions(collection="c", partitions=()),
        None,
        "invalid parameter[expected=any partition][actual=empty partition list",
    ),
    (
        Insert(collection="c", partition="p", batch=batch([1])),
        200,
        "partition not found[partition=p]",
    ),
    (
        CreatePartition(collection="c", partition="$p"),
        None,
        (
            "Invalid partition name: $p. The first character of a partition name must be an "
            "underscore or letter."
        ),
    ),
    (
        CreatePartition(collection="c", partition=LONG),
        None,
        "The length of a partition name must be less than 255 characters.",
    ),
    (
        DropPartition(collection="c", partition="_default"),
        None,
        "default partition cannot be deleted",
    ),
    (DescribeAlias(alias="none"), 1600, "alias not found[database=default][alias=none]"),
    (
        AlterAlias(collection="c", alias="none"),
        1600,
        "alias not found[database=default][alias=none]",
    ),
    (
        CreateAlias(collection="c", alias="bare"),
        1601,
        "alias and collection name conflict[database=default][alias=bare]",
    ),
    (CreateAlias(collection="bare", alias="a"), 1602, "a is alias to another collection: c"),
    (
        CreateAlias(collection="c", alias="1x"),
        1100,
        "Invalid collection alias: 1x. the first character of a collection alias must be",
    ),
    (DropCollection(collection="a"), None, "cannot drop the collection via alias = a"),
    (DescribeDatabase(db="none"), 800, "database not found[database=none]"),
    (ListCollections(db="none"), 800, "database not found[database=none]"),
    (CreateDatabase(db="default"), 65535, "database already exist: default"),
    (CreateDatabase(db="1x"), 802, "1x"),
    (
        CreateCollection(collection="c", schema=schema(Field(name="f", dtype=DataType.INT8))),
        None,
        "create duplicate collection with different parameters, collection: c",
    ),
    (
        CreateCollection(collection="d", schema=Schema(fields=schema().fields[:1])),
        None,
        "schema does not contain vector field: invalid parameter",
    ),
    (
        CreateCollection(collection="d", schema=schema(Field(name="v", dtype=DataType.INT8))),
        None,
        "duplicated field name",
    ),
    (
        CreateCollection(collection="d", schema=schema(Field(name="1f", dtype=DataType.INT8))),
        1701,
        (
            "Invalid field name: 1f. The first character of a field name must be an underscore or "
            "letter.: field name invalid[field=1f]"
        ),
    ),
    (
        CreateCollection(collection="d", schema=with_vector(dtype=DataType.FLOAT_VECTOR, dim=1)),
        None,
        "invalid dimension: 1. should be in range 2 ~ 32768",
    ),
    (
        CreateCollection(
            collection="d", schema=with_vector(dtype=DataType.FLOAT_VECTOR, dim=40_000)
        ),
        None,
        "invalid dimension: 40000 of field v. float vector dimension should be in range 2 ~ 32768",
    ),
    (
        CreateCollection(collection="d", schema=with_vector(dtype=DataType.BINARY_VECTOR, dim=12)),
        None,
        "binary vector dimension should be multiple of 8.",
    ),
    (
        CreateCollection(collection="d", schema=schema(Field(name="t", dtype=DataType.VARCHAR))),
        1101,
        "type param(max_length) should be specified for the field(t) of collection d",
    ),
    (
        CreateCollection(
            collection="d",
            schema=schema(Field(name="t", dtype=DataType.VARCHAR, max_length=70_000)),
        ),
        None,
        (
            "the maximum length specified for the field(t) should be in (0, 65535], but got 70000 "
            "instead"
        ),
    ),
    (
        CreateCollection(
            collection="d",
            schema=schema(
                Field(
                    name="t", dtype=DataType.ARRAY, element_type=DataType.INT8, max_capacity=5_000
                )
            ),
        ),
        None,
        "the maximum capacity specified for a Array should be in (0, 4096]",
    ),
    (
        Upsert(collection="c", batch=batch([1, 2, 1])),
        None,
        "duplicate primary keys are not allowed in the same batch",
    ),
]


@pytest.mark.parametrize(("operation", "code", "text"), REFUSED)
def test_what_milvus_refuses_is_refused_with_its_code_and_words(
    database: Database, operation, code: int | None, text: str
):
    with pytest.raises(MilvusException) as raised:
        database.execute(operation)
    assert text in raised.value.message
    if code is not None:
        assert raised.value.code == code


ACCEPTED = [
    CreateCollection(collection="c", schema=schema()),
    DropCollection(collection="none"),
    CreateIndex(collection="c", field="v", params=FLAT),
    DropAlias(alias="none"),
    CreateAlias(collection="c", alias="a"),
    CreatePartition(collection="c", partition="_default"),
    DropPartition(collection="c", partition="none"),
    Insert(collection="c", batch=batch([])),
]


@pytest.mark.parametrize("operation", ACCEPTED, ids=lambda operation: type(operation).__name__)
def test_what_milvus_takes_for_done_is_a_success(database: Database, operation):
    database.execute(operation)


def test_aliases_work_as_names_do(database: Database):
    assert database.execute(DescribeCollection(collection="a")).name == "c"
    assert database.execute(ListAliases(collection="c")) == ("a",)
    database.execute(Insert(collection="a", batch=batch([1, 2])))
    assert database.execute(CollectionStatistics(collection="c"))["row_count"] == 2
    database.execute(AlterAlias(collection="bare", alias="a"))
    assert database.execute(DescribeAlias(alias="a")).collection == "bare"


def test_a_loaded_index_is_not_dropped(database: Database):
    database.execute(LoadCollection(collection="c"))
    with pytest.raises(
        MilvusException, match="vector index cannot be dropped on loaded collection"
    ) as raised:
        database.execute(DropIndex(collection="c", name="v"))
    assert raised.value.code == 1100
    database.execute(ReleaseCollection(collection="c"))
    database.execute(DropIndex(collection="c", name="v"))
    assert database.execute(DescribeIndexes(collection="c")) == ()


def test_load_state_is_kept_for_each_partition(database: Database):
    def state(*partitions: str) -> int:
        return database.execute(GetLoadState(collection="c", partitions=partitions)).state

    database.execute(CreatePartition(collection="c", partition="p"))
    assert state() == LoadState.NotLoad
    database.execute(LoadPartitions(collection="c", partitions=("p",)))
    assert [state(), state("p"), state("_default")] == [
        LoadState.Loaded,
        LoadState.Loaded,
        LoadState.NotLoad,
    ]
    with pytest.raises(MilvusException, match="partition not loaded") as raised:
        database.execute(Query(collection="c", filter="id > 0", partitions=("_default",)))
    assert raised.value.code == 201
    with pytest.raises(MilvusException, match="partition is loaded, please release it first"):
        database.execute(DropPartition(collection="c", partition="p"))
    database.execute(LoadCollection(collection="c"))
    assert state("_default") == LoadState.Loaded
    database.execute(ReleasePartitions(collection="c", partitions=("p",)))
    database.execute(DropPartition(collection="c", partition="p"))
    assert not database.execute(HasPartition(collection="c", partition="p"))
    assert [p.name for p in database.execute(ListPartitions(collection="c"))] == ["_default"]


def test_partitions_are_listed_by_name_and_by_being_loaded(database: Database):
    for name in ("p", "q"):
        database.execute(CreatePartition(collection="c", partition=name))
    database.execute(LoadPartitions(collection="c", partitions=("q",)))

    def listed(*names: str, loaded: bool = False) -> list[str]:
        asked = ListPartitions(collection="c", partitions=names, loaded=loaded)
        return [each.name for each in database.execute(asked)]

    assert listed("p", "q", "none") == ["p", "q"]
    assert listed(loaded=True) == ["q"]
    assert listed("p", "q", loaded=True) == ["q"]
    with pytest.raises(MilvusException, match="partition not found"):
        listed("none", loaded=True)


def test_a_partial_upsert_needs_a_loaded_collection(database: Database):
    database.execute(ReleaseCollection(collection="c"))
    with pytest.raises(MilvusException, match="collection not loaded") as raised:
        database.execute(Upsert(collection="c", batch=batch([1]), partial=True))
    assert raised.value.code == 101
    assert database.execute(Upsert(collection="c", batch=batch([1]))).upsert_count == 1


def test_databases_are_listed_with_their_numbers_and_times(database: Database):
    database.execute(CreateDatabase(db="other"))
    found = database.execute(ListDatabases())
    assert list(found) == ["default", "other"]
    described = database.execute(DescribeDatabase(db="other"))
    assert found["other"].id == described.id
    assert found["other"].created_timestamp == described.created_timestamp > 0


def test_a_collection_is_renamed_also_into_another_database(database: Database):
    database.execute(DropAlias(alias="a"))
    database.execute(Insert(collection="c", batch=batch([1])))
    database.execute(CreateDatabase(db="other"))
    database.execute(RenameCollection(collection="c", new_name="d", new_db="other"))
    assert database.execute(ListCollections()) == ("bare",)
    assert database.execute(ListCollections(db="other")) == ("d",)
    assert database.execute(CollectionStatistics(db="other", collection="d"))["row_count"] == 1
    with pytest.raises(MilvusException, match="not empty, must drop all collections"):
        database.execute(DropDatabase(db="other"))
    database.execute(DropCollection(db="other", collection="d"))
    database.execute(DropDatabase(db="other"))


def test_truncate_keeps_schema_index_and_load_state(database: Database):
    database.execute(LoadCollection(collection="c"))
    database.execute(Insert(collection="c", batch=batch([1, 2])))
    database.execute(Flush(collection="c"))
    database.execute(Insert(collection="c", batch=batch([3])))
    database.execute(TruncateCollection(collection="c"))
    assert database.execute(CollectionStatistics(collection="c"))["row_count"] == 0
    assert database.execute(ListSegments(collection="c")) == ()
    assert database.execute(GetLoadState(collection="c")).state == LoadState.Loaded
    assert len(database.execute(DescribeIndexes(collection="c"))) == 1


def test_an_index_tells_how_far_it_is(database: Database):
    database.execute(Insert(collection="c", batch=batch(list(range(300)))))
    database.execute(Flush(collection="c"))
    database.wait_idle()
    (info,) = database.execute(DescribeIndexes(collection="c", name="v"))
    assert (info.total_rows, info.indexed_rows, info.pending_index_rows) == (300, 300, 0)
    assert info.state == IndexState.Finished
    assert info.params == FLAT


def test_a_compaction_job_ends_and_tells_what_became_what(database: Database):
    for key in (1, 2, 3):
        database.execute(Insert(collection="c", batch=batch([key])))
        database.execute(Flush(collection="c"))
    job = database.execute(Compact(collection="c"))
    database.wait_idle()
    assert database.execute(GetCompaction(job_id=job)).state == CompactionState.Completed
    assert len(database.execute(ListSegments(collection="c"))) == 1
    assert database.execute(CollectionStatistics(collection="c"))["row_count"] == 3
