"""Query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

import msgspec

from aiomilvus.errors import NotSupportedError
from aiomilvus.model.operations import data as ops
from aiomilvus.model.sorting import SortKey, split_names
from aiomilvus.model.types import DataType
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.codec.params import is_given, read_flag, read_whole
from aiomilvus.wire.codec.query_results import read_rows, write_rows
from aiomilvus.wire.codec.templates import read_templates, write_templates
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route
from aiomilvus.wire.table.writing import (
    keys_expression,
    read_keys_expression,
    read_namespace,
)

if TYPE_CHECKING:
    from aiomilvus.model.results import QueryResult
    from aiomilvus.model.schema import Schema

NO_LIMIT = -1
_LAST_KEY = "query_iter_last_pk"
_LAST_ELEMENT = "query_iter_last_element_offset"
_LEVELS = 2
"""Guarantee timestamps up to this one stand for consistency levels."""


class Recency(TypedDict, total=False):
    """The fields of a request that say how recent the data must be."""

    use_default_consistency: bool
    consistency_level: int
    guarantee_timestamp: int


def guarantee(consistency: int | None, timestamp: int) -> Recency:
    """Return the request's fields that say how recent the data must be.

    Levels other than Customized have fixed timestamps in the protocol: 0 waits for all
    writes, 1 for none, 2 for those older than the server's allowance.
    """
    if consistency is None:
        return {"use_default_consistency": True, "guarantee_timestamp": timestamp}
    fixed = {0: 0, 1: 1, 2: 2, 3: 1}
    return {
        "consistency_level": consistency,
        "guarantee_timestamp": timestamp or fixed.get(consistency, 0),
    }


def page_guarantee(consistency: int | None, timestamp: int) -> Recency:
    """Return the same for a page of an iteration.

    Args:
        consistency: The level, None for the collection's own.
        timestamp: What the first page was read at, 0 for the first page: a server reads an
            iteration's pages at the number they bring, also where that stands for a level.
    """
    fields: Recency = {"use_default_consistency": True, "guarantee_timestamp": timestamp}
    if consistency is not None:
        fields["consistency_level"] = consistency
    return fields


def read_guarantee(m: Any) -> dict[str, Any]:
    """Return the operation's fields that say how recent the data must be."""
    level = None if m.use_default_consistency else m.consistency_level
    return {"consistency": level, "guarantee_timestamp": m.guarantee_timestamp}


def write_order(order: tuple[SortKey, ...]) -> str:
    """Return sort keys as the protocol has them: ``price:desc,name:asc``."""
    return ",".join(key.text for key in order)


def read_order(text: str) -> tuple[SortKey, ...]:
    """Return the keys of ``price:desc,name``.

    Raises:
        ParamError: A direction or a place of nulls is no such word.
    """
    return tuple(SortKey.parse(part) for part in split_names(text) if part)


def _expression(op: ops.Query, schema: Schema) -> str:
    """Return the filter, with keys and the iterator's cursor as conditions."""
    conditions = [op.filter] if op.filter else []
    primary = schema.primary.name
    if op.ids is not None:
        conditions.append(keys_expression(primary, op.ids))
    if op.cursor is not None:
        comparison = ">" if op.after_element < 0 else ">="
        conditions.append(f"{primary} {comparison} {msgspec.json.encode(op.cursor).decode()}")
    if len(conditions) == 1:
        return conditions[0]
    return " and ".join(f"({condition})" for condition in conditions)


def _write_query(op: ops.Query, schema: Schema) -> Any:
    if op.iterator:
        recent = page_guarantee(op.consistency, op.snapshot or op.guarantee_timestamp)
    else:
        recent = guarantee(op.consistency, op.guarantee_timestamp)
    message = pb.QueryRequest(
        db_name=op.db,
        collection_name=op.collection,
        expr=_expression(op, schema),
        output_fields=op.output_fields or ("*",),
        partition_names=op.partitions,
        namespace=op.namespace,
        **recent,
    )
    params: dict[str, Any] = {"ignore_growing": str(op.ignore_growing), **op.extra}
    if op.iterator:
        # Without the second, a server may stop at the first rows it finds.
        params.update(iterator="True", reduce_stop_for_best="True")
    if op.after_element >= 0:
        params.update({_LAST_KEY: str(op.cursor), _LAST_ELEMENT: str(op.after_element)})
    if op.limit != NO_LIMIT:
        params["limit"] = str(op.limit)
    if op.offset:
        params["offset"] = str(op.offset)
    if op.time_zone:
        params["timezone"] = op.time_zone
    if op.cluster:
        params["cluster_id"] = op.cluster
    if op.order_by:
        params["order_by_fields"] = write_order(op.order_by)
    if op.group_by:
        params["group_by_fields"] = ",".join(op.group_by)
    write_pairs(message.query_params, params)
    write_templates(message.expr_template_values, op.filter_params)
    return message


def _read_query(m: pb.QueryRequest, schema: Schema) -> ops.Query:
    params = read_pairs(m.query_params)
    groups = params.get("group_by_fields", "")
    iterator = read_flag(params.get("iterator", ""))
    keys = None if iterator else read_keys_expression(m.expr, schema.primary)
    return ops.Query(
        db=m.db_name,
        collection=m.collection_name,
        ids=keys,
        filter=m.expr if keys is None else "",
        filter_params=read_templates(m.expr_template_values),
        output_fields=tuple(m.output_fields),
        partitions=tuple(m.partition_names),
        namespace=read_namespace(m),
        limit=_read_limit(params),
        offset=read_whole(params, "offset", 0),
        order_by=read_order(params.get("order_by_fields", "")),
        group_by=tuple(name for name in split_names(groups) if name),
        ignore_growing=read_flag(params.get("ignore_growing", "")),
        time_zone=params.get("timezone", ""),
        cluster=params.get("cluster_id", ""),
        extra={"time_fields": params["time_fields"]} if params.get("time_fields") else {},
        iterator=iterator,
        **_read_cursor(params, schema),
        snapshot=m.guarantee_timestamp if iterator and m.guarantee_timestamp > _LEVELS else 0,
        **read_guarantee(m),
    )


class _Cursor(TypedDict, total=False):
    """Where an iteration goes on within a row, as keyword arguments of a Query."""

    cursor: int | str
    after_element: int


def _read_cursor(params: dict[str, str], schema: Schema) -> _Cursor:
    """Return where an iteration goes on within a row; between rows, the filter says it."""
    if not is_given(params, _LAST_ELEMENT):
        return {}
    last = params.get(_LAST_KEY, "")
    if schema.primary.dtype is not DataType.INT64:
        return {"cursor": last, "after_element": read_whole(params, _LAST_ELEMENT, -1)}
    key = read_whole(params, _LAST_KEY, 0)
    return {"cursor": key, "after_element": read_whole(params, _LAST_ELEMENT, -1)}


def _read_limit(params: dict[str, str]) -> int:
    """Return the limit; only one that is absent stands for none."""
    if not is_given(params, "limit"):
        return NO_LIMIT
    return ops.checked_limit(read_whole(params, "limit", NO_LIMIT))


def refuse(params: dict[str, str], names: tuple[str, ...]) -> None:
    """Raise NotSupportedError for a parameter that would have to be ignored."""
    for name in names:
        if params.get(name):
            raise NotSupportedError(message=f"{name} is not supported")


def _write_rows(found: QueryResult, op: ops.Query, _schema: object) -> bytes:
    primary = next((f.name for f in found.schema.fields if f.is_primary), "")
    return write_rows(found, op.collection, primary, found.schema.time_zone or "UTC")


def _read_rows(m: pb.QueryResults, op: ops.Query, schema: Schema) -> QueryResult:
    return read_rows(m, schema.in_zone(op.time_zone))


ROUTES = (
    Route(
        operation=ops.Query,
        name="Query",
        request=_write_query,
        read_request=_read_query,
        reply=_write_rows,
        read_reply=_read_rows,
        repeatable=True,
        needs_schema=True,
    ),
)
