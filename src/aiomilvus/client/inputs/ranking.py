"""Rankers, rerank functions and function chains as an application builds them → model specs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.inputs.chains import FunctionChain, FunctionChainStage
from aiomilvus.client.inputs.schema.freeze import freeze_function
from aiomilvus.client.inputs.schema.functions import Function, FunctionScore
from aiomilvus.client.inputs.search_parts import RRFRanker, WeightedRanker
from aiomilvus.errors import ArgumentError, ParamError
from aiomilvus.model.ranking import Chains, Ranker, Rerank, Rrf, Weighted
from aiomilvus.model.types import FunctionType

if TYPE_CHECKING:
    from aiomilvus.model.schema import FunctionSpec


def ranker_spec(given: Any) -> Ranker:
    """Return the spec of a ranker, a rerank function, or a `FunctionScore` of several.

    Raises:
        ArgumentError: It is none of these.
        ParamError: A function is no rerank function.
    """
    if isinstance(given, RRFRanker):
        return Rrf(k=given.k)
    if isinstance(given, WeightedRanker):
        return Weighted(weights=tuple(map(float, given.weights)), norm_score=given.norm_score)
    if isinstance(given, Function):
        return Rerank(functions=(_rerank(given),))
    if isinstance(given, FunctionScore):
        functions = tuple(_rerank(function) for function in given.functions)
        return Rerank(functions=functions, params=dict(given.params or {}))
    raise ArgumentError(
        message=f"`ranker` of type {type(given).__name__} is illegal, should be a "
        "ranker, a rerank Function or a FunctionScore"
    )


def chain_spec(given: Any) -> Chains:
    """Return the spec of one function chain or several."""
    chains = [given] if isinstance(given, FunctionChain) else given
    if not isinstance(chains, (list, tuple)) or not all(
        isinstance(chain, FunctionChain) for chain in chains
    ):
        raise ArgumentError(
            message=f"`function_chains` of type {type(given).__name__} is illegal, should be "
            "a FunctionChain or a list of them"
        )
    if any(chain.stage is FunctionChainStage.UNSPECIFIED for chain in chains):
        raise ParamError(message="UNSPECIFIED function chain stage is not supported for search")
    return Chains(chains=tuple(chain.to_dict() for chain in chains))


def _rerank(function: Any) -> FunctionSpec:
    if not isinstance(function, Function):
        raise ArgumentError(
            message=f"`ranker` holds {function!r}, should hold rerank functions only"
        )
    if function.type is not FunctionType.RERANK:
        raise ParamError(
            message=f"function {function.name} is a {function.type.name} function, should be a "
            "RERANK one"
        )
    return freeze_function(function)
