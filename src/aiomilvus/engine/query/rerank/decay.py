"""Decay: a factor that falls with a value's distance from an origin.

Up to `offset` from the origin the factor is 1; at `offset + scale` it is `decay`. The curves are
Milvus': ``gauss`` exp(x² ln decay / scale²), ``exp`` exp(x ln decay / scale), and ``linear``
1 - x (1 - decay) / scale, which does not fall below `decay`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from aiomilvus.engine.query.rerank.arguments import invalid

if TYPE_CHECKING:
    from numpy.typing import NDArray

CURVES = ("gauss", "exp", "linear")
_LEAST, _MOST = 0.001, 0.999  # Milvus': logarithms of others are too large or too small


class Decay(msgspec.Struct, frozen=True, kw_only=True):
    """A checked decay.

    Attributes:
        function: One of `CURVES`.
        origin: Where the factor is 1, in the field's unit.
        scale: Distance beyond `offset` at which the factor is `decay`; above 0.
        offset: Distance within which the factor stays 1; at least 0.
        decay: 0.001 … 0.999.
    """

    function: str
    origin: float
    scale: float
    offset: float = 0.0
    decay: float = 0.5

    def check(self) -> None:
        """Raise ParamError unless every value is in its range."""
        if self.function not in CURVES:
            invalid(
                f'decay: invalid function "{self.function}", must be one of [{", ".join(CURVES)}]'
            )
        if self.scale <= 0:
            invalid(f"decay: scale must be > 0, got {self.scale:f}")
        if self.offset < 0:
            invalid(f"decay: offset must be >= 0, got {self.offset:f}")
        if not 0 < self.decay < 1:
            invalid(f"decay: decay must be 0 < decay < 1, got {self.decay:f}")
        if not _LEAST <= self.decay <= _MOST:
            invalid(
                f"decay: decay must be between {_LEAST:f} and {_MOST:f} for numerical stability, "
                f"got {self.decay:f}"
            )

    def factors(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the factor of each value, float64, 0 … 1."""
        beyond = np.maximum(np.abs(values - self.origin) - self.offset, 0.0)
        if self.function == "gauss":
            found = np.exp(np.square(beyond) * math.log(self.decay) / self.scale**2)
        elif self.function == "exp":
            found = np.exp(beyond * math.log(self.decay) / self.scale)
        else:
            found = np.maximum(1.0 - beyond * (1.0 - self.decay) / self.scale, self.decay)
        factors: NDArray[np.float64] = found
        return factors
