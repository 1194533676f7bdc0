"""Committed changes of entities. The RPC is an extension of ours: Milvus' protocol has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.changes import ChangeKind, ChangePart, ChangePosition, ChangesRead
from aiomilvus.model.operations.data import ReadChanges
from aiomilvus.wire.codec.ids import read_keys, write_keys
from aiomilvus.wire.codec.query_results import read_rows, write_rows
from aiomilvus.wire.codec.status import success
from aiomilvus.wire.codec.templates import read_templates, write_templates
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.model.schema import Schema

_KINDS: dict[str, ChangeKind] = {kind: kind for kind in get_args(ChangeKind)}


def _write_request(op: ReadChanges, _schema: object) -> pb.ReadChangesRequest:
    message = pb.ReadChangesRequest(
        db_name=op.db,
        collection_name=op.collection,
        position=op.position,
        expr=op.filter,
        output_fields=op.output_fields,
        timezone=op.time_zone,
        seen=op.seen or (),
    )
    write_templates(message.expr_template_values, op.filter_params)
    return message


def _read_request(m: pb.ReadChangesRequest, _schema: object) -> ReadChanges:
    return ReadChanges(
        db=m.db_name,
        collection=m.collection_name,
        position=m.position,
        filter=m.expr,
        filter_params=read_templates(m.expr_template_values),
        output_fields=tuple(m.output_fields),
        time_zone=m.timezone,
        seen=_read_seen(m.seen),
    )


def _read_seen(numbers: Sequence[int]) -> tuple[int, int, int] | None:
    if not numbers:
        return None
    if len(numbers) != 3:
        raise ParamError(message=f"seen has {len(numbers)} numbers, expected 3: invalid parameter")
    first, second, third = numbers
    return first, second, third


def _write_reply(found: ChangesRead, op: ReadChanges, _schema: object) -> pb.ReadChangesResponse:
    return pb.ReadChangesResponse(
        status=success(),
        parts=[_write_part(part, op) for part in found.parts],
        position=str(found.position),
        seen=found.seen or (),
    )


def _write_part(part: ChangePart, op: ReadChanges) -> pb.ConsecutiveChanges:
    message = pb.ConsecutiveChanges(
        kind=part.kind,
        partition_name=part.partition,
        log=part.log,
        offsets=part.offsets.tolist(),
        told=part.told.tolist(),
        timestamps=part.timestamps.tolist(),
        passing=() if part.passing is None else part.passing.tolist(),
    )
    if part.keys is not None:
        write_keys(message.keys, part.keys)
    if part.rows is not None:
        schema = part.rows.schema
        zone = schema.time_zone or "UTC"
        message.rows = write_rows(part.rows, op.collection, schema.primary.name, zone)
    return message


def _read_reply(m: pb.ReadChangesResponse, op: ReadChanges, schema: Schema) -> ChangesRead:
    zoned = schema.in_zone(op.time_zone)
    return ChangesRead(
        parts=tuple(_read_part(part, zoned) for part in m.parts),
        position=ChangePosition.parse(m.position),
        seen=_read_seen(m.seen),
    )


def _read_part(m: pb.ConsecutiveChanges, schema: Schema) -> ChangePart:
    kind = _KINDS.get(m.kind)
    if kind is None:
        raise MilvusException(message=f"the server tells a change of the unknown kind {m.kind!r}")
    return ChangePart(
        kind=kind,
        partition=m.partition_name,
        log=m.log,
        offsets=np.array(m.offsets, np.int64),
        told=np.array(m.told, np.int64),
        timestamps=np.array(m.timestamps, np.int64),
        keys=read_keys(m.keys) if m.HasField("keys") else None,
        passing=np.array(m.passing, np.bool_) if m.passing else None,
        rows=read_rows(parse(pb.QueryResults, m.rows), schema) if m.rows else None,
    )


ROUTES = (
    Route(
        operation=ReadChanges,
        name="ReadChanges",
        request=_write_request,
        read_request=_read_request,
        reply=_write_reply,
        read_reply=_read_reply,
        repeatable=True,
        needs_schema=True,
    ),
)
