"""``/quotacenter/describe``: what Milvus' quota center gathers of its nodes, told of this one.

The one process is proxy, query node and data node at once. Rates are not among it: nothing here
is limited by them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from aiomilvus.server.machine import hardware
from aiomilvus.server.rest.call import Call, Reply, Route
from aiomilvus.server.rest.status import visible_status

if TYPE_CHECKING:
    from aiomilvus.model.status import EngineStatus

_NODE = "1"


async def _quota(call: Call) -> Reply:
    told = _gathered(await visible_status(call))
    return {"data": orjson.dumps(told).decode()}


def _gathered(status: EngineStatus) -> dict[str, object]:
    """Return the metrics by Milvus' names: of each kind of node, and of the files."""
    machine = hardware()
    ids = [each.id for each in status.collections if each.loaded]
    node = {"Hms": machine, "Rms": [], "Effect": {"NodeID": int(_NODE), "CollectionIDs": ids}}
    sizes = {str(each.id): each.sealed_bytes for each in status.collections}
    return {
        "QueryNodeMetrics": {_NODE: node},
        "DataNodeMetrics": {_NODE: node},
        "ProxyMetrics": {_NODE: {"Hms": machine, "Rms": []}},
        "DataCoordMetrics": {
            "TotalBinlogSize": sum(sizes.values()),
            "CollectionBinlogSize": sizes,
            "PartitionsBinlogSize": {},
            "CollectionL0RowCount": {},
        },
    }


ROUTES = (Route("/quotacenter/describe", "GetMetrics", _quota),)
