"""Operations and answers survive the wire, in both directions."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from aiomilvus.errors import IndexNotExistException, NotSupportedError, ParamError, error_for
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.changes import ChangePart, ChangePosition, ChangesRead
from aiomilvus.model.columns import BytesColumn, FixedColumn, SparseColumn, VectorColumn
from aiomilvus.model.operations import (
    access,
    aliases,
    cluster,
    collections,
    data,
    databases,
    indexes,
    loading,
    maintenance,
    partitions,
    snapshots,
    text,
)
from aiomilvus.model.ranking import Rerank, Rrf, Weighted
from aiomilvus.model.resource_groups import ResourceGroupConfig
from aiomilvus.model.results import (
    AliasInfo,
    CollectionInfo,
    CompactionInfo,
    CompactionTask,
    DatabaseInfo,
    IndexInfo,
    LoadInfo,
    MutationResult,
    PartitionInfo,
    QueryResult,
    SegmentInfo,
)
from aiomilvus.model.schema import Field, FunctionSpec, Schema, StructSpec
from aiomilvus.model.sorting import SortKey
from aiomilvus.model.types import DataType, FunctionType
from aiomilvus.wire.codec.status import write_status
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.proto.rpc import extension_names, names
from aiomilvus.wire.table.lookup import BY_RPC, ROUTES, route_of

SCHEMA = Schema(
    fields=(
        Field(id=100, name="id", dtype=DataType.INT64, is_primary=True),
        Field(id=101, name="dense", dtype=DataType.FLOAT_VECTOR, dim=2),
        Field(id=102, name="sparse", dtype=DataType.SPARSE_FLOAT_VECTOR),
        Field(id=103, name="name", dtype=DataType.VARCHAR, max_length=20),
    )
)
BATCH = ColumnBatch(
    2,
    {
        "id": FixedColumn(np.array([1, 2], np.int64)),
        "dense": VectorColumn(np.array([[1, 2], [3, 4]], np.float32)),
        "sparse": SparseColumn(
            np.array([0, 1, 2], np.int64), np.array([5, 9], np.uint32), np.ones(2, np.float32)
        ),
        "name": BytesColumn.of([b"a", b"b"]),
    },
)
NAMED: dict[str, Any] = {"db": "d", "collection": "c"}
RERANK = Rerank(
    functions=(
        FunctionSpec(name="f", type=FunctionType.RERANK, inputs=("id",), params={"offset": "1"}),
    ),
    params={"boost_mode": "sum"},
)
EXTRA_FIELD = Field(name="more", dtype=DataType.INT64, nullable=True)
BM25 = FunctionSpec(name="b", type=FunctionType.BM25, inputs=("name",), outputs=("sparse",))


def search(**more: Any) -> data.Search:
    given = {"field": "dense", "data": BATCH["dense"], **NAMED, **more}
    return data.Search(**given)


GROUP = ResourceGroupConfig(
    requests=1, limits=2, transfer_from=("a",), transfer_to=("b",), node_labels=(("zone", "x"),)
)
REPLICATION = cluster.Replication(
    clusters=(cluster.Cluster(cluster_id="a", uri="http://a", token="t", pchannels=("p",)),),
    topology=(("a", "b"),),
)
JOB = cluster.RefreshJob(
    job_id=9,
    collection_name="c",
    state="RefreshCompleted",
    progress=100,
    reason="",
    external_source="s3://b",
    start_time=1,
    end_time=2,
)
OPERATIONS = [
    aliases.CreateAlias(alias="a", **NAMED),
    aliases.AlterAlias(alias="a", **NAMED),
    aliases.DropAlias(db="d", alias="a"),
    aliases.DescribeAlias(db="d", alias="a"),
    aliases.ListAliases(**NAMED),
    cluster.DescribeReplicas(**NAMED),
    cluster.ListResourceGroups(),
    cluster.DescribeResourceGroup(name="g"),
    collections.CreateCollection(schema=SCHEMA, properties={"p": "1"}, num_partitions=3, **NAMED),
    collections.DropCollection(**NAMED),
    collections.DescribeCollection(**NAMED),
    collections.ListCollections(db="d"),
    collections.RenameCollection(new_name="n", new_db="e", **NAMED),
    collections.TruncateCollection(**NAMED),
    collections.CollectionStatistics(**NAMED),
    collections.AlterCollectionProperties(properties={"p": "2"}, drop=("q",), **NAMED),
    collections.AlterField(field="name", params={"max_length": "9"}, **NAMED),
    collections.AddField(field=EXTRA_FIELD, **NAMED),
    collections.DropField(field="name", **NAMED),
    collections.DropField(field_id=103, **NAMED),
    collections.AddStructField(
        struct=StructSpec(name="s", max_capacity=4),
        fields=(
            Field(
                name="s[x]",
                dtype=DataType.ARRAY,
                element_type=DataType.INT64,
                max_capacity=4,
                struct="s",
            ),
        ),
        **NAMED,
    ),
    collections.AddFunction(function=BM25, **NAMED),
    collections.AddFunction(
        function=BM25, field=EXTRA_FIELD, index_params={"index_type": "X"}, **NAMED
    ),
    collections.AlterFunction(name="b", function=BM25, **NAMED),
    collections.DropFunction(name="b", **NAMED),
    collections.DropFunction(name="b", drop_field=True, **NAMED),
    databases.CreateDatabase(db="d", properties={"p": "1"}),
    databases.DropDatabase(db="d"),
    databases.ListDatabases(),
    databases.DescribeDatabase(db="d"),
    databases.AlterDatabaseProperties(db="d", properties={"p": "1"}, drop=("q",)),
    databases.GetServerInfo(),
    databases.AllocTimestamp(),
    indexes.CreateIndex(field="dense", name="i", params={"index_type": "HNSW", "M": "8"}, **NAMED),
    indexes.CreateIndex(
        field="dense", params={"M": "8", "index_type": "HNSW"}, nested='{"M": 8}', **NAMED
    ),
    indexes.DropIndex(name="i", **NAMED),
    indexes.DescribeIndexes(name="i", field="dense", **NAMED),
    indexes.AlterIndexProperties(name="i", properties={"mmap.enabled": "true"}, **NAMED),
    loading.LoadCollection(refresh=True, load_fields=("id",), skip_dynamic=True, **NAMED),
    loading.ReleaseCollection(**NAMED),
    loading.LoadPartitions(partitions=("p",), refresh=True, **NAMED),
    loading.ReleasePartitions(partitions=("p",), **NAMED),
    loading.GetLoadState(partitions=("p",), **NAMED),
    maintenance.Flush(**NAMED),
    maintenance.FlushAll(db="d"),
    maintenance.GetFlushAllState(db="d", timestamp=5),
    maintenance.Compact(is_clustering=True, is_l0=True, target_size_mb=7, **NAMED),
    maintenance.GetCompaction(job_id=4),
    maintenance.ListSegments(states=(4,), **NAMED),
    maintenance.ListSegments(loaded=True, **NAMED),
    partitions.CreatePartition(partition="p", **NAMED),
    partitions.DropPartition(partition="p", **NAMED),
    partitions.HasPartition(partition="p", **NAMED),
    partitions.ListPartitions(**NAMED),
    partitions.ListPartitions(partitions=("p",), loaded=True, **NAMED),
    partitions.PartitionStatistics(partition="p", **NAMED),
    text.RunAnalyzer(texts=("ä b",), params='{"type":"english"}', with_detail=True, db="d"),
    text.AddFileResource(name="stop", path="/a/stop.txt"),
    text.RemoveFileResource(name="stop"),
    text.ListFileResources(),
    data.Insert(batch=BATCH, partition="p", **NAMED),
    data.Upsert(
        batch=BATCH,
        partition="p",
        partial=True,
        field_ops=(data.FieldOp(field="name", op="array_append"),),
        **NAMED,
    ),
    data.Delete(filter="id > {k}", filter_params={"k": 3}, partition="p", **NAMED),
    data.ReadChanges(
        position="oldest",
        filter="id > {k}",
        filter_params={"k": 3},
        output_fields=("name",),
        time_zone="UTC",
        seen=(1, 2, 3),
        **NAMED,
    ),
    data.ReadChanges(**NAMED),
    data.Query(
        filter="id in {k}",
        filter_params={"k": [1, 2]},
        output_fields=("name",),
        partitions=("p",),
        limit=5,
        offset=2,
        order_by=(SortKey("name", descending=True, nulls_first=False), SortKey("id")),
        group_by=("name",),
        ignore_growing=True,
        consistency=0,
        time_zone="Europe/Zurich",
        **NAMED,
    ),
    search(),
    search(data=None, ids=FixedColumn(np.array([4, 5], np.int64))),
    search(field="sparse", data=BATCH["sparse"], metric="IP", params={"drop_ratio_search": 0.2}),
    search(data=BATCH["dense"], radius=0.5, range_filter=0.9, params={"ef": 9}),
    search(
        filter="id > 1",
        limit=3,
        offset=4,
        output_fields=("name",),
        partitions=("p",),
        round_decimal=2,
        group_by=("name", "id"),
        group_size=2,
        strict_group_size=True,
        order_by=(SortKey("id", descending=True),),
        consistency=4,
        guarantee_timestamp=99,
        ranker=RERANK,
        extra={"hints": "iterative_filter"},
    ),
    search(iterator=data.SearchIteratorState(batch_size=7, token="t", last_bound=0.5)),
    data.HybridSearch(
        requests=(search(limit=3), search(field="sparse", data=BATCH["sparse"])),
        ranker=Rrf(k=7),
        limit=4,
        offset=1,
        output_fields=("name",),
        group_by=("name",),
        group_size=2,
        **NAMED,
    ),
    data.HybridSearch(
        requests=(search(),), ranker=Weighted(weights=(0.25,), norm_score=False), **NAMED
    ),
    data.HybridSearch(requests=(search(),), ranker=Rrf(k=7, weights=(0.5,)), **NAMED),
    data.HybridSearch(requests=(search(),), ranker=RERANK, **NAMED),
    cluster.CreateResourceGroup(name="g"),
    cluster.CreateResourceGroup(name="g", config=GROUP),
    cluster.DropResourceGroup(name="g"),
    cluster.TransferNode(source="g", target="h", count=1),
    cluster.UpdateResourceGroups(configs=(("g", GROUP), ("h", ResourceGroupConfig()))),
    cluster.TransferReplica(source="g", target="h", count=2, **NAMED),
    cluster.UpdateReplication(replication=REPLICATION, force_promote=True),
    cluster.GetReplication(),
    cluster.GetReplicateInfo(source_cluster_id="a", target_pchannel="p"),
    cluster.RefreshExternalCollection(external_source="s3://b", external_spec="{}", **NAMED),
    cluster.GetRefreshJob(job_id=4),
    cluster.ListRefreshJobs(**NAMED),
    snapshots.CreateSnapshot(name="s", description="x", protection_seconds=3, **NAMED),
    snapshots.DropSnapshot(name="s", **NAMED),
    snapshots.ListSnapshots(collection="c", db="d"),
    snapshots.DescribeSnapshot(name="s", **NAMED),
    snapshots.RestoreSnapshot(name="s", target="t", target_db="e", **NAMED),
    snapshots.GetRestoreJob(job_id=3),
    snapshots.ListRestoreJobs(collection="c", db="d"),
    snapshots.PinSnapshot(name="s", ttl_seconds=5, **NAMED),
    snapshots.UnpinSnapshot(pin_id=4),
    access.CreateUser(user="ada", password="sécret", description="x"),
    access.UpdateUser(user="ada", password="old-one", new_password="new-one"),
    access.UpdateUser(user="ada", description=""),
    access.DropUser(user="ada"),
    access.ListUsers(),
    access.DescribeUsers(user="ada"),
    access.CreateRole(role="r", description="x"),
    access.AlterRole(role="r", description="y"),
    access.DropRole(role="r", force=True),
    access.DescribeRoles(with_users=True),
    access.SetUserRole(user="ada", role="r", remove=True),
    access.SetGrant(role="r", object="Global", name="*", database="d", privilege="All"),
    access.SetGrant(role="r", name="c", database="d", privilege="Search", remove=True),
    access.ListGrants(role="r", object="Collection", name="c", database="d"),
    access.CreatePrivilegeGroup(group="g"),
    access.DropPrivilegeGroup(group="g"),
    access.ListPrivilegeGroups(),
    access.SetGroupPrivileges(group="g", privileges=("Search", "Query"), remove=True),
]


def plain(value: Any) -> Any:
    """Return a value in which columns are lists, to compare."""
    if isinstance(value, msgspec.Struct):
        fields = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
        return type(value).__name__, fields
    if isinstance(value, ColumnBatch):
        return {name: plain(column) for name, column in value.columns.items()}
    if hasattr(value, "arrays"):
        return {name: array.tolist() for name, array in value.arrays().items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value


def over_the_wire(operation: Any) -> Any:
    route = route_of(operation)
    sent = route.rpc.request.FromString(route.encode_request(operation, SCHEMA))
    return route.decode_request(sent, SCHEMA)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: type(each).__name__)
def test_an_operation_arrives_as_it_was_sent(operation: Any) -> None:
    assert plain(over_the_wire(operation)) == plain(operation)


def test_every_route_is_tried_above() -> None:
    tried = {route_of(operation).name for operation in OPERATIONS} | {"GetCompactionState"}
    assert tried == {route.name for route in ROUTES}


def test_every_route_is_of_an_rpc_and_no_rpc_has_two() -> None:
    assert set(BY_RPC) <= {*names(), *extension_names()}
    assert len(BY_RPC) == len(ROUTES)


def test_keys_and_cursors_become_conditions() -> None:
    keys = BytesColumn.of([b'a"b', b"c"])
    query = data.Query(ids=keys, filter="x or y", cursor="k", **NAMED)
    text_key = msgspec.structs.replace(SCHEMA.fields[3], is_primary=True)
    schema = Schema(fields=(text_key,))
    route = route_of(query)
    sent = pb.QueryRequest.FromString(route.encode_request(query, schema))
    assert sent.expr == r'(x or y) and (name in ["a\"b","c"]) and (name > "k")'
    assert list(sent.output_fields) == ["*"]


ANSWERS = [
    (OPERATIONS[3], AliasInfo(alias="a", collection="c", db="d")),
    (aliases.ListAliases(**NAMED), ("a", "b")),
    (
        collections.DescribeCollection(**NAMED),
        CollectionInfo(
            name="c",
            db="d",
            id=5,
            schema=SCHEMA,
            created_timestamp=1 << 40,
            updated_timestamp=1 << 41,
            aliases=("a",),
            properties={"p": "1"},
            consistency=0,
        ),
    ),
    (collections.CollectionStatistics(**NAMED), {"row_count": 7}),
    (databases.DescribeDatabase(db="d"), DatabaseInfo(id=3, name="d", properties={"p": "1"})),
    (databases.AllocTimestamp(), 1 << 60),
    (
        indexes.DescribeIndexes(**NAMED),
        (
            IndexInfo(
                id=1,
                name="i",
                field="dense",
                params={"M": "8"},
                nested='{"M": 8}',
                properties={"mmap.enabled": "true"},
                total_rows=4,
                indexed_rows=3,
                pending_index_rows=1,
                state=2,
            ),
        ),
    ),
    (loading.GetLoadState(**NAMED), LoadInfo(state=3, progress=100)),
    (maintenance.Flush(**NAMED), 1 << 50),
    (
        maintenance.GetCompaction(job_id=9),
        CompactionInfo(id=9, state=2, completed=1, plans=(((1, 2), 3),)),
    ),
    (
        maintenance.ListCompactions(**NAMED),
        (
            CompactionTask(job=9, state=3, sources=(1, 2), target=3),
            CompactionTask(job=10, state=1),
        ),
    ),
    (
        maintenance.ListSegments(loaded=True, **NAMED),
        (
            SegmentInfo(
                id=1,
                collection_id=2,
                partition_id=3,
                collection_name="c",
                num_rows=4,
                state=2,
                index_name="i",
                index_id=6,
                memory_bytes=7,
            ),
        ),
    ),
    (databases.ListDatabases(), {"d": DatabaseInfo(id=3, name="d", created_timestamp=9)}),
    (partitions.HasPartition(partition="p", **NAMED), True),
    (partitions.ListPartitions(**NAMED), (PartitionInfo(id=1, name="p", loaded=True),)),
    (
        data.Insert(batch=BATCH, **NAMED),
        MutationResult(insert_count=2, ids=BATCH["id"], timestamp=5),
    ),
    (data.Delete(filter="x", **NAMED), MutationResult(delete_count=2, timestamp=5)),
    (
        cluster.DescribeResourceGroup(name="g"),
        {
            "name": "g",
            "capacity": 1,
            "num_available_node": 1,
            "num_loaded_replica": {"c": 1},
            "num_outgoing_node": {},
            "num_incoming_node": {},
            "config": GROUP,
            "nodes": [{"node_id": 1, "address": "a", "hostname": "h"}],
        },
    ),
    (
        data.ReadChanges(**NAMED),
        ChangesRead(parts=(), position=ChangePosition(7, 2, 90, 1, 5), seen=(1, 2, 3)),
    ),
    (cluster.GetReplication(), REPLICATION),
    (
        cluster.GetReplicateInfo(source_cluster_id="a", target_pchannel="p"),
        {
            "checkpoint": {
                "cluster_id": "a",
                "pchannel": "p",
                "message_id": {"id": "7", "wal_name": "Kafka"},
                "time_tick": 1 << 60,
            },
            "salvage_checkpoint": None,
        },
    ),
    (cluster.RefreshExternalCollection(**NAMED), 9),
    (cluster.GetRefreshJob(job_id=9), JOB),
    (cluster.ListRefreshJobs(**NAMED), (JOB, JOB)),
]


@pytest.mark.parametrize(("operation", "answer"), ANSWERS, ids=lambda each: type(each).__name__)
def test_an_answer_arrives_as_it_was_sent(operation: Any, answer: Any) -> None:
    route = route_of(operation)
    sent = route.encode_reply(answer, operation, SCHEMA)
    assert plain(route.decode_reply(sent, operation, SCHEMA)) == plain(answer)


def test_a_refusal_is_raised_as_its_class() -> None:
    operation = collections.DropCollection(**NAMED)
    reply = write_status(error_for(100, "collection not found")).SerializeToString()
    with pytest.raises(type(error_for(100, "")), match="collection not found"):
        route_of(operation).decode_reply(reply, operation, None)


def test_no_index_is_a_refusal_on_the_wire_and_nothing_to_the_client() -> None:
    operation = indexes.DescribeIndexes(**NAMED)
    route = route_of(operation)
    with pytest.raises(IndexNotExistException) as refused:
        route.encode_reply((), operation, None)
    status = write_status(refused.value)
    reply = pb.DescribeIndexResponse(status=status).SerializeToString()
    assert route.decode_reply(reply, operation, None) == ()


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"topk": "many"}, ParamError),
        ({"params": "[1]"}, ParamError),
        ({"params": '{"radius": "far"}'}, ParamError),
        ({"rank_group_scorer": "max"}, NotSupportedError),
    ],
)
def test_search_parameters_that_are_none_are_refused(
    params: dict[str, str], error: type[Exception]
) -> None:
    message = pb.SearchRequest()
    for key, value in params.items():
        message.search_params.add(key=key, value=value)
    with pytest.raises(error):
        BY_RPC["Search"].decode_request(message, SCHEMA)


def test_what_has_no_rpc_is_refused_by_name() -> None:
    with pytest.raises(NotSupportedError, match="Explain"):
        route_of(data.Explain(operation=data.Query(**NAMED), **NAMED))


def test_changes_arrive_as_they_were_sent() -> None:
    def numbers(*values: int) -> Any:
        return np.array(values, np.int64)

    rows = QueryResult(
        batch=ColumnBatch(1, {"name": BATCH["name"].slice(1, 2)}),
        schema=SCHEMA,
        output_fields=("name",),
    )
    written = ChangePart(
        kind="upsert",
        partition="p",
        log=2,
        offsets=numbers(90, 90),
        told=numbers(1, 2),
        timestamps=numbers(5, 5),
        keys=BATCH["id"],
        passing=np.array([False, True]),
        rows=rows,
    )
    gone = ChangePart(
        kind="truncate",
        partition="",
        log=3,
        offsets=numbers(7),
        told=numbers(1),
        timestamps=numbers(6),
    )
    position = ChangePosition(7, 3, 7, 1, 6)
    sent = ChangesRead(parts=(written, gone), position=position)
    asked = data.ReadChanges(**NAMED)
    route = route_of(asked)
    found = route.decode_reply(route.encode_reply(sent, asked, SCHEMA), asked, SCHEMA)
    assert (found.position, found.seen) == (position, None)
    for part, given in zip(found.parts, sent.parts, strict=True):
        assert (part.kind, part.partition, part.log) == (given.kind, given.partition, given.log)
        for name in ("offsets", "told", "timestamps"):
            assert getattr(part, name).tolist() == getattr(given, name).tolist()
    first, second = found.parts
    assert first.keys.values.tolist() == [1, 2]
    assert first.passing.tolist() == [False, True]
    assert list(first.rows.batch["name"]) == [b"b"]
    assert (second.keys, second.passing, second.rows) == (None, None, None)
