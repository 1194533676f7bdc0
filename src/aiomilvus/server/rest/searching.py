"""``/entities/search`` and ``/entities/hybrid_search``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from aiomilvus.client.requests.vectors import query_column
from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.types import DataType
from aiomilvus.server.rest.answers import bucket_rows, hit_blocks
from aiomilvus.server.rest.body import Body, as_param
from aiomilvus.server.rest.call import Call, Reply, Route
from aiomilvus.server.rest.entities import write_consistency
from aiomilvus.server.rest.failures import MISSING, bad_json
from aiomilvus.server.rest.numbers import whole_number
from aiomilvus.server.rest.ordering import order_text
from aiomilvus.server.rest.reranking import write_aggregation, write_reranking
from aiomilvus.server.rest.rows import queries_from_json
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.codec.placeholders import write_queries
from aiomilvus.wire.codec.templates import write_templates
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from aiomilvus.model.results import SearchResult
    from aiomilvus.model.schema import Field, Schema

_DEFAULT_LIMIT = 100
_EXPRESSION = 1  # DslType: `dsl` is a filter expression
_BESIDE = ("metric_type", "ignore_growing", "hints", "analyzer_name", "timezone")
"""Keys of ``searchParams`` that are no parameters of the index."""


async def _search(call: Call) -> Reply:
    found = await call.ask("Search", await search_request(call))
    return _answered(found, numbers=call.numbers)


async def search_request(call: Call) -> Any:
    """Return the request that the body of a search asks for."""
    body = call.body
    message = pb.SearchRequest(
        db_name=call.db,
        collection_name=call.collection,
        partition_names=body.texts("partitionNames"),
        output_fields=body.texts("outputFields"),
    )
    write_consistency(message, body)
    schema = await call.schema("Search", message)
    _check_queries(body)
    params = _search_params(body.mapping("searchParams"))
    order = body.array("orderByFields")
    if order:
        if "order_by_fields" in params:
            raise ParamError(message="ambiguous parameter: order_by_fields is given twice")
        params["order_by_fields"] = order_text(order)
    own = _grouping(body)
    if body.number("offset"):
        own["offset"] = body.number("offset")
    _refuse_unlike(own, params["params"])
    params |= own
    if body.has("searchAggregation"):
        _refuse_beside_aggregation(body, params)
        write_aggregation(message.search_aggregation, body.inner("searchAggregation"))
    _write_part(message, body, schema, params)
    write_reranking(message, body)
    return message


def _check_queries(body: Body) -> None:
    data, ids = body.array("data"), body.array("ids")
    if data and ids:
        raise ParamError(message="data and ids are mutually exclusive: give one of them")
    if not data and not ids:
        raise MilvusException(
            MISSING, "missing required parameters, error: neither data nor ids is given"
        )


def _refuse_beside_aggregation(body: Body, params: dict[str, Any]) -> None:
    names = {
        "ids": bool(body.array("ids")),
        "offset": "offset" in params,
        "groupingField": bool(body.text("groupingField")),
        "groupSize": bool(body.number("groupSize")),
        "strictGroupSize": body.flag("strictGroupSize"),
        "orderByFields": "order_by_fields" in params,
    }
    given = [name for name, there in names.items() if there]
    if given:
        raise ParamError(message=f"searchAggregation and {given[0]} are mutually exclusive")


def _search_params(given: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as gRPC has them, from their flat and their nested form.

    ``metricType``, which Milvus' examples name, says nothing there; ``metric_type`` does.
    """
    flat = {name: value for name, value in given.items() if name != "params"}
    nested = given.get("params") or {}
    if not isinstance(nested, dict):
        raise ParamError(message="searchParams.params should be an object")
    for name in flat.keys() & nested.keys():
        if flat[name] != nested[name]:
            raise ParamError(message=f"ambiguous parameter: {name} is given twice, not alike")
    merged = nested | flat
    merged.pop("metricType", None)
    if "ignoreGrowing" in merged:
        merged["ignore_growing"] = merged.pop("ignoreGrowing")
    params = {name: merged.pop(name) for name in (*_BESIDE, "order_by_fields") if name in merged}
    return {**params, "params": merged}


def _refuse_unlike(own: dict[str, object], params: dict[str, object]) -> None:
    """Refuse what the body says itself and its ``searchParams`` say otherwise."""
    for name, value in own.items():
        if name in params and as_param(params[name]) != as_param(value):
            raise ParamError(
                message=f"ambiguous parameter: {name} is {as_param(params[name])} in searchParams, "
                f"but {as_param(value)} beside them"
            )


def _grouping(body: Body) -> dict[str, Any]:
    """Return how hits are grouped; sizes say nothing without a ``groupingField``, as in Milvus."""
    found: dict[str, Any] = {}
    field, size = body.text("groupingField"), body.number("groupSize")
    if field:
        found["group_by_field"] = field
    if field and size > 0:
        found["group_size"] = size
        found["strict_group_size"] = body.flag("strictGroupSize")
    return found


def _write_part(message: Any, body: Body, schema: Schema, params: dict[str, Any]) -> None:
    """Put field, filter, limit and queries into a request."""
    ids = body.array("ids")
    name = body.text("annsField")
    field = schema.searched(name) if ids and name else _searched(schema, name)
    message.dsl = body.text("filter")
    message.dsl_type = pb.DslType(_EXPRESSION)
    write_templates(message.expr_template_values, body.mapping("exprParams"))
    params = {"anns_field": field.name, **params}
    params.setdefault("topk", body.number("limit", _DEFAULT_LIMIT))
    write_pairs(message.search_params, params)
    if ids:
        _write_ids(message, schema, ids)
        return
    data = body.array("data")
    message.nq = len(data)
    message.placeholder_group = _group(field, data)


def _searched(schema: Schema, name: str) -> Field:
    if not name and len(schema.vectors) != 1:
        names = " ".join(field.name for field in schema.vectors)
        raise bad_json(
            f"search without annsField, but already found multiple vector fields: [{names}]"
        )
    try:
        return schema.searched(name)
    except MilvusException as error:
        raise bad_json(f"cannot find a vector field named: {name}: {error.message}") from None


def _group(field: Field, data: list[Any]) -> bytes:
    """Return queries as gRPC has them."""
    try:
        if field.is_function_output and all(isinstance(each, str) for each in data):
            queries = data
        else:
            queries = queries_from_json(field, data)
        return write_queries(field.vector_type, query_column(field, queries))
    except (MilvusException, TypeError, ValueError) as error:
        why = error.message if isinstance(error, MilvusException) else str(error)
        raise bad_json(why) from None


def _write_ids(message: Any, schema: Schema, given: list[Any]) -> None:
    if schema.primary.dtype is DataType.VARCHAR:
        message.ids.str_id.data.extend(str(key) for key in given)
    else:
        try:
            message.ids.int_id.data.extend(whole_number(key) for key in given)
        except ValueError as error:
            raise ParamError(message=f"primary key {error}: invalid parameter") from None
    message.nq = len(given)


async def _hybrid(call: Call) -> Reply:
    found = await call.ask("HybridSearch", await hybrid_request(call))
    return _answered(found, numbers=call.numbers)


async def hybrid_request(call: Call) -> Any:
    """Return the request that the body of a hybrid search asks for."""
    body = call.body
    parts = [Body(item, "SubSearchReq") for item in body.objects("search", required=True)]
    for name in ("searchAggregation", "functionChains"):
        if any(each.has(name) for each in (body, *parts)):
            raise ParamError(message=f"{name} is not supported for hybrid search")
    message = pb.HybridSearchRequest(
        db_name=call.db,
        collection_name=call.collection,
        partition_names=body.texts("partitionNames"),
        output_fields=body.texts("outputFields"),
    )
    write_consistency(message, body)
    schema = await call.schema("HybridSearch", message)
    for part in parts:
        _write_sub(message.requests.add(), call, part, schema)
    rerank = body.inner("rerank")
    params: dict[str, Any] = {"limit": body.number("limit", _DEFAULT_LIMIT), **_grouping(body)}
    if rerank.given:
        params["strategy"] = rerank.text("strategy")
        params["params"] = rerank.mapping("params")
    if body.number("offset"):
        params["offset"] = body.number("offset")
    write_pairs(message.rank_params, params)
    write_reranking(message, body)
    return message


def _write_sub(message: Any, call: Call, part: Body, schema: Schema) -> None:
    message.db_name = call.db
    message.collection_name = call.collection
    params = _search_params(part.mapping("params"))
    params["topk"] = part.number("limit")
    if part.number("offset"):
        params["offset"] = part.number("offset")
    part.array("data", required=True)
    _write_part(message, part, schema, params)


def _answered(found: SearchResult, *, numbers: bool) -> Reply:
    reply: Reply = {"cost": found.cost}
    if found.buckets is not None:
        primary = found.schema.primary.name
        reply["data"] = [
            {"buckets": bucket_rows(each, primary, numbers=numbers)} for each in found.buckets
        ]
        reply["aggTopks"] = [len(each) for each in found.buckets]
        return reply
    reply["data"] = partial(hit_blocks, found, numbers=numbers)
    if len(found.scores):
        reply["topks"] = (found.offsets[1:] - found.offsets[:-1]).tolist()
    if found.recalls:
        reply["recalls"] = list(found.recalls)
    return reply


ROUTES = (
    Route("/entities/search", "Search", _search),
    Route("/entities/hybrid_search", "HybridSearch", _hybrid),
    Route("/entities/advanced_search", "HybridSearch", _hybrid),
)
