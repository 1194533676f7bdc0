"""Access to the compiled kernels that build graphs."""

from __future__ import annotations

from concurrent.futures import wait
from time import monotonic
from typing import TYPE_CHECKING

from aiomilvus.engine.index.kernels.loader import start_loading
from aiomilvus.engine.index.kernels.store import Kernels

if TYPE_CHECKING:
    from types import SimpleNamespace

    from aiomilvus.engine.index.contract import BuildBudget

KERNELS = Kernels("aiomilvus.engine.index.graph_build.leaf_entries", ("leaf_kernels",))
_STEP = 0.1


def kernels(seconds: float, budget: BuildBudget) -> SimpleNamespace | None:
    """Return the kernels' module, None without numba or if it takes longer than `seconds`.

    Raises:
        BuildStoppedError: The work was given up meanwhile.
    """
    loading = start_loading(KERNELS)
    until = monotonic() + seconds
    while not loading.done() and monotonic() < until:
        budget.check_wanted()
        wait([loading], _STEP)
    return loading.result() if loading.done() else None
