"""Access to the compiled kernels, which take seconds to make the first time on a machine.

Searches never wait for them: until they are ready, or where numba is not installed, `exact`
answers with the same scores.
"""

from __future__ import annotations

import importlib
import importlib.util
import threading
from concurrent.futures import Future
from typing import Any

_KERNELS = "aiomilvus.engine.index.sparse.kernels"


class _Loader:
    """Imports the kernels once, in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._future: Future[Any] | None = None

    def start(self) -> Future[Any]:
        with self._lock:
            if self._future is None:
                self._future = Future()
                threading.Thread(
                    target=self._load, args=(self._future,), name="sparse-kernels", daemon=True
                ).start()
            return self._future

    @staticmethod
    def _load(future: Future[Any]) -> None:
        if importlib.util.find_spec("numba") is None:
            future.set_result(None)
            return
        try:
            future.set_result(importlib.import_module(_KERNELS))
        except BaseException as error:
            future.set_exception(error)
            raise


_loader = _Loader()


def kernels(timeout: float | None = None) -> Any:
    """Return the kernels' module, None without numba; wait until it is compiled or loaded."""
    return _loader.start().result(timeout)


def kernels_if_ready() -> Any:
    """Return the kernels' module; None without numba or while it still loads."""
    future = _loader.start()
    return future.result() if future.done() else None
