"""Arithmetic with vectors so long that their products are beyond float32.

Such distances are infinite, or not a number where two infinities meet: these rows come last, or
first, as they should. numpy would warn each time, on the user's error stream.
"""

from __future__ import annotations

import numpy as np


def without_warnings() -> np.errstate:
    """Return a context in which floats overflow to infinity in silence."""
    return np.errstate(over="ignore", invalid="ignore")
