"""The functions that `FunctionChain.map` takes, as an application calls them (pymilvus' ``fn``)."""

from __future__ import annotations

from typing import Any

from aiomilvus.client.inputs.chains import ColumnRef, FunctionChainExpr
from aiomilvus.errors import ParamError

_MODES = ("avg", "max", "min", "multiply", "sum", "weighted")
_CURVES = ("exp", "gauss", "linear")
_OUTPUTS = ("default", "raw")


def num_combine(
    *cols: ColumnRef, mode: str = "sum", weights: list[float] | None = None
) -> FunctionChainExpr:
    """Combine two or more numeric columns.

    Args:
        *cols: Columns, made by `col`.
        mode: ``sum``, ``multiply``, ``max``, ``min``, ``avg`` or ``weighted``.
        weights: One per column, for ``weighted`` only.
    """
    if len(cols) < 2:
        raise ParamError(message="fn.num_combine requires at least two columns")
    for each in cols:
        _check(each, "fn.num_combine argument")
    _one_of(mode, _MODES, "num_combine mode")
    params: dict[str, Any] = {"mode": mode}
    if (mode == "weighted") != (weights is not None):
        given = "requires weights" if weights is None else "has no weights"
        raise ParamError(
            message=f"num_combine mode={mode!r} {given}: weights can only be used with "
            "mode='weighted'"
        )
    if weights is not None:
        if not _is_list(weights) or len(weights) != len(cols):
            raise ParamError(message="num_combine weights must be a list matching the column count")
        params["weights"] = [float(_number(weight, "num_combine weights")) for weight in weights]
    return FunctionChainExpr("num_combine", cols, params)


def decay(
    value: ColumnRef,
    *,
    function: str,
    origin: float,
    scale: float,
    offset: float = 0,
    decay: float = 0.5,
) -> FunctionChainExpr:
    """Return a factor that falls with the distance of a column's value from `origin`.

    Args:
        value: A numeric column.
        function: ``gauss``, ``exp`` or ``linear``.
        origin: Where the factor is 1.
        scale: Distance beyond `offset` at which it is `decay`.
        offset: Distance within which it stays 1.
        decay: 0.001 … 0.999.
    """
    _check(value, "fn.decay value")
    _one_of(function, _CURVES, "decay function")
    given = {"origin": origin, "scale": scale, "offset": offset, "decay": decay}
    numbers = {name: _number(each, f"decay {name}") for name, each in given.items()}
    return FunctionChainExpr("decay", (value,), {"function": function, **numbers})


def round_decimal(value: ColumnRef, *, decimal: int) -> FunctionChainExpr:
    """Round a numeric column to 0 … 6 decimals."""
    _check(value, "fn.round_decimal value")
    if type(decimal) is not int or not 0 <= decimal <= 6:
        raise ParamError(message="round_decimal decimal must be an integer in [0, 6]")
    return FunctionChainExpr("round_decimal", (value,), {"decimal": decimal})


def xgboost(
    *features: ColumnRef, model_resource: str, output: str = "default"
) -> FunctionChainExpr:
    """Score columns with an XGBoost model that a server keeps as a file resource.

    Args:
        *features: Columns, in the model's order.
        model_resource: Name of the file resource.
        output: ``default`` or ``raw``.
    """
    if not features:
        raise ParamError(message="fn.xgboost requires at least one feature column")
    for each in features:
        _check(each, "fn.xgboost feature")
    if not _is_text(model_resource):
        raise ParamError(message="xgboost model_resource must be a non-empty string")
    _one_of(output, _OUTPUTS, "xgboost output")
    params = {"model_resource": model_resource, "output": output}
    return FunctionChainExpr("xgboost", features, params)


def rerank_model(
    value: ColumnRef, *, queries: list[str], **provider_params: Any
) -> FunctionChainExpr:
    """Score a text column with a rerank model.

    Args:
        value: A text column.
        queries: One text per query of the search.
        **provider_params: ``provider``, and the provider's own.
    """
    _check(value, "fn.rerank_model value")
    if not _is_list(queries) or not queries or not all(map(_is_text, queries)):
        raise ParamError(message="rerank_model queries must be a non-empty list of strings")
    return FunctionChainExpr("rerank_model", (value,), {"queries": queries, **provider_params})


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _check(value: Any, what: str) -> None:
    if not isinstance(value, ColumnRef):
        raise ParamError(message=f"{what} must be created by col(...)")


def _one_of(value: Any, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        raise ParamError(message=f"Unsupported {what}: {value}, expected one of {list(allowed)}")


def _number(value: Any, what: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ParamError(message=f"{what} must be numeric")
    return value
