"""Search and hybrid search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from aiomilvus.errors import NotSupportedError
from aiomilvus.model.operations import data as ops
from aiomilvus.model.sorting import split_names
from aiomilvus.wire.codec.buckets import read_aggregation, write_aggregation
from aiomilvus.wire.codec.hits import read_hits, write_hits
from aiomilvus.wire.codec.ids import read_keys, write_keys
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.codec.params import read_flag, read_name, read_object, read_real, read_whole
from aiomilvus.wire.codec.templates import read_templates, write_templates
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.querying import (
    guarantee,
    page_guarantee,
    read_guarantee,
    read_order,
    refuse,
    write_order,
)
from aiomilvus.wire.table.ranking import read_ranker, read_rerank, write_ranker
from aiomilvus.wire.table.route import Route
from aiomilvus.wire.table.search_cache import read_remembered, write_remembered
from aiomilvus.wire.table.writing import read_namespace

if TYPE_CHECKING:
    from aiomilvus.model.results import SearchResult
    from aiomilvus.model.schema import Schema

_EXPRESSION = 1  # DslType: `dsl` is a filter expression
_Values: TypeAlias = dict[str, Any]
_TOP_LEVEL = ("round_decimal", "offset", "group_by_field", "group_size", "strict_group_size")
_UNSUPPORTED = ("json_path", "json_type", "strict_cast")
_OWN_EXTRA = ("highlighter", "search_aggregation")


def _tuning(op: ops.Search | ops.HybridSearch) -> dict[str, Any]:
    """Return what both kinds of search have among their parameters."""
    params: dict[str, Any] = {"round_decimal": op.round_decimal}
    if op.offset:
        params["offset"] = op.offset
    if op.group_by:
        name = "group_by_field" if len(op.group_by) == 1 else "group_by_fields"
        params[name] = ",".join(op.group_by)
        params["group_size"] = op.group_size
        params["strict_group_size"] = op.strict_group_size
    if op.time_zone:
        params["timezone"] = op.time_zone
    if op.cluster:
        params["cluster_id"] = op.cluster
    return params


def _write_extra(message: pb.SearchRequest, extra: dict[str, Any]) -> dict[str, Any]:
    """Put highlighter and aggregation into a request; return what goes among its parameters."""
    if "highlighter" in extra:
        message.highlighter.type = extra["highlighter"]["type"]
        write_pairs(message.highlighter.params, extra["highlighter"]["params"])
    if "search_aggregation" in extra:
        write_aggregation(message.search_aggregation, extra["search_aggregation"])
    return {name: value for name, value in extra.items() if name not in _OWN_EXTRA}


def _write_search(op: ops.Search, schema: Schema) -> bytes:
    """Return a search as a request, or as a part of one."""
    if op.data is None:
        return _write_common(op, schema).SerializeToString()
    return write_remembered(op, schema, schema.searched(op.field), _write_common)


def _write_common(op: ops.Search, schema: Schema) -> pb.SearchRequest:
    """Write all of a search but its vectors or texts."""
    if op.iterator is None:
        recent = guarantee(op.consistency, op.guarantee_timestamp)
    else:
        recent = page_guarantee(op.consistency, op.snapshot or op.guarantee_timestamp)
    message = pb.SearchRequest(
        db_name=op.db,
        collection_name=op.collection,
        partition_names=op.partitions,
        namespace=op.namespace,
        dsl=op.filter,
        dsl_type=_EXPRESSION,
        output_fields=op.output_fields,
        **recent,
    )
    field = schema.searched(op.field)
    if op.ids is not None:
        message.nq = len(op.ids)
        write_keys(message.ids, op.ids)
    bounds = {"radius": op.radius, "range_filter": op.range_filter}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    index = {**op.params, **given}
    params: dict[str, Any] = {
        "anns_field": field.name,
        "topk": op.limit,
        "params": {name: value for name, value in index.items() if name != "analyzer_name"},
        "ignore_growing": op.ignore_growing,
        **_tuning(op),
        **_write_extra(message, op.extra),
    }
    if op.metric:
        params["metric_type"] = op.metric
    if index.get("analyzer_name"):
        params["analyzer_name"] = index["analyzer_name"]
    if op.order_by:
        params["order_by_fields"] = write_order(op.order_by)
    if op.iterator is not None:
        params.update(_write_iterator(op.iterator))
    params.update(write_ranker(message, op.ranker))
    write_pairs(message.search_params, params)
    write_templates(message.expr_template_values, op.filter_params)
    return message


def _write_iterator(state: ops.SearchIteratorState) -> dict[str, Any]:
    params: dict[str, Any] = {
        "iterator": "True",
        "search_iter_v2": "True",
        "search_iter_batch_size": state.batch_size,
    }
    if state.token:
        params["search_iter_id"] = state.token
    if state.last_bound is not None:
        params["search_iter_last_bound"] = state.last_bound
    return params


def _read_search(m: pb.SearchRequest, schema: Schema) -> ops.Search:
    if m.WhichOneof("search_input") == "ids":
        found = _read_common(m, schema)
        keys = read_keys(m.ids, as_text=schema.primary.dtype.is_string)
        return msgspec.structs.replace(found, ids=keys)
    return read_remembered(m, schema, _read_common)


def _read_common(m: pb.SearchRequest, schema: Schema) -> ops.Search:
    """Read all of a search but its vectors, texts or keys."""
    params = read_pairs(m.search_params)
    refuse(params, (*_UNSUPPORTED, "rank_group_scorer"))
    if m.sub_reqs:
        raise NotSupportedError(message="sub requests in a search: use HybridSearch")
    inner = _read_inner(params)
    bounds = {
        name: read_real(inner.pop(name, params.get(name)), name)
        for name in ("radius", "range_filter")
    }
    if params.get("analyzer_name"):
        inner.setdefault("analyzer_name", read_name(params["analyzer_name"]))
    for name in _TOP_LEVEL:
        value = inner.pop(name, None)
        if value is not None:
            params.setdefault(name, str(value))
    field = schema.searched(params.get("anns_field", ""))
    return ops.Search(
        db=m.db_name,
        collection=m.collection_name,
        partitions=tuple(m.partition_names),
        namespace=read_namespace(m),
        field=field.name,
        filter=m.dsl,
        filter_params=read_templates(m.expr_template_values),
        limit=read_whole(params, "topk", read_whole(params, "limit", 0)),
        output_fields=tuple(m.output_fields),
        metric=params.get("metric_type", "").upper(),
        order_by=read_order(params.get("order_by_fields", "")),
        ignore_growing=read_flag(params.get("ignore_growing", "")),
        iterator=_read_iterator(params),
        ranker=read_rerank(m),
        extra=_read_extra(m, params, inner),
        params=inner,
        radius=bounds["radius"],
        range_filter=bounds["range_filter"],
        **_read_tuning(params),
        **read_guarantee(m),
    )


def _read_inner(params: dict[str, str]) -> _Values:
    """Return the tuning parameters.

    Some programs give pymilvus what a search request takes, where they are `param`, and it sends
    that as one of them.
    """
    inner = read_object(params.get("params", ""), "search params")
    inner.pop("data", None)
    older = inner.pop("param", None)
    return {**older, **inner} if isinstance(older, dict) else inner


def _read_extra(m: pb.SearchRequest, params: dict[str, str], inner: _Values) -> _Values:
    extra: _Values = {}
    for name in ("hints", "time_fields"):
        if params.get(name):
            extra[name] = read_name(params[name])
    retained = inner.pop("page_retain_order", params.get("page_retain_order"))
    if retained is not None and read_flag(str(retained)):
        extra["page_retain_order"] = True
    if m.HasField("highlighter"):
        extra["highlighter"] = {
            "type": m.highlighter.type,
            "params": read_pairs(m.highlighter.params),
        }
    if m.HasField("search_aggregation"):
        extra["search_aggregation"] = read_aggregation(m.search_aggregation)
    return extra


def _read_tuning(params: dict[str, str]) -> dict[str, Any]:
    groups = read_name(params.get("group_by_field", "")) or params.get("group_by_fields", "")
    return {
        "offset": read_whole(params, "offset", 0),
        "round_decimal": read_whole(params, "round_decimal", -1),
        "group_by": tuple(name for name in split_names(groups) if name),
        "group_size": read_whole(params, "group_size", 1),
        "strict_group_size": read_flag(params.get("strict_group_size", "")),
        "time_zone": params.get("timezone", ""),
        "cluster": params.get("cluster_id", ""),
    }


def _read_iterator(params: dict[str, str]) -> ops.SearchIteratorState | None:
    if not read_flag(params.get("search_iter_v2", "")):
        return None
    bound = params.get("search_iter_last_bound")
    return ops.SearchIteratorState(
        batch_size=read_whole(params, "search_iter_batch_size", 0),
        token=params.get("search_iter_id", ""),
        last_bound=read_real(bound, "search_iter_last_bound"),
    )


def _write_hybrid(op: ops.HybridSearch, schema: Schema) -> pb.HybridSearchRequest:
    message = pb.HybridSearchRequest(
        db_name=op.db,
        collection_name=op.collection,
        partition_names=op.partitions,
        namespace=op.namespace,
        requests=[pb.SearchRequest.FromString(_write_search(part, schema)) for part in op.requests],
        output_fields=op.output_fields,
        **guarantee(op.consistency, op.guarantee_timestamp),
    )
    if "highlighter" in op.extra:
        raise NotSupportedError(
            message="the protocol has no highlighter for a hybrid search; mark each search instead"
        )
    params = {"limit": op.limit, **_tuning(op), **op.extra}
    if op.group_scorer != "max":
        params["rank_group_scorer"] = op.group_scorer
    if op.order_by:
        params["order_by_fields"] = write_order(op.order_by)
    params.update(write_ranker(message, op.ranker))
    write_pairs(message.rank_params, params)
    return message


def _read_hybrid(m: pb.HybridSearchRequest, schema: Schema) -> ops.HybridSearch:
    params = read_pairs(m.rank_params)
    refuse(params, _UNSUPPORTED)
    return ops.HybridSearch(
        db=m.db_name,
        collection=m.collection_name,
        partitions=tuple(m.partition_names),
        namespace=read_namespace(m),
        requests=tuple(_read_search(part, schema) for part in m.requests),
        ranker=read_ranker(m, params),
        group_scorer=read_name(params.get("rank_group_scorer", "")) or "max",
        order_by=read_order(params.get("order_by_fields", "")),
        limit=read_whole(params, "limit", 0),
        output_fields=tuple(m.output_fields),
        extra={"time_fields": params["time_fields"]} if params.get("time_fields") else {},
        **_read_tuning(params),
        **read_guarantee(m),
    )


def _write_hits(found: SearchResult, op: Any, _schema: object) -> bytes:
    return write_hits(found, op.collection, found.schema.time_zone or "UTC")


def _read_hits(m: pb.SearchResults, op: Any, schema: Schema) -> SearchResult:
    return read_hits(m, schema.in_zone(op.time_zone))


ROUTES = (
    Route(
        operation=ops.Search,
        name="Search",
        request=_write_search,
        read_request=_read_search,
        reply=_write_hits,
        read_reply=_read_hits,
        repeatable=True,
        needs_schema=True,
    ),
    Route(
        operation=ops.HybridSearch,
        name="HybridSearch",
        request=_write_hybrid,
        read_request=_read_hybrid,
        reply=_write_hits,
        read_reply=_read_hits,
        repeatable=True,
        needs_schema=True,
    ),
)
