"""``/collections/…`` except for creating one, changing its fields and its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import CollectionNotExistException, MilvusException
from aiomilvus.model.operations.collections import ListCollections
from aiomilvus.model.types import CompactionState, LoadState
from aiomilvus.server.rest.body import as_params
from aiomilvus.server.rest.call import Call, Reply, Route, asking
from aiomilvus.server.rest.creation import create
from aiomilvus.server.rest.description import described
from aiomilvus.server.rest.shapes import has, row_count
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.results import CompactionInfo, LoadInfo

_COMPLETE = 100


def _named(message_class: Any, **more: Any) -> Callable[[Call], Any]:
    return lambda call: message_class(db_name=call.db, collection_name=call.collection, **more)


async def _list(call: Call) -> Reply:
    # The names alone: what ShowCollections tells beside them takes a look at each collection.
    await call.check("ShowCollections", pb.ShowCollectionsRequest(db_name=call.db))
    names = await call.service.execute(ListCollections(db=call.db), caller=call.caller)
    return {"data": list(names)}


async def _describe(call: Call) -> Reply:
    found = await call.ask("DescribeCollection", _named(pb.DescribeCollectionRequest)(call))
    failed = []
    indexes, loaded = (), LoadState.NotExist
    try:
        indexes = await call.ask("DescribeIndex", _named(pb.DescribeIndexRequest)(call))
    except MilvusException as error:
        failed.append(error.message)
    try:
        state: LoadInfo = await call.ask("GetLoadState", _named(pb.GetLoadStateRequest)(call))
        loaded = LoadState(state.state)
    except MilvusException as error:
        failed.append(error.message)
    shown = described(found, indexes, _state_name(loaded))
    return {"data": shown, "message": "; ".join(failed)}


def _state_name(state: LoadState) -> str:
    return f"LoadState{state.name}"


async def _load_state(call: Call) -> Reply:
    message = pb.GetLoadStateRequest(
        db_name=call.db,
        collection_name=call.collection,
        partition_names=call.body.texts("partitionNames"),
    )
    found: LoadInfo = await call.ask("GetLoadState", message)
    state = LoadState(found.state)
    if state is LoadState.NotExist:
        raise CollectionNotExistException(
            message=f"can't find collection[database={call.db}][collection={call.collection}]"
        )
    data: dict[str, Any] = {"loadState": _state_name(state)}
    if state is not LoadState.NotLoad:
        data["loadProgress"] = _COMPLETE if state is LoadState.Loaded else int(found.progress)
    return {"data": data, "message": ""}


def _rename(call: Call) -> Any:
    return pb.RenameCollectionRequest(
        db_name=call.db,
        oldName=call.collection,
        newName=call.body.text("newCollectionName", required=True),
        newDBName=call.body.text("newDbName") or call.db,
    )


def _alter(call: Call) -> Any:
    message = _named(pb.AlterCollectionRequest)(call)
    write_pairs(message.properties, as_params(call.body.mapping("properties")))
    return message


def _drop_properties(call: Call) -> Any:
    keys = call.body.texts("propertyKeys")
    return _named(pb.AlterCollectionRequest, delete_keys=keys)(call)


def _compact(call: Call) -> Any:
    clustering = call.body.flag("isClustering")
    return _named(pb.ManualCompactionRequest, majorCompaction=clustering)(call)


def _compaction(found: CompactionInfo) -> dict[str, Any]:
    return {
        "compactionID": found.id,
        "state": CompactionState(found.state).name,
        "executingPlanNumber": found.executing,
        "timeoutPlanNumber": 0,
        "completedPlanNumber": found.completed,
    }


ROUTES = (
    Route("/collections/list", "ShowCollections", _list),
    asking(
        "/collections/has",
        "HasCollection",
        _named(pb.HasCollectionRequest),
        lambda reply: has(reply.value),
    ),
    Route("/collections/describe", "DescribeCollection", _describe),
    asking(
        "/collections/get_stats",
        "GetCollectionStatistics",
        _named(pb.GetCollectionStatisticsRequest),
        row_count,
    ),
    Route("/collections/get_load_state", "GetLoadState", _load_state),
    Route("/collections/create", "CreateCollection", create),
    asking("/collections/drop", "DropCollection", _named(pb.DropCollectionRequest)),
    asking("/collections/truncate", "TruncateCollection", _named(pb.TruncateCollectionRequest)),
    asking("/collections/rename", "RenameCollection", _rename),
    asking("/collections/load", "LoadCollection", _named(pb.LoadCollectionRequest)),
    asking(
        "/collections/refresh_load",
        "LoadCollection",
        _named(pb.LoadCollectionRequest, refresh=True),
    ),
    asking("/collections/release", "ReleaseCollection", _named(pb.ReleaseCollectionRequest)),
    asking("/collections/alter_properties", "AlterCollection", _alter),
    asking("/collections/drop_properties", "AlterCollection", _drop_properties),
    asking(
        "/collections/compact",
        "ManualCompaction",
        _compact,
        lambda found: {"compactionID": found},
    ),
    asking(
        "/collections/get_compaction_state",
        "GetCompactionState",
        lambda call: pb.GetCompactionStateRequest(compactionID=call.body.number("jobID")),
        _compaction,
    ),
    asking(
        "/collections/flush",
        "Flush",
        lambda call: pb.FlushRequest(db_name=call.db, collection_names=[call.collection]),
    ),
)
