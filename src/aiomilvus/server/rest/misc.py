"""``/segments/…`` and ``/common/…``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import ParamError
from aiomilvus.server.rest.call import Call, Reply, Route
from aiomilvus.server.rest.numbers import whole_number
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from aiomilvus.model.results import SegmentInfo

_DETAILS = {
    "startOffset": "start_offset",
    "endOffset": "end_offset",
    "position": "position",
    "positionLength": "position_length",
}


async def _segments(call: Call) -> Reply:
    database = call.db
    try:
        wanted = {whole_number(each) for each in call.body.array("segmentIDs")}
    except ValueError as error:
        raise ParamError(message=f"segmentIDs: {error}: invalid parameter") from None
    name = await call.service.name_of(database, call.body.number("collectionID"))
    message = pb.GetPersistentSegmentInfoRequest(dbName=database, collectionName=name)
    found = await call.ask("GetPersistentSegmentInfo", message)
    infos = [_segment(each) for each in found if each.id in wanted]
    return {"data": {"segmentInfos": infos}}


def _segment(segment: SegmentInfo) -> dict[str, Any]:
    return {
        "segmentID": segment.id,
        "collectionID": segment.collection_id,
        "partitionID": segment.partition_id,
        "vChannel": "",
        "numRows": segment.num_rows,
        "state": int(segment.state),
        "level": segment.level,
        "isSorted": segment.sorted,
        "insertLogs": [],
        "deltaLogs": [],
        "statsLogs": [],
    }


async def _analyze(call: Call) -> Reply:
    body = call.body
    texts = body.texts("text", required=True)
    message = pb.RunAnalyzerRequest(
        db_name=call.db,
        analyzer_params=body.text("analyzerParams"),
        placeholder=[text.encode() for text in texts],
        with_detail=body.flag("withDetail"),
        with_hash=body.flag("withHash"),
        collection_name=body.text("collectionName"),
        field_name=body.text("fieldName"),
        analyzer_names=body.texts("analyzerNames"),
    )
    found = await call.ask("RunAnalyzer", message)
    results = [{"tokens": [_token(token) for token in tokens]} for tokens in found]
    return {"data": {"results": results}}


def _token(token: str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(token, str):
        return {"token": token}
    shown = {"token": token["token"]}
    shown |= {name: token[ours] for name, ours in _DETAILS.items() if ours in token}
    return {**shown, "hash": token["hash"]} if "hash" in token else shown


ROUTES = (
    Route("/segments/describe", "GetPersistentSegmentInfo", _segments),
    Route("/common/run_analyzer", "RunAnalyzer", _analyze),
)
