"""``/indexes/…``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import IndexNotExistException, MissingParamError, NotSupportedError
from aiomilvus.model.types import IndexState
from aiomilvus.server.rest.body import Body, as_param, as_params
from aiomilvus.server.rest.call import Call, Reply, Route, asking
from aiomilvus.server.rest.shapes import pairs
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.model.results import IndexInfo


async def create(call: Call, collection: str, given: Sequence[dict[str, Any]]) -> None:
    """Create an index for each item of ``indexParams``; the first that fails ends it."""
    for item in given:
        await call.ask("CreateIndex", index_request(call, collection, Body(item, "IndexParam")))


def index_request(call: Call, collection: str, item: Body) -> Any:
    """Return the request that creates the index which an item of ``indexParams`` describes."""
    field = item.text("fieldName")
    if not field:
        raise MissingParamError(message="fieldName of an index is missing: invalid parameter")
    message = pb.CreateIndexRequest(
        db_name=call.db,
        collection_name=collection,
        field_name=field,
        index_name=item.text("indexName"),
    )
    write_pairs(message.extra_params, extra_params(item))
    return message


def extra_params(item: Body) -> dict[str, str]:
    """Return an index' parameters as gRPC has them; those of ``params`` as one JSON text."""
    params = dict(item.mapping("params"))
    extra = {}
    kind = item.text("indexType") or params.pop("index_type", "")
    if kind:
        extra["index_type"] = as_param(kind)
    if item.text("metricType"):
        extra["metric_type"] = item.text("metricType")
    if params:
        extra["params"] = as_param({name: as_param(value) for name, value in params.items()})
    return extra


async def _create(call: Call) -> Reply:
    await create(call, call.collection, call.body.objects("indexParams", required=True))
    return {"data": {}}


def _asked(call: Call, name: str = "") -> Any:
    return pb.DescribeIndexRequest(
        db_name=call.db, collection_name=call.collection, index_name=name
    )


async def _describe(call: Call) -> Reply:
    name = call.body.text("indexName", required=True)
    if call.body.number("timestamp"):
        raise NotSupportedError(message="indexes of the past (timestamp) are not supported")
    found = await call.ask("DescribeIndex", _asked(call, name))
    if not found:
        raise IndexNotExistException(message=f"index not found[indexName={name}]")
    return {"data": [_described(each) for each in found]}


def _described(index: IndexInfo) -> dict[str, Any]:
    properties = index.properties
    all_params = {**index.params, **properties}
    return {
        "indexName": index.name,
        "fieldName": index.field,
        "indexType": index.params.get("index_type", ""),
        "metricType": index.params.get("metric_type", ""),
        "mmap.enabled": all_params.get("mmap.enabled", ""),
        "indexoffsetcache.enabled": all_params.get("indexoffsetcache.enabled", ""),
        "warmup": all_params.get("warmup", ""),
        "totalRows": index.total_rows,
        "pendingRows": index.pending_index_rows,
        "indexedRows": index.indexed_rows,
        "indexState": IndexState(index.state).name,
        "failReason": index.fail_reason,
        "minIndexVersion": 0,
        "maxIndexVersion": 0,
        "indexParams": pairs(all_params),
    }


def _name(call: Call) -> str:
    return call.body.text("indexName", required=True)


def _drop(call: Call) -> Any:
    return pb.DropIndexRequest(
        db_name=call.db, collection_name=call.collection, index_name=_name(call)
    )


def _alter(call: Call) -> Any:
    message = pb.AlterIndexRequest(
        db_name=call.db, collection_name=call.collection, index_name=_name(call)
    )
    write_pairs(message.extra_params, as_params(call.body.mapping("properties")))
    return message


def _drop_properties(call: Call) -> Any:
    return pb.AlterIndexRequest(
        db_name=call.db,
        collection_name=call.collection,
        index_name=_name(call),
        delete_keys=call.body.texts("propertyKeys"),
    )


ROUTES = (
    asking("/indexes/list", "DescribeIndex", _asked, lambda found: [each.name for each in found]),
    Route("/indexes/describe", "DescribeIndex", _describe),
    Route("/indexes/create", "CreateIndex", _create),
    asking("/indexes/drop", "DropIndex", _drop),
    asking("/indexes/alter_properties", "AlterIndex", _alter),
    asking("/indexes/drop_properties", "AlterIndex", _drop_properties),
)
