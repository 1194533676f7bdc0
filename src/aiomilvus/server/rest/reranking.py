"""Function scores, function chains and aggregations of a search."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.ranking import Chains
from aiomilvus.server.rest.body import Body, as_params
from aiomilvus.server.rest.schema import write_function
from aiomilvus.wire.codec import buckets
from aiomilvus.wire.codec.chains import write_chains
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.proto import messages as pb

_DEEPEST = 16


def write_reranking(message: Any, body: Body) -> None:
    """Put a function score, or function chains, into a request."""
    score, chains = body.inner("functionScore"), body.objects("functionChains")
    functions = score.objects("functions")
    if functions and chains:
        raise ParamError(message="functionScore and functionChains are mutually exclusive")
    if functions:
        for item in functions:
            function = message.function_score.functions.add()
            write_function(function, Body(item, "FunctionSchema"))
        write_pairs(message.function_score.params, as_params(score.mapping("params")))
    if chains:
        given = tuple(_chain(number, item) for number, item in enumerate(chains))
        write_chains(message.function_chains, Chains(chains=given))


def _chain(number: int, item: dict[str, Any]) -> dict[str, Any]:
    try:
        chain = Body(item, "FunctionChain")
        stages = {each.name: int(each) for each in pb.FunctionChainStage}
        stage = chain.text("stage")
        if stage not in stages:
            raise ParamError(message=f"unknown stage {stage}")
        ops = [_operation(Body(each, "FunctionChainOp")) for each in chain.objects("ops")]
        return {"name": chain.text("name"), "stage": stages[stage], "ops": ops}
    except MilvusException as error:
        raise ParamError(message=f"functionChains[{number}]: {error.message}") from None


def _operation(given: Body) -> dict[str, Any]:
    found: dict[str, Any] = {
        "op": given.text("op"),
        "inputs": given.texts("inputs"),
        "outputs": given.texts("outputs"),
        "params": given.mapping("params"),
    }
    expression = given.inner("expr")
    if expression.given:
        found["expr"] = {
            "name": expression.text("name"),
            "args": [_argument(each) for each in expression.objects("args")],
            "params": expression.mapping("params"),
        }
    return found


def _argument(given: dict[str, Any]) -> dict[str, Any]:
    if len(given) != 1 or not given.keys() <= {"column", "literal"}:
        raise ParamError(message="an argument should be either a column or a literal")
    column = given.get("column")
    return {"column": column["name"]} if isinstance(column, dict) and "name" in column else given


def write_aggregation(message: Any, given: Body) -> None:
    """Put a search aggregation into an empty message."""
    buckets.write_aggregation(message, _aggregation(given, 0))


def _aggregation(given: Body, depth: int) -> dict[str, Any]:
    if depth > _DEEPEST:
        raise ParamError(message="search_aggregation nesting exceeds max 4 levels")
    if given.number("searchSize"):
        raise ParamError(message="searchSize is not supported in searchAggregation")
    found: dict[str, Any] = {
        "fields": given.texts("fields", required=True),
        "size": given.number("size", required=True),
        "metrics": {
            alias: {metric.text("op"): metric.text("fieldName")}
            for alias, metric in _inner(given.mapping("metrics"))
        },
        "order": _sorts(given.objects("order"), "key"),
    }
    if given.has("topHits"):
        top = given.inner("topHits")
        sort = _sorts(top.objects("sort"), "fieldName")
        found["top_hits"] = {"size": top.number("size"), "sort": sort}
    if given.has("subAggregation"):
        found["sub_aggregation"] = _aggregation(given.inner("subAggregation"), depth + 1)
    return found


def _inner(given: dict[str, Any]) -> list[tuple[str, Body]]:
    for alias, metric in given.items():
        if not isinstance(metric, dict):
            raise ParamError(message=f"metric {alias} should be an object")
    return [(alias, Body(metric, "Metric")) for alias, metric in given.items()]


def _sorts(given: list[dict[str, Any]], name: str) -> list[dict[str, str]]:
    read = [Body(each, "Sort") for each in given]
    return [{each.text(name): each.text("direction")} for each in read]
