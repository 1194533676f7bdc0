"""Rankers ↔ rank parameters, function scores and function chains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import ParamError
from aiomilvus.model.ranking import Chains, Rerank, Rrf, Weighted
from aiomilvus.wire.codec.chains import read_chains, write_chains
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.codec.params import read_flag, read_object
from aiomilvus.wire.codec.schema import read_function, write_function

if TYPE_CHECKING:
    from aiomilvus.wire.proto import messages as pb


def write_ranker(message: Any, ranker: Any) -> dict[str, Any]:
    """Put rerank functions or chains into a request; return what goes among its parameters."""
    if ranker is None:
        return {}
    if isinstance(ranker, Rrf):
        weighted = {} if ranker.weights is None else {"weights": list(ranker.weights)}
        return {"strategy": "rrf", "params": {"k": ranker.k, **weighted}}
    if isinstance(ranker, Weighted):
        params = {"weights": list(ranker.weights), "norm_score": ranker.norm_score}
        return {"strategy": "weighted", "params": params}
    if isinstance(ranker, Rerank):
        message.function_score.SetInParent()
        for function in ranker.functions:
            write_function(message.function_score.functions.add(), function)
        write_pairs(message.function_score.params, ranker.params)
        return {}
    if isinstance(ranker, Chains):
        write_chains(message.function_chains, ranker)
        return {}
    raise TypeError(f"{type(ranker).__name__} is no ranker")


def read_rerank(m: Any) -> Rerank | Chains | None:
    """Return the rerank functions or the function chains of a request, or None.

    Raises:
        ParamError: It has both.
    """
    if m.function_chains:
        if m.HasField("function_score"):
            raise ParamError(message="function_chains and ranker cannot be used together")
        return read_chains(m.function_chains)
    if not m.HasField("function_score"):
        return None
    return Rerank(
        functions=tuple(read_function(each) for each in m.function_score.functions),
        params=dict(read_pairs(m.function_score.params)),
    )


def read_ranker(m: pb.HybridSearchRequest, params: dict[str, str]) -> Any:
    """Return the ranker of a hybrid search; reciprocal rank fusion when it names none.

    Raises:
        ParamError: An unknown strategy, or parameters that are none of its.
    """
    rerank = read_rerank(m)
    if rerank is not None:
        return rerank
    strategy = params.get("strategy", "rrf").strip('"')
    given = read_object(params.get("params", ""), "rank params")
    if strategy == "rrf":
        weights = _weights(given["weights"]) if "weights" in given else None
        return Rrf(k=float(_number(given.get("k", 60), "k")), weights=weights)
    if strategy == "weighted":
        weights = _weights(given.get("weights"))
        return Weighted(weights=weights, norm_score=_truth(given.get("norm_score", False)))
    raise ParamError(message=f"unsupported rank type {strategy}: invalid parameter")


def _weights(given: object) -> tuple[float, ...]:
    if not isinstance(given, list):
        raise ParamError(message="rank param weights should be an array")
    return tuple(float(_number(each, "weight")) for each in given)


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        return read_flag(value)
    if not isinstance(value, bool):
        raise ParamError(message="the type of rank param norm_score should be bool")
    return value


def _number(value: Any, name: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ParamError(message=f"The type of rank param {name} should be a number")
    return value
