"""Answers that describe something: indexes, segments, compactions, replicas, analysed texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.model.results import state_of
from aiomilvus.model.types import (
    CompactionState,
    CompactionTaskState,
    CompactionType,
    IndexState,
    SegmentState,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model import results
    from aiomilvus.model.resource_groups import ResourceGroupConfig

_LEVELS = {0: "Legacy", 1: "L0", 2: "L1", 3: "L2"}


def describe_index(info: results.IndexInfo) -> dict[str, Any]:
    """Return an index as `describe_index` shows it."""
    described: dict[str, Any] = {**info.params, **info.properties}
    described.update(
        field_name=info.field,
        index_name=info.name,
        total_rows=info.total_rows,
        indexed_rows=info.indexed_rows,
        pending_index_rows=info.pending_index_rows,
        state=IndexState(info.state).name,
    )
    if info.recall is not None:
        described["recall"] = info.recall
    if info.fail_reason:
        described["index_state_fail_reason"] = info.fail_reason
    return described


class SegmentInfo(msgspec.Struct):
    """A segment on disk."""

    segment_id: int
    collection_id: int
    collection_name: str
    num_rows: int
    is_sorted: bool
    state: SegmentState
    level: int
    storage_version: int = 0
    partition_id: int = 0
    insert_channel: str = ""
    compaction_from: list[int] = msgspec.field(default_factory=list)

    @property
    def state_name(self) -> str:
        """Name of the state."""
        return self.state.name

    @property
    def level_name(self) -> str:
        """Name of the level."""
        return _LEVELS.get(self.level, str(self.level))


class LoadedSegmentInfo(SegmentInfo):
    """A segment that is being searched."""

    index_name: str = ""
    index_id: int = 0
    node_ids: list[int] = msgspec.field(default_factory=lambda: [1])
    mem_size: int = 0


def segment(info: results.SegmentInfo) -> SegmentInfo:
    """Return a segment as `list_segments` shows it."""
    return SegmentInfo(
        segment_id=info.id,
        collection_id=info.collection_id,
        collection_name=info.collection_name,
        num_rows=info.num_rows,
        is_sorted=info.sorted,
        state=SegmentState(info.state),
        level=info.level,
        partition_id=info.partition_id,
    )


def loaded_segment(info: results.SegmentInfo) -> LoadedSegmentInfo:
    """Return a segment as `list_loaded_segments` shows it."""
    return LoadedSegmentInfo(
        segment_id=info.id,
        collection_id=info.collection_id,
        collection_name=info.collection_name,
        num_rows=info.num_rows,
        is_sorted=info.sorted,
        state=SegmentState(info.state),
        level=info.level,
        partition_id=info.partition_id,
        index_name=info.index_name,
        index_id=info.index_id,
        mem_size=info.memory_bytes,
    )


class Plan(msgspec.Struct):
    """Segments that a compaction merged, and the one they became.

    Attributes:
        sources: The segments that are merged; [] while that is not decided.
        target: The segment that they became, 0 while there is none.
        trigger_id: The job that the plan is part of.
        compaction_type: What is done.
        state: How far it is.
    """

    sources: list[int]
    target: int
    trigger_id: int = 0
    compaction_type: CompactionType = CompactionType.UndefinedCompaction
    state: CompactionTaskState = CompactionTaskState.Unknown

    @property
    def targets(self) -> list[int]:
        """The segments that came out of it."""
        return [self.target] if self.target > 0 else []


class CompactionPlans(msgspec.Struct):
    """The plans of a compaction job, or with id 0 those of a collection's recent jobs."""

    compaction_id: int
    state: CompactionState
    plans: list[Plan]
    collection_name: str = ""


def compaction(info: results.CompactionInfo) -> CompactionPlans:
    """Return a compaction job as `get_compaction_plans` shows it."""
    plans = [Plan(list(sources), target, info.id) for sources, target in info.plans]
    return CompactionPlans(info.id, CompactionState(info.state), plans)


def compactions(tasks: tuple[results.CompactionTask, ...], collection: str) -> CompactionPlans:
    """Return a collection's compactions as `list_compaction_tasks` shows them."""
    plans = [
        Plan(
            list(task.sources),
            task.target,
            task.job,
            CompactionType.MixCompaction,
            CompactionTaskState(task.state),
        )
        for task in tasks
    ]
    return CompactionPlans(0, state_of(tasks), plans, collection)


class OptimizeResult(msgspec.Struct):
    """What `optimize` did."""

    status: str
    collection_name: str
    compaction_id: int
    target_size: str | float | None
    progress: list[str]


class Shard(msgspec.Struct):
    """A channel of a replica: its nodes, and the one that leads."""

    channel_name: str
    shard_nodes: set[int]
    shard_leader: int


class ReplicaInfo(msgspec.Struct):
    """A replica of a loaded collection; an embedded engine has no shards."""

    id: int
    group_nodes: tuple[int, ...] = ()
    shards: list[Shard] = msgspec.field(default_factory=list)
    resource_group: str = ""
    num_outbound_node: dict[str, int] = msgspec.field(default_factory=dict)


class NodeInfo(msgspec.Struct):
    """A node of a resource group."""

    node_id: int
    address: str
    hostname: str


class NodeCount(msgspec.Struct):
    """How many nodes a resource group requests, or may have."""

    node_num: int = 0


class TransferGroup(msgspec.Struct):
    """A resource group that nodes come from, or go to."""

    resource_group: str


class NodeLabel(msgspec.Struct):
    """A label that the nodes of a resource group must bear."""

    key: str
    value: str


class NodeFilter(msgspec.Struct):
    """Which nodes a resource group takes."""

    node_labels: list[NodeLabel] = msgspec.field(default_factory=list)


class GroupConfig(msgspec.Struct):
    """The configuration of a resource group, as `update_resource_groups` takes it."""

    requests: NodeCount = msgspec.field(default_factory=NodeCount)
    limits: NodeCount = msgspec.field(default_factory=NodeCount)
    transfer_from: list[TransferGroup] = msgspec.field(default_factory=list)
    transfer_to: list[TransferGroup] = msgspec.field(default_factory=list)
    node_filter: NodeFilter = msgspec.field(default_factory=NodeFilter)


def _group_config(config: ResourceGroupConfig | None) -> GroupConfig:
    if config is None:
        return GroupConfig()
    return GroupConfig(
        requests=NodeCount(config.requests or 0),
        limits=NodeCount(config.limits or 0),
        transfer_from=[TransferGroup(name) for name in config.transfer_from],
        transfer_to=[TransferGroup(name) for name in config.transfer_to],
        node_filter=NodeFilter([NodeLabel(*pair) for pair in config.node_labels]),
    )


class ResourceGroupInfo(msgspec.Struct):
    """A resource group.

    Attributes:
        name: Its name.
        capacity: Nodes that it may have.
        num_available_node: Nodes that it has.
        num_loaded_replica: Replicas that are loaded in it, by collection.
        num_outgoing_node: Nodes that its replicas use of other groups, by collection.
        num_incoming_node: Nodes that other groups' replicas use of it, by collection.
        config: What was asked for it.
        nodes: Its nodes.

    Example:
        >>> (await client.describe_resource_group("__default_resource_group")).name
        '__default_resource_group'
    """

    name: str
    capacity: int = 0
    num_available_node: int = 0
    num_loaded_replica: dict[str, int] = msgspec.field(default_factory=dict)
    num_outgoing_node: dict[str, int] = msgspec.field(default_factory=dict)
    num_incoming_node: dict[str, int] = msgspec.field(default_factory=dict)
    config: GroupConfig = msgspec.field(default_factory=GroupConfig)
    nodes: list[NodeInfo] = msgspec.field(default_factory=list)


def resource_group(plain: Mapping[str, Any]) -> ResourceGroupInfo:
    """Return a resource group as `describe_resource_group` shows it."""
    nodes = [NodeInfo(**node) for node in plain.get("nodes", ())]
    config = _group_config(plain["config"])
    return ResourceGroupInfo(**{**plain, "config": config, "nodes": nodes})


def replica(plain: Mapping[str, Any]) -> ReplicaInfo:
    """Return a replica as `describe_replica` shows it."""
    return ReplicaInfo(
        id=plain["replica_id"],
        group_nodes=tuple(plain["node_ids"]),
        shards=[Shard(*shard) for shard in plain.get("shards", ())],
        resource_group=plain["resource_group"],
        num_outbound_node=dict(plain.get("num_outbound_node", {})),
    )


class AnalyzeToken(dict[str, Any]):
    """A token with its place in the text; keys can be read as attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class AnalyzeResult:
    """The tokens of one text: str, or `AnalyzeToken` when details were asked for.

    Args:
        tokens: The tokens, as str or as dicts.
    """

    def __init__(self, tokens: list[Any]) -> None:
        self.tokens: list[Any] = [
            AnalyzeToken(each) if isinstance(each, dict) else each for each in tokens
        ]

    def __repr__(self) -> str:
        return str(self.tokens)
