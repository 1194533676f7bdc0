"""Access to the compiled kernels, which take seconds to make the first time on a machine.

Searches never wait for them: until they are ready, or where numba is not installed, `exact`
answers with the same scores.
"""

from __future__ import annotations

from typing import Any

from aiomilvus.engine.index.kernel_loader import Kernels, start_loading

KERNELS = Kernels(
    "aiomilvus.engine.index.sparse.kernels",
    ("maxscore_kernels", "heap_kernels", "kernel_arguments"),
)


def kernels(timeout: float | None = None) -> Any:
    """Return the kernels' module, None without numba; wait until it is compiled or loaded."""
    return start_loading(KERNELS).result(timeout)


def kernels_if_ready() -> Any:
    """Return the kernels' module; None without numba or while it still loads."""
    future = start_loading(KERNELS)
    return future.result() if future.done() else None
