"""The functions that a chain's map operator calls: numbers combined, decayed, rounded, scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.query.rerank import boosted_trees
from aiomilvus.engine.query.rerank.arguments import check_names, decoded, invalid, number
from aiomilvus.engine.query.rerank.decay import Decay
from aiomilvus.engine.query.rerank.rescoring import model_scores, numbers
from aiomilvus.model.columns import BytesColumn, FixedColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column

_MODES = ("multiply", "sum", "max", "min", "avg", "weighted")
_NULLS = ("propagate", "as_zero", "skip")
_NEUTRAL = {"multiply": 1.0, "max": -np.inf, "min": np.inf}


class CallInput(NamedTuple):
    """What a function gets.

    Attributes:
        columns: Its arguments, a value per hit.
        names: Theirs, for messages.
        params: By Milvus' names.
        offsets: int64 (nq + 1,), the hits of each query.
    """

    columns: list[Column]
    names: list[str]
    params: dict[str, Any]
    offsets: NDArray[np.int64]


def num_combine(call: CallInput) -> FixedColumn:
    """Combine two or more numbers of a hit by a ``mode``."""
    check_names("num_combine", call.params, ("mode", "weights", "null_policy"))
    mode = str(call.params.get("mode", "multiply") or "multiply")
    policy = str(call.params.get("null_policy", "propagate"))
    if mode not in _MODES:
        invalid(f'num_combine: invalid mode "{mode}", must be one of [{", ".join(_MODES)}]')
    if policy not in _NULLS:
        invalid(f'num_combine: invalid null_policy "{policy}", must be one of {list(_NULLS)}')
    if len(call.columns) < 2:
        invalid(f"num_combine: expected at least 2 input columns, got {len(call.columns)}")
    weights = np.ones((len(call.columns), 1))
    if mode == "weighted":
        weights = _weights(call)
    pairs = [_numeric(call, at, "num_combine") for at in range(len(call.columns))]
    values, there = np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])
    if policy == "as_zero":
        values, there = np.where(there, values, 0.0), np.ones_like(there)
    present = np.where(there, values * weights, _NEUTRAL.get(mode, 0.0))
    combined = _COMBINED[mode](present, there)
    valid: NDArray[np.bool_] = np.any(there, axis=0) if policy == "skip" else np.all(there, axis=0)
    return _column(combined, valid)


def _weights(call: CallInput) -> NDArray[np.float64]:
    given = decoded(call.params.get("weights", []), "num_combine weights", list)
    if len(given) != len(call.columns):
        invalid(
            f"num_combine: weighted mode requires {len(call.columns)} weights, got {len(given)}"
        )
    return np.array([[number(weight, "num_combine weight")] for weight in given])


def _average(values: NDArray[np.float64], there: NDArray[np.bool_]) -> NDArray[np.float64]:
    average: NDArray[np.float64] = values.sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    return average


_COMBINED: dict[str, Callable[[NDArray[np.float64], NDArray[np.bool_]], NDArray[np.float64]]] = {
    "multiply": lambda values, _: values.prod(axis=0),
    "sum": lambda values, _: values.sum(axis=0),
    "max": lambda values, _: values.max(axis=0),
    "min": lambda values, _: values.min(axis=0),
    "avg": _average,
    "weighted": lambda values, _: values.sum(axis=0),
}


def decay(call: CallInput) -> FixedColumn:
    """Return the decay of a number, 0 … 1."""
    check_names("decay", call.params, ("function", "origin", "scale", "offset", "decay"))
    for name in ("function", "origin", "scale"):
        if name not in call.params:
            invalid(f"decay: missing required parameter {name}")
    made = Decay(
        function=str(call.params["function"]),
        origin=number(call.params["origin"], "decay origin"),
        scale=number(call.params["scale"], "decay scale"),
        offset=number(call.params.get("offset", 0), "decay offset"),
        decay=number(call.params.get("decay", 0.5), "decay decay"),
    )
    made.check()
    values, there = _numeric(call, _only(call, "decay"), "decay")
    return _column(made.factors(values), there)


def round_decimal(call: CallInput) -> FixedColumn:
    """Round a number to ``decimal`` places."""
    check_names("round_decimal", call.params, ("decimal",))
    decimal = call.params.get("decimal")
    if isinstance(decimal, bool) or not isinstance(decimal, int) or not 0 <= decimal <= 6:
        invalid(f"round_decimal: decimal must be in range [0, 6], got {decimal!r}")
    values, there = _numeric(call, _only(call, "round_decimal"), "round_decimal")
    return _column(np.round(values, decimal), there)


def rerank_model(call: CallInput) -> FixedColumn:
    """Return a model's score of a text and the text of its query."""
    column = call.columns[_only(call, "rerank_model")]
    if not isinstance(column, BytesColumn):
        invalid(f"rerank_model: column {call.names[0]} must be VarChar")
    params = dict(call.params)
    queries = decoded(params.pop("queries", []), "rerank_model queries", list)
    if not queries or not all(isinstance(query, str) for query in queries):
        invalid("rerank_model: queries must not be empty, and be strings")
    return FixedColumn(model_scores(queries, params, call.offsets, column))


def xgboost(call: CallInput) -> FixedColumn:
    """Return a boosted model's score of numbers; a null is a missing value."""
    features = []
    for at in range(len(call.columns)):
        values, there = _numeric(call, at, "xgboost")
        features.append(np.where(there, values, np.nan))
    rows = int(call.offsets[-1])
    return FixedColumn(boosted_trees.scores(call.params, features, rows))


FUNCTIONS: dict[str, Callable[[CallInput], FixedColumn]] = {
    "num_combine": num_combine,
    "decay": decay,
    "round_decimal": round_decimal,
    "rerank_model": rerank_model,
    boosted_trees.NAME: xgboost,
}


def _only(call: CallInput, name: str) -> int:
    """Return the place of the only argument."""
    if len(call.columns) != 1:
        invalid(f"{name}: expected 1 input column, got {len(call.columns)}")
    return 0


def _numeric(
    call: CallInput, at: int, function: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    column = call.columns[at]
    if not isinstance(column, FixedColumn) or column.values.dtype.kind == "b":
        invalid(f"{function}: column {call.names[at]}: expected numeric type")
    return numbers(column)


def _column(values: NDArray[np.float64], there: NDArray[np.bool_]) -> FixedColumn:
    """Return a float32 column as Milvus' chains make them, 0 where null."""
    single = np.where(there, values, 0.0).astype(np.float32)
    return FixedColumn(single, None if there.all() else there)
