"""Access to the compiled kernels and to threads of their own, beside all searches.

Linking them takes some 0.1 s, compiling them many seconds the first time on a machine: that pays
for processes that search more than a few times. So it begins with the tenth search, and then a
background thread makes the codes that the kernels read, unless the index' file holds them. No
search ever waits for it.
"""

from __future__ import annotations

import logging
import os
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from aiomilvus.engine.index.kernels.loader import start_loading, start_making
from aiomilvus.engine.index.kernels.store import Kernels
from aiomilvus.interpreter import is_ending

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import SimpleNamespace

KERNELS = Kernels(
    "aiomilvus.engine.index.dense.kernel_entries", ("hnsw_kernels", "kernel_arguments", "simd")
)
PATIENCE = 10
"""Searches of a process after which the kernels are loaded."""
CORES = os.cpu_count() or 1
T = TypeVar("T")
_log = logging.getLogger(__name__)


class _Background:
    """One thread that loads kernels and derives what indexes search faster by."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._loading: Future[SimpleNamespace | None] | None = None
        self._searches = 0

    def submit(self, work: Callable[[], object]) -> Future[object]:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="aiomilvus-derive")
            return self._pool.submit(work)

    def load(self) -> Future[SimpleNamespace | None]:
        loading = self._loading
        if loading is None:
            loading = self._loading = start_loading(KERNELS)
        return loading

    def loaded(self) -> SimpleNamespace | None:
        loading = self._loading
        return loading.result() if loading is not None and loading.done() else None

    def wanted(self) -> Future[SimpleNamespace | None] | None:
        """Count a search; return the kernels' future once there were enough."""
        if self._loading is not None:
            return self._loading
        self._searches += 1
        return self.load() if self._searches >= PATIENCE else None


_background = _Background()
_batch_threads: ThreadPoolExecutor | None = None


def kernels() -> SimpleNamespace | None:
    """Return the kernels' module, None without numba; wait until it is compiled or loaded."""
    return _background.load().result()


def kernels_if_wanted() -> SimpleNamespace | None:
    """Return the kernels' module when it is loaded, None without; call this once a search."""
    background = _background
    return background.loaded() if background.wanted() is not None else None


def kernels_if_loaded() -> SimpleNamespace | None:
    """Return the kernels' module if it is loaded, None without; nothing is loaded for that."""
    return _background.loaded()


def are_loaded() -> bool:
    """Return whether `kernels` would not wait; let them load if they don't yet."""
    return _background.load().done()


def make_ahead() -> None:
    """See that kernels are compiled on this machine by the time searches want them."""
    start_making(KERNELS)


def after_loading(work: Callable[[], object]) -> None:
    """Run `work` in the background's one thread, as soon as the kernels are loaded."""
    background = _background
    background.load().add_done_callback(lambda _: _run_later(background, work))


def in_background(work: Callable[[], object]) -> None:
    """Run `work` in the background's one thread, with or without kernels."""
    _run_later(_background, work)


def _run_later(background: _Background, work: Callable[[], object]) -> None:
    """Hand work to the background; it is left undone where no thread takes it any more."""
    try:
        background.submit(work)
    except RuntimeError as error:
        # What is derived makes searches faster: a program that ends does without.
        level = logging.DEBUG if is_ending() else logging.WARNING
        _log.log(level, "searches stay slower: nothing is derived: %s", error)


def side_by_side(work: Sequence[Callable[[], T]]) -> list[T]:
    """Run functions that release the GIL on all cores; return their answers in order."""
    rest = [_elsewhere(part) for part in work[1:]]
    return [work[0](), *(answer() for answer in rest)]


def _elsewhere(part: Callable[[], T]) -> Callable[[], T]:
    """Let a thread run a part; return what waits for its answer."""
    global _batch_threads  # noqa: PLW0603 - threads are started when first needed
    if _batch_threads is None:
        _batch_threads = ThreadPoolExecutor(CORES, thread_name_prefix="aiomilvus-batch")
    try:
        return _batch_threads.submit(part).result
    except RuntimeError:  # no thread takes it, as the program ends: the one that asks does it
        return part


def _forget() -> None:
    """Start over in a forked child, which has none of the threads."""
    global _background, _batch_threads  # noqa: PLW0603 - the child's own
    _background = _Background()
    _batch_threads = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
