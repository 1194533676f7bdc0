"""The garbage collector's pause while many modules are imported.

The collector looks through all that exists, which loading many modules sets off again and again,
and no other thread runs meanwhile.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_loaded(name: str) -> bool:
    """Return whether a module was imported, to its end."""
    found = sys.modules.get(name)
    return found is not None and not getattr(found.__spec__, "_initializing", False)


class _Pause:
    """The collector's pause while threads load, which may do so at once: it ends with the last."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loading = 0
        self.is_freezing = False

    def begin(self) -> bool:
        """Begin to load; return whether the collector pauses.

        A program that has frozen objects itself, or collects by hand, is left alone.
        """
        with self.lock:
            if not self.loading and (not gc.isenabled() or gc.get_freeze_count()):
                return False
            self.loading += 1
            gc.disable()
            return True

    def end(self) -> None:
        """End to load. What was made meanwhile counts as old.

        Freezing and unfreezing moves all objects to the oldest generation in one step. It is left
        where the program has frozen some meanwhile.
        """
        with self.lock:
            if self.loading == 1:
                if not gc.get_freeze_count():
                    self.is_freezing = True
                    gc.freeze()
                    gc.unfreeze()
                    self.is_freezing = False
                gc.enable()
            self.loading = max(self.loading - 1, 0)  # 0 where an import has forked

    def begin_after_fork(self) -> None:
        """Let the collector run in a child, which has none of the threads that were loading."""
        self.lock = threading.Lock()
        if self.is_freezing:
            gc.unfreeze()
        if self.loading:
            gc.enable()
        self.loading, self.is_freezing = 0, False


_pause = _Pause()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pause.begin_after_fork)


@contextmanager
def uncollected(name: str) -> Iterator[None]:
    """Keep the collector from running while a module is imported that loads many others.

    Args:
        name: The module's name; the collector goes on if it is there already.
    """
    if is_loaded(name) or not hasattr(gc, "freeze") or not _pause.begin():
        yield
        return
    try:
        yield
    finally:
        _pause.end()
