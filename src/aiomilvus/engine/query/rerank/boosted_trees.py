"""Scores by models of XGBoost: files of the database in its binary JSON (UBJ)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from aiomilvus.engine.query.rerank.arguments import invalid
from aiomilvus.engine.text.resources import content_of
from aiomilvus.errors import ModelError, NotSupportedError
from aiomilvus.native import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from numpy.typing import NDArray

NAME = "xgboost"
MODEL = "model_resource"
"""The parameter that names the file; here it holds ``name`` and ``checksum``."""
_OUTPUTS = {"default": "value", "raw": "margin"}
_ALLOWED = (MODEL, "output")
_UNSUPPORTED = ("feature_names", "objective")
_KEPT = 8


class _Booster(Protocol):
    """What is used of XGBoost's class of that name; predictions may run in several threads."""

    def num_features(self) -> int:
        """Return how many columns the model takes."""

    def set_param(self, params: dict[str, object]) -> None:
        """Change settings."""

    def inplace_predict(
        self,
        data: NDArray[np.float32],
        *,
        predict_type: str,
        missing: float,
        validate_features: bool,
    ) -> NDArray[np.float32]:
        """Return what the model says of each row."""


def scores(
    params: Mapping[str, object], columns: list[NDArray[np.float64]], rows: int
) -> NDArray[np.float32]:
    """Return a model's score of each row.

    Args:
        params: ``model_resource`` and ``output``: ``default``, or ``raw`` for the margin.
        columns: The features in the model's order, float64 (rows,); NaN where missing.
        rows: How many.

    Raises:
        ParamError: A parameter, or the number of columns, is not the model's; or it is none.
        ModelError: The model failed.
        NotSupportedError: XGBoost is not installed.
    """
    for name in params:
        if name in _UNSUPPORTED:
            invalid(f"{NAME}: {name} is not supported")
        if name not in _ALLOWED:
            invalid(f'{NAME}: unknown parameter "{name}"')
    output = str(params.get("output") or "default")
    if output not in _OUTPUTS:
        invalid(f'{NAME}: output must be one of [default, raw], got "{output}"')
    model = params.get(MODEL)
    if not isinstance(model, dict):
        invalid(f"{NAME}: {MODEL} is required")
    booster = _booster(str(model["checksum"]), str(model["name"]))
    expected = booster.num_features()
    if expected != len(columns):
        invalid(f"{NAME}: expected {expected} feature columns, got {len(columns)}")
    if not rows:
        return np.empty(0, np.float32)
    try:
        found = booster.inplace_predict(
            np.stack(columns, axis=1).astype(np.float32),
            predict_type=_OUTPUTS[output],
            missing=float("nan"),
            validate_features=False,
        )
    except (_library().core.XGBoostError, UnicodeDecodeError) as error:
        message = f"{NAME}: model {model['name']} can't be asked: {_first_line(error)}"
        raise ModelError(message=message) from error
    if found.shape != (rows,):
        invalid(f"{NAME}: model {model['name']} has {found.size // rows} outputs a row, not one")
    return found.astype(np.float32, copy=False)


@lru_cache(maxsize=_KEPT)
def _booster(checksum: str, name: str) -> _Booster:
    content = content_of(checksum)
    if content is None:
        invalid(f"{NAME}: file resource {name} is no model in UBJ")
    library = _library()
    try:
        booster: _Booster = library.Booster(model_file=bytearray(content))
    except (library.core.XGBoostError, UnicodeDecodeError) as error:  # a message may have its bytes
        invalid(f"{NAME}: file resource {name} is no model in UBJ: {_first_line(error)}")
    booster.set_param({"nthread": 1})  # the hits of a search are few
    return booster


def _first_line(error: Exception) -> str:
    """Return what an error says, without the stack of XGBoost's that follows it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _library() -> ModuleType:
    try:
        module: ModuleType = load("xgboost", "xgboost/lib/libxgboost.*")
    except ImportError as error:
        message = "models of xgboost need that package: pip install 'aiomilvus[xgboost]'"
        raise NotSupportedError(message=message) from error
    return module
