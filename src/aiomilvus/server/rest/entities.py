"""``/entities/…`` except for the searches: insert, upsert, delete, get, query."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.operations.data import FieldOp, Insert, Upsert
from aiomilvus.model.types import DataType
from aiomilvus.server.rest.answers import keys, query_blocks
from aiomilvus.server.rest.body import Body
from aiomilvus.server.rest.call import Call, Reply, Route
from aiomilvus.server.rest.consistency import level
from aiomilvus.server.rest.failures import BAD_ROWS, bad_key, missing
from aiomilvus.server.rest.numbers import parse_int
from aiomilvus.server.rest.ordering import order_text
from aiomilvus.server.rest.rows import batch_from_json
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.codec.templates import write_templates
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from aiomilvus.model.schema import Schema

_OPS = ("replace", "array_append", "array_remove")
_DEFAULT_LIMIT = 100
_COUNT = "count(*)"


def _rows(body: Body) -> list[Any]:
    rows = body.array("data", required=True)
    if not rows:
        raise MilvusException(
            BAD_ROWS, "fail to deal the insert data, error: missing required parameters"
        )
    return rows


async def _insert(call: Call) -> Reply:
    rows = _rows(call.body)
    message = pb.InsertRequest(
        db_name=call.db,
        collection_name=call.collection,
        partition_name=call.body.text("partitionName"),
        num_rows=len(rows),
    )

    def build(schema: Schema) -> Insert:
        return Insert(
            db=call.db,
            collection=message.collection_name,
            partition=message.partition_name,
            batch=batch_from_json(rows, schema),
        )

    found = (await call.perform("Insert", message, build)).answer
    ids = [] if found.ids is None else keys(found.ids, numbers=call.numbers)
    return {"data": {"insertCount": found.insert_count, "insertIds": ids}, "cost": found.cost}


async def _upsert(call: Call) -> Reply:
    rows = _rows(call.body)
    ops = _field_ops(call.body)
    partly = call.body.flag("partialUpdate") or bool(ops)
    message = pb.UpsertRequest(
        db_name=call.db,
        collection_name=call.collection,
        partition_name=call.body.text("partitionName"),
        num_rows=len(rows),
    )

    def build(schema: Schema) -> Upsert:
        return Upsert(
            db=call.db,
            collection=message.collection_name,
            partition=message.partition_name,
            partial=partly,
            field_ops=ops,
            batch=batch_from_json(rows, schema, upsert=True, partial=partly),
        )

    found = (await call.perform("Upsert", message, build)).answer
    ids = [] if found.ids is None else keys(found.ids, numbers=call.numbers)
    return {"data": {"upsertCount": found.upsert_count, "upsertIds": ids}, "cost": found.cost}


def _field_ops(body: Body) -> tuple[FieldOp, ...]:
    found = []
    for item in body.objects("fieldOps"):
        each = Body(item, "FieldOp")
        name = each.text("op").strip().lower()
        if name not in _OPS:
            raise ParamError(message=f"unsupported partial update op: {each.text('op')}")
        if name != "replace":
            found.append(FieldOp(field=each.text("fieldName"), op=name))
    return tuple(found)


async def _delete(call: Call) -> Reply:
    message = pb.DeleteRequest(
        db_name=call.db,
        collection_name=call.collection,
        partition_name=call.body.text("partitionName"),
        expr=call.body.text("filter", required=True),
    )
    write_templates(message.expr_template_values, call.body.mapping("exprParams"))
    found = await call.ask("Delete", message)
    return {"data": {"deleteCount": found.delete_count}}


def _query(call: Call) -> Any:
    """Return the request that queries and gets share, all but its filter."""
    body = call.body
    message = pb.QueryRequest(
        db_name=call.db,
        collection_name=call.collection,
        partition_names=body.texts("partitionNames"),
        output_fields=body.texts("outputFields") if body.has("outputFields") else ["*"],
    )
    write_consistency(message, body)
    return message


def write_consistency(message: Any, body: Body) -> None:
    """Put the consistency level into a request; without one it is the collection's own."""
    name = body.text("consistencyLevel")
    if name:
        message.consistency_level = pb.ConsistencyLevel(level(name))
    else:
        message.use_default_consistency = True


async def _run_query(call: Call) -> Reply:
    return await _answered(call, query_request(call))


def query_request(call: Call) -> Any:
    """Return the request that the body of a query asks for."""
    body, message = call.body, _query(call)
    message.expr = body.text("filter")
    write_templates(message.expr_template_values, body.mapping("exprParams"))
    params: dict[str, Any] = {}
    groups = body.texts("groupByFields")
    counts = not groups and [each.strip().lower() for each in message.output_fields] == [_COUNT]
    limit = body.number("limit", _DEFAULT_LIMIT)
    if counts:
        message.output_fields[:] = [_COUNT]
    elif limit > 0:
        params["limit"] = limit
    if body.number("offset"):
        params["offset"] = body.number("offset")
    if groups:
        params["group_by_fields"] = ",".join(groups)
    if body.array("orderByFields"):
        params["order_by_fields"] = order_text(body.array("orderByFields"))
    write_pairs(message.query_params, params)
    return message


async def _get(call: Call) -> Reply:
    given = call.body.given.get("id")
    if given is None:
        raise missing("CollectionIDReq", "id")
    message = _query(call)
    schema = await call.schema("Query", message)
    message.expr = _keys_filter(schema, given if isinstance(given, list) else [given])
    return await _answered(call, message)


def _keys_filter(schema: Schema, given: list[Any]) -> str:
    """Return the filter that lets the rows with these keys pass."""
    primary = schema.primary
    values: list[Any] = []
    for key in given:
        if type(key) not in (int, str):
            raise bad_key(f"{key!r} is neither")
        if primary.dtype is DataType.VARCHAR:
            values.append(key if isinstance(key, str) else str(key))
        else:
            values.append(_number(key))
    return f"{primary.name} in {orjson.dumps(values).decode()}"


def _number(key: int | str) -> int:
    try:
        return parse_int(key) if isinstance(key, str) else key
    except ValueError as error:
        raise bad_key(str(error)) from None


async def _answered(call: Call, message: Any) -> Reply:
    found = await call.ask("Query", message)
    return {"data": partial(query_blocks, found, numbers=call.numbers), "cost": found.cost}


ROUTES = (
    Route("/entities/insert", "Insert", _insert),
    Route("/entities/upsert", "Upsert", _upsert),
    Route("/entities/delete", "Delete", _delete),
    Route("/entities/get", "Query", _get),
    Route("/entities/query", "Query", _run_query),
)
