"""Keyword options of searches and queries → fields of their operations, and what else is told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiomilvus.client.arguments import check_limit, check_mapping, check_text, given_text, shown
from aiomilvus.client.inputs.aggregation import SearchAggregation
from aiomilvus.client.inputs.schema.functions import LexicalHighlighter, SemanticHighlighter
from aiomilvus.client.options import consistency
from aiomilvus.client.requests.order import order_by
from aiomilvus.client.timestamps import mkts_from_datetime
from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXTRA = ("hints", "page_retain_order", "time_fields", "reduce_stop_for_best")


def common_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what searches and queries share."""
    common: dict[str, Any] = {}
    for name in ("expr_params", "filter_params"):
        params = check_mapping(options.get(name), name)
        if params:
            common["filter_params"] = params
    level = options.get("consistency_level")
    if level is not None:
        common["consistency"] = consistency(level)
    common |= _moments(options)
    if options.get("ignore_growing"):
        common["ignore_growing"] = True
    namespace = given_text(options.get("namespace"), "namespace")
    if namespace is not None:
        common["namespace"] = namespace
    cluster = check_text(options.get("cluster_id"), "cluster_id")
    if cluster:
        common["cluster"] = cluster
    for name in ("timezone", "time_zone"):
        zone = check_text(options.get(name), name)
        if zone:
            common["time_zone"] = zone
    order = options.get("order_by") or options.get("order_by_fields")
    if order:
        common["order_by"] = order_by(order)
    return common


def moment_of(options: Mapping[str, object]) -> int:
    """Return the moment in the past that is to be read, 0 for the present."""
    return _moments(options).get("at", 0)


def _moments(options: Mapping[str, object]) -> dict[str, int]:
    moments: dict[str, int] = {}
    if options.get("guarantee_timestamp"):
        moments["guarantee_timestamp"] = _timestamp(options["guarantee_timestamp"])
    if options.get("at") is not None:
        moments["at"] = _moment(options["at"])
    return moments


def _moment(value: object) -> int:
    """Return the hybrid timestamp of a moment: its last, where it is a millisecond.

    Raises:
        ParamError: It is none, or a time without a zone.
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return mkts_from_datetime(value, 1.0) - 1
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    text = "should be a timestamp, as `watch` tells it, or a datetime with a time zone"
    raise ParamError(message=f"`at` value {shown(value)} is illegal, {text}")


def _timestamp(value: object) -> int:
    timestamp = check_limit(value, "guarantee_timestamp")
    if timestamp < 0:
        raise ParamError(
            message=f"`guarantee_timestamp` value {timestamp} is illegal, should not be negative"
        )
    return timestamp


def rare_options(options: Mapping[str, Any], params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the rare options, by Milvus' names."""
    if not options and (not params or "hints" not in params):
        return {}
    extra = {name: options[name] for name in _EXTRA if options.get(name) is not None}
    hints = params.get("hints") if params else None
    if not (hints is None or (isinstance(hints, str) and not hints)):
        extra["hints"] = hints
    for name in ("hints", "time_fields"):
        if name in extra:
            extra[name] = check_text(extra[name], name)
    for name in ("page_retain_order", "reduce_stop_for_best"):
        if name in extra and not isinstance(extra[name], bool):
            raise ParamError(
                message=f"wrong type for {name}, expect bool, got {shown(extra[name])}"
            )
    highlighter = options.get("highlighter")
    if highlighter is not None:
        if not isinstance(highlighter, (LexicalHighlighter, SemanticHighlighter)):
            raise ParamError(
                message=f"`highlighter` value {shown(highlighter)} is illegal, should be a "
                "LexicalHighlighter or a SemanticHighlighter"
            )
        extra["highlighter"] = {"type": int(highlighter.type), "params": highlighter.params}
    aggregation = options.get("search_aggregation")
    if aggregation is not None:
        _check_aggregation(aggregation, options)
        extra["search_aggregation"] = aggregation.to_dict()
    return extra


def _check_aggregation(aggregation: object, options: Mapping[str, object]) -> None:
    if not isinstance(aggregation, SearchAggregation):
        raise ParamError(
            message="search_aggregation must be a SearchAggregation instance, got "
            f"{type(aggregation).__name__}"
        )
    for name in ("group_by_field", "group_by_fields"):
        if options.get(name):
            raise ParamError(message=f"search_aggregation and {name} are mutually exclusive")
