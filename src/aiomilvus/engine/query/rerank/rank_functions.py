"""Rerank functions as they are given → checked: what boosts, how parts merge, what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from aiomilvus.engine.providers.rerankers import reranker_of
from aiomilvus.engine.query.rerank.arguments import (
    check_names,
    decoded,
    invalid,
    lowered,
    number,
    truth,
)
from aiomilvus.engine.query.rerank.decay import Decay
from aiomilvus.errors import ParamError
from aiomilvus.model.ranking import Rrf, Weighted
from aiomilvus.model.types import DataType, FunctionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.ranking import Rerank
    from aiomilvus.model.schema import Field, FunctionSpec, Schema

MAX_K = 16_384
SCORE_MODES = ("max", "sum", "avg")
_MODES = ("multiply", "sum")
_FLOATS = frozenset({DataType.FLOAT, DataType.DOUBLE})


class RandomScore(NamedTuple):
    """A number of 0 … 1 for each row, from a hash of the seed and a field's value.

    Attributes:
        field: An INT64 field; "" for the primary key.
    """

    seed: int = 0
    field: str = ""


class Boost(NamedTuple):
    """One boost: `weight`, times a random number if asked for, where `filter` holds."""

    filter: str
    weight: float
    random: RandomScore | None = None


class Boosts(NamedTuple):
    """Boosts of a search and how they combine: ``multiply`` or ``sum``.

    Attributes:
        function_mode: Combines the boosts of one row.
        boost_mode: Combines their result with the row's score.
    """

    boosts: tuple[Boost, ...]
    function_mode: str = "multiply"
    boost_mode: str = "multiply"


class DecayFunction(NamedTuple):
    """Multiply the merged score by a field's decay."""

    field: str
    decay: Decay
    score_mode: str = "max"
    norm_score: bool = False


class ModelFunction(NamedTuple):
    """Replace the score by what a model says of a query's text and a field's."""

    field: str
    queries: tuple[str, ...]
    params: dict[str, Any]


class Mmr(NamedTuple):
    """Choose hits that are near the query but not near each other, of more candidates.

    Attributes:
        field: Name of the field whose vectors are compared; "" for the one that is searched.
        diversity: 0 for relevance alone … 1 for difference alone.
        candidates: How many hits to choose from, 0 for four times as many as are wanted.
    """

    field: str
    diversity: float = 0.5
    candidates: int = 0

    def comparing(self, searched: Field | None) -> Mmr:
        """Return the same, that compares the vectors of the field that is searched by default.

        Raises:
            ParamError: There is no such field, as in a hybrid search, or its vectors can't be.
        """
        if self.field:
            return self
        if searched is None:
            invalid("rerank_builder: mmr reranker requires exactly 1 input field, got 0")
        _check_compared(searched)
        return self._replace(field=searched.name)

    def wanted(self, count: int, most: int) -> int:
        """Return how many hits to find where `count` are wanted, and `most` are allowed."""
        return max(min(self.candidates or 4 * count, most), count)


class Functions(NamedTuple):
    """What `FunctionScore` means."""

    boosts: Boosts | None
    function: Rrf | Weighted | DecayFunction | ModelFunction | Mmr | None


def read_functions(schema: Schema, given: Rerank) -> Functions:
    """Return the checked functions: any number of boosts, and one other at most.

    Raises:
        ParamError: A function or parameter is none of Milvus', or out of range.
    """
    boosts: list[Boost] = []
    others: list[Rrf | Weighted | DecayFunction | ModelFunction | Mmr] = []
    for function in given.functions:
        if function.type is not FunctionType.RERANK:
            invalid(f"function {function.name} should be a rerank function")
        params = lowered(function.params)
        kind = str(params.pop("reranker", "")).strip().lower()
        if _is_boost(kind):
            boosts.append(_boost(schema, params))
        else:
            others.append(_other(schema, function, kind, params))
    if len(others) > 1:
        invalid("rerank_builder: currently only supports one rerank function beside boosts")
    modes = lowered(given.params)
    check_names("a function score", modes, ("boost_mode", "function_mode"))
    made = Boosts(
        tuple(boosts),
        _mode(modes.get("function_mode", "multiply"), "function"),
        _mode(modes.get("boost_mode", "multiply"), "boost"),
    )
    return Functions(made if boosts else None, others[0] if others else None)


def only_boosts(given: Rerank) -> Rerank:
    """Return the boosts among rerank functions, with what says how they combine."""
    names = (str(lowered(each.params).get("reranker", "")) for each in given.functions)
    kept = (each for each, name in zip(given.functions, names, strict=True) if _is_boost(name))
    return msgspec.structs.replace(given, functions=tuple(kept))


def _is_boost(name: str) -> bool:
    return name.strip().lower() == "boost"


def _mode(value: Any, which: str) -> str:
    mode = str(value).strip().lower()
    if mode not in _MODES:
        invalid(f"unknown {which} mode: {value}, should be one of {list(_MODES)}")
    return mode


def _other(
    schema: Schema, function: FunctionSpec, kind: str, params: dict[str, Any]
) -> Rrf | Weighted | DecayFunction | ModelFunction | Mmr:
    if kind == "rrf":
        check_names("rrf", params, ("k", "weights"))
        weights = _weights(params["weights"]) if "weights" in params else None
        return Rrf(k=number(params.get("k", 60), "k"), weights=weights)
    if kind == "weighted":
        check_names("weighted", params, ("weights", "norm_score"))
        if "weights" not in params:
            invalid("rerank_builder: weighted reranker requires weights parameter")
        norm = truth(params.get("norm_score", False), "norm_score")
        return Weighted(weights=_weights(params["weights"]), norm_score=norm)
    if kind == "decay":
        return _decay(schema, function, params)
    if kind == "model":
        return _model(schema, function, params)
    if kind == "mmr":
        return _mmr(schema, function, params)
    message = f"unsupported reranker {kind}, should be rrf, weighted, decay, boost, model or mmr"
    if not kind:
        message = f"reranker name not specified: function {function.name}"
    raise ParamError(message=f"rerank_builder: {message}: invalid parameter")


def _weights(given: object) -> tuple[float, ...]:
    return tuple(number(each, "weight") for each in decoded(given, "weights", list))


def checked_rrf(ranker: Rrf, parts: int) -> Rrf:
    """Return `ranker`.

    Raises:
        ParamError: Its k is out of range, or it has weights, but not one of 0 … 1 for each of the
            `parts`.
    """
    if not 0 < ranker.k < MAX_K:
        message = f"The rank params k should be in range (0, {MAX_K}), but got {ranker.k:g}"
        raise ParamError(message=f"{message}: invalid parameter")
    if ranker.weights is not None:
        _check_weights(ranker.weights, parts)
    return ranker


def checked_weights(ranker: Weighted, parts: int) -> Weighted:
    """Return `ranker`.

    Raises:
        ParamError: It has not one weight of 0 … 1 for each of the `parts`.
    """
    _check_weights(ranker.weights, parts)
    return ranker


def _check_weights(weights: tuple[float, ...], parts: int) -> None:
    if len(weights) != parts:
        message = (
            "the length of weights param mismatch with ann search requests: invalid parameter"
            f"[expected={parts}][actual={len(weights)}]"
        )
        raise ParamError(message=message)
    for weight in weights:
        if not 0 <= weight <= 1:
            invalid(f"rank param weight should be in range [0, 1]: got {weight}")


def _boost(schema: Schema, params: Mapping[str, Any]) -> Boost:
    check_names("boost", params, ("filter", "weight", "random_score"))
    if "weight" not in params:
        invalid("must set weight params for weight scorer")
    weight = number(params["weight"], "weight")
    given = params.get("random_score")
    if given is None:
        return Boost(str(params.get("filter", "")), weight)
    random = decoded(given, "random_score", dict)
    check_names("random_score", random, ("seed", "field"))
    seed, name = random.get("seed", 0), random.get("field", "")
    if isinstance(seed, bool) or not isinstance(seed, int):
        invalid(f"random seed must be number, got {seed!r}")
    if not isinstance(name, str):
        invalid(f"random seed field name must be string, got {name!r}")
    if name and _field(schema, name).dtype is not DataType.INT64:
        kind = _field(schema, name).dtype.spelling
        invalid(f"only support int64 field as random seed, but got {kind}")
    return Boost(str(params.get("filter", "")), weight, RandomScore(seed, name))


def _field(schema: Schema, name: str) -> Field:
    field = schema.by_name.get(name)
    if field is None:
        invalid(f"rerank_builder: input field {name} not found in collection schema")
    return field


def _one_input(schema: Schema, function: FunctionSpec, kind: str) -> Field:
    if len(function.inputs) != 1:
        told = f"requires exactly 1 input field, got {len(function.inputs)}"
        invalid(f"rerank_builder: {kind} reranker {told}")
    return _field(schema, function.inputs[0])


def _decay(schema: Schema, function: FunctionSpec, params: Mapping[str, Any]) -> DecayFunction:
    allowed = ("function", "origin", "scale", "offset", "decay", "norm_score", "score_mode")
    check_names("decay", params, allowed)
    for name in ("function", "origin", "scale"):
        if name not in params:
            invalid(f"decay {name} not specified")
    field = _one_input(schema, function, "decay")
    if not (field.dtype.is_integer or field.dtype in _FLOATS):
        told = f"must be numeric, got {field.dtype.spelling}"
        invalid(f"rerank_builder: decay input field {field.name} {told}")
    decay = Decay(
        function=str(params["function"]).lower(),
        origin=number(params["origin"], "decay param origin"),
        scale=number(params["scale"], "decay param scale"),
        offset=number(params.get("offset", 0), "decay param offset"),
        decay=number(params.get("decay", 0.5), "decay param decay"),
    )
    decay.check()
    mode = str(params.get("score_mode", "max")).lower()
    if mode not in SCORE_MODES:
        invalid(f"unsupported score_mode: {mode}, only supports [max, sum, avg]")
    norm = truth(params.get("norm_score", False), "norm_score")
    return DecayFunction(field.name, decay, mode, norm)


def _model(schema: Schema, function: FunctionSpec, params: dict[str, Any]) -> ModelFunction:
    field = _one_input(schema, function, "model")
    if field.dtype is not DataType.VARCHAR:
        told = f"must be VarChar, got {field.dtype.spelling}"
        invalid(f"rerank_builder: model input field {field.name} {told}")
    if "queries" not in params:
        invalid("rerank_builder: rerank function missing required param: queries")
    queries = decoded(params.pop("queries"), "rerank params [queries]", list)
    if not queries or not all(isinstance(query, str) for query in queries):
        invalid("rerank_builder: rerank queries must not be empty, and be strings")
    reranker_of(params)  # refused now, not only once there are hits to ask it about
    return ModelFunction(field.name, tuple(queries), params)


def _mmr(schema: Schema, function: FunctionSpec, params: Mapping[str, object]) -> Mmr:
    check_names("mmr", params, ("diversity", "candidates"))
    name = ""
    if function.inputs:
        field = _one_input(schema, function, "mmr")
        _check_compared(field)
        name = field.name
    diversity = number(params.get("diversity", 0.5), "diversity")
    if not 0 <= diversity <= 1:
        invalid(f"mmr diversity should be in range [0, 1], got {diversity:g}")
    candidates = number(params.get("candidates", 0), "candidates")
    if candidates != int(candidates) or not 0 <= candidates <= MAX_K:
        told = f"a whole number in range [0, {MAX_K}], got {candidates:g}"
        invalid(f"mmr candidates should be {told}; 0 stands for four times the limit")
    return Mmr(name, diversity, int(candidates))


def _check_compared(field: Field) -> None:
    """Raise ParamError unless the vectors of a field can be compared with each other by MMR."""
    if not field.dtype.is_dense or field.dtype is DataType.BINARY_VECTOR:
        told = f"must hold dense vectors of numbers, got {field.dtype.spelling}"
        invalid(f"rerank_builder: mmr input field {field.name} {told}")
