"""Access to the compiled kernels, which take seconds to make the first time on a machine.

Searches never wait for them: until they are ready, or where numba is not installed, `exact`
answers with the same scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.index.kernels.loader import if_ready, start_loading
from aiomilvus.engine.index.kernels.store import Kernels

if TYPE_CHECKING:
    from types import SimpleNamespace

KERNELS = Kernels(
    "aiomilvus.engine.index.sparse.kernel_entries",
    ("maxscore_kernels", "heap_kernels", "kernel_arguments"),
)


def kernels(timeout: float | None = None) -> SimpleNamespace | None:
    """Return the kernels' module, None without numba; wait until it is compiled or loaded."""
    return start_loading(KERNELS).result(timeout)


def kernels_if_ready() -> SimpleNamespace | None:
    """Return the kernels' module; None without numba or while it still loads."""
    return if_ready(KERNELS)
