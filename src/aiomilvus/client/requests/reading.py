"""Search, hybrid search and query: loose arguments → operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus.client.arguments import (
    check_limit,
    check_mapping,
    check_text,
    filter_and_params,
    names,
    shown,
)
from aiomilvus.client.inputs.ranking import chain_spec, ranker_spec
from aiomilvus.client.inputs.search_parts import AnnSearchRequest, RRFRanker, WeightedRanker
from aiomilvus.client.operation_values import with_plain_values
from aiomilvus.client.requests.order import order_by
from aiomilvus.client.requests.primary_keys import as_list, key_column
from aiomilvus.client.requests.read_options import common_options, rare_options
from aiomilvus.client.requests.vectors import query_column
from aiomilvus.errors import ArgumentError, ParamError
from aiomilvus.model.operations.data import (
    HybridSearch,
    Query,
    Search,
    SearchIteratorState,
    checked_limit,
)
from aiomilvus.model.plain import plain
from aiomilvus.model.ranking import Rrf

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from aiomilvus.expr.builder import Filter
    from aiomilvus.model.schema import Schema

# Keys of `search_params` that are no index parameters.
_NOT_INDEX_PARAMETERS = frozenset(
    {
        "data",
        "metric_type",
        "param",
        "params",
        "offset",
        "limit",
        "radius",
        "range_filter",
        "round_decimal",
        "group_by_field",
        "group_size",
        "strict_group_size",
        "ignore_growing",
        "page_retain_order",
        "anns_field",
        "topk",
        "hints",
        "order_by",
        "order_by_fields",
    }
)
_PLAIN = frozenset((bool, float, int, str))


def search(
    schema: Schema,
    db: str,
    collection: str,
    *,
    data: Any,
    ids: Any,
    filter: str | Filter,
    limit: int,
    output_fields: Sequence[str] | None,
    search_params: Mapping[str, Any] | None,
    partition_names: Sequence[str] | None,
    anns_field: str | None,
    ranker: Any,
    options: Mapping[str, Any],
    iterator: SearchIteratorState | None = None,
    snapshot: int = 0,
    shape: Hashable | None = None,
) -> Search:
    """Return the search that pymilvus' arguments mean; `shape` is theirs, if they have one.

    Raises:
        ArgumentError, ParamError, DataNotMatchException: An argument does not fit.
    """
    field = schema.searched(check_text(anns_field, "anns_field"))
    if (data is None) == (ids is None):
        both = "" if ids is None else ", not both"
        raise ParamError(message=f"Either data or ids must be provided{both}")
    keys = None if ids is None else key_column(schema, as_list(ids))
    column = None if data is None else query_column(field, data)
    common = common_options(options) if options else {}
    tuned = _tuning(search_params, options) if search_params is not None or options else {}
    expression, params = filter_and_params(filter, common.pop("filter_params", None))
    made = Search(
        db=db,
        collection=collection,
        data=column,
        ids=keys,
        field=field.name,
        filter=expression,
        filter_params=params,
        limit=check_limit(limit),
        output_fields=() if output_fields is None else names(output_fields, "output_fields"),
        partitions=() if partition_names is None else names(partition_names, "partition_names"),
        ranker=_ranker(ranker, options),
        iterator=iterator,
        snapshot=snapshot,
        shape=shape,
        extra=rare_options(options, search_params),
        **tuned,
        **common,
    )
    return with_plain_values(made)


def hybrid_search(
    schema: Schema,
    db: str,
    collection: str,
    *,
    reqs: Sequence[object],
    ranker: Any,
    limit: int,
    output_fields: Sequence[str] | None,
    partition_names: Sequence[str] | None,
    options: Mapping[str, Any],
) -> HybridSearch:
    """Return the hybrid search that pymilvus' arguments mean."""
    partitions = names(partition_names, "partition_names")
    parts = tuple(_part(schema, db, collection, request, partitions) for request in reqs)
    tuned = _search_parameters(None, options)
    common = common_options(options)
    _refuse_in_hybrid(tuned, common, options)
    made = HybridSearch(
        db=db,
        collection=collection,
        requests=parts,
        ranker=Rrf() if ranker is None else ranker_spec(ranker),
        group_scorer=check_text(options.get("rank_group_scorer"), "rank_group_scorer") or "max",
        limit=check_limit(limit),
        output_fields=names(output_fields, "output_fields"),
        partitions=partitions,
        extra=rare_options(options, None),
        **tuned,
        **common,
    )
    return with_plain_values(made)


def _refuse_in_hybrid(
    tuned: Mapping[str, object], common: dict[str, Any], options: Mapping[str, Any]
) -> None:
    """Raise ParamError for options that mean nothing for a hybrid search as a whole."""
    given = [name for name in ("params", "radius", "range_filter") if name in tuned]
    given += [name for name in ("filter_params",) if common.pop(name, None)]
    given += [name for name in ("search_aggregation", "function_chains") if options.get(name)]
    if given:
        raise ParamError(message=f"{given[0]} is not supported in hybrid_search")


def _part(
    schema: Schema,
    db: str,
    collection: str,
    request: object,
    partitions: tuple[str, ...],
) -> Search:
    if not isinstance(request, AnnSearchRequest):
        raise ArgumentError(
            message="wrong type of argument [reqs], expected type: [AnnSearchRequest], got "
            f"type: [{type(request).__name__}]"
        )
    given: object = request.expr_params
    options: dict[str, object] = {} if given is None else {"filter_params": given}
    return search(
        schema,
        db,
        collection,
        data=request.data,
        ids=None,
        filter=request.expr or "",
        limit=request.limit,
        output_fields=None,
        search_params=request.param,
        partition_names=partitions,
        anns_field=request.anns_field,
        ranker=None,
        options=options,
    )


def query(
    schema: Schema | None,
    db: str,
    collection: str,
    *,
    filter: str | Filter | None,
    ids: Any,
    output_fields: Sequence[str] | None,
    partition_names: Sequence[str] | None,
    options: Mapping[str, Any],
    cursor: int | str | None = None,
    after_element: int = -1,
    snapshot: int = 0,
    iterator: bool = False,
    shape: Hashable | None = None,
) -> Query:
    """Return the query that pymilvus' arguments mean.

    `schema` is needed for `ids` only, and so is the `shape` of the arguments, if they have one.
    """
    common = common_options(options) if options else {}
    if cursor is not None:
        cursor = _key(cursor)
    expression, params = filter_and_params(filter, common.pop("filter_params", None))
    if expression and ids is not None:
        raise ParamError(
            message="Ambiguous parameter, either ids or filter should be specified, cannot "
            "support both."
        )
    keys = None
    if ids is not None and schema is not None:
        keys = key_column(schema, as_list(ids))
    limit = options.get("limit")
    made = Query(
        db=db,
        collection=collection,
        ids=keys,
        filter=expression,
        filter_params=params,
        output_fields=names(output_fields, "output_fields"),
        partitions=names(partition_names, "partition_names"),
        limit=-1 if limit is None else checked_limit(check_limit(limit)),
        offset=check_limit(options.get("offset") or 0, "offset"),
        group_by=names(options.get("group_by_fields"), "group_by_fields"),
        cursor=cursor,
        after_element=after_element,
        snapshot=snapshot,
        iterator=iterator,
        shape=shape,
        extra=rare_options(options, None),
        **common,
    )
    return with_plain_values(made)


def _key(cursor: object) -> int | str:
    key = cursor if isinstance(cursor, list) else plain(cursor)
    if isinstance(key, (int, str)):
        return key
    raise ParamError(message=f"`cursor` value {shown(cursor)} is illegal, should be a key")


def _tuning(given: Mapping[str, Any] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tuning fields of a Search; quickly for an index' own parameters alone."""
    if (
        type(given) is dict
        and given
        and not options
        and _PLAIN.issuperset(map(type, given.values()))
    ):
        quick = _NOT_INDEX_PARAMETERS.isdisjoint(given)
        return {"params": {**given}} if quick else _search_parameters(given, options)
    return _search_parameters(given, options)


def _search_parameters(
    given: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the tuning fields of a Search: from search_params, and from keywords."""
    if given is not None and not isinstance(given, dict):
        raise ArgumentError(message=f"`search_params` value {shown(given)} is illegal")
    checked = check_mapping(given, "search_params")
    # Arrays are no truth values, which the following asks for.
    given = {
        key: value.tolist() if isinstance(value, np.ndarray) else value
        for key, value in checked.items()
    }
    # Some programs give what AnnSearchRequest takes, where tuning is `param`.
    older = check_mapping(given.get("param"), "param")
    params = {**older, **check_mapping(given.get("params"), "params")}
    for key, value in given.items():
        if key not in _NOT_INDEX_PARAMETERS:
            params.setdefault(key, value)
    merged = {**params, **given, **options}
    tuned = _whole_numbers(merged)
    if given.get("metric_type"):
        tuned["metric"] = str(plain(given["metric_type"])).upper()
    for name in ("radius", "range_filter"):
        params.pop(name, None)
        if merged.get(name) is not None:
            tuned[name] = _number(merged[name], name)
    tuned.update(_read_elsewhere(given, options))
    groups = merged.get("group_by_field") or merged.get("group_by_fields")
    if groups:
        tuned["group_by"] = names(groups, "group_by_field")
        tuned["strict_group_size"] = bool(merged.get("strict_group_size"))
    for key in ("group_by_field", "group_size", "strict_group_size", "round_decimal", "offset"):
        params.pop(key, None)
    if params:
        tuned["params"] = {key: plain(value) for key, value in params.items()}
    return tuned


def _read_elsewhere(given: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `search_params` say of options that are mostly given as keywords."""
    if given.get("offset") is not None and options.get("offset") is not None:
        raise ParamError(message="Provide offset both in kwargs and param, expect just one")
    found: dict[str, Any] = {}
    if given.get("ignore_growing") and not options.get("ignore_growing"):
        found["ignore_growing"] = True
    order = given.get("order_by") or given.get("order_by_fields")
    if order and not (options.get("order_by") or options.get("order_by_fields")):
        found["order_by"] = order_by(order)
    return found


def _whole_numbers(merged: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: check_limit(_whole(merged[name]), name)
        for name in ("offset", "round_decimal", "group_size")
        if merged.get(name) is not None
    }


def _number(value: Any, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(message=f"`{name}` value {shown(value)} is illegal") from None


def _whole(value: Any) -> Any:
    """Return numbers that come as text, as search parameters may, as int."""
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def _ranker(ranker: Any, options: Mapping[str, Any]) -> Any:
    if options and options.get("rank_group_scorer"):
        raise ParamError(message="rank_group_scorer is an option of hybrid_search only")
    chains = options.get("function_chains") if options else None
    if chains is not None:
        if ranker is not None:
            raise ParamError(message="function_chains and ranker cannot be used together")
        return chain_spec(chains)
    if isinstance(ranker, (RRFRanker, WeightedRanker)):
        raise ParamError(message="The search ranker must be a Function or FunctionScore.")
    return None if ranker is None else ranker_spec(ranker)
