"""``/aiomilvus/v1/…``: what Milvus' API has no route for. In the same manner, for the console.

Below this prefix stand `explain` of searches and queries, the segments of a collection, and the
status of the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.model.types import SegmentState
from aiomilvus.server.rest.call import Call, Reply, Route
from aiomilvus.server.rest.entities import query_request
from aiomilvus.server.rest.searching import hybrid_request, search_request
from aiomilvus.server.rest.status import visible_status
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiomilvus.model.results import SegmentInfo

PREFIX = "/aiomilvus/v1"


def _explaining(path: str, rpc: str, request: Callable[[Call], Awaitable[Any]]) -> Route:
    async def handle(call: Call) -> Reply:
        found = await call.service.explain(rpc, await request(call), call.caller)
        return {"data": found.to_dict()}

    return Route(path, rpc, handle)


async def _query(call: Call) -> Any:
    return query_request(call)


async def _segments(call: Call) -> Reply:
    message = pb.GetQuerySegmentInfoRequest(dbName=call.db, collectionName=call.collection)
    found = await call.ask("GetQuerySegmentInfo", message)
    return {"data": [_segment(each) for each in found]}


def _segment(segment: SegmentInfo) -> dict[str, Any]:
    return {
        "id": str(segment.id),
        "state": SegmentState(segment.state).name,
        "rows": segment.num_rows,
        "bytes": segment.memory_bytes,
        "index": segment.index_name,
    }


async def _status(call: Call) -> Reply:
    """Tell what is stored, of what the caller may see, and what work goes on."""
    return {"data": msgspec.to_builtins(await visible_status(call))}


ROUTES = (
    _explaining("/explain/search", "Search", search_request),
    _explaining("/explain/hybrid_search", "HybridSearch", hybrid_request),
    _explaining("/explain/query", "Query", _query),
    Route("/segments/list", "GetQuerySegmentInfo", _segments),
    Route("/status", "ListDatabases", _status),
)
BY_PATH: dict[str, Route] = {PREFIX + route.path: route for route in ROUTES}
