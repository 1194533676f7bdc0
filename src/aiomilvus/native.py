"""Loading large libraries while other threads go on: an event loop among them.

Python holds its interpreter while the system maps and links a shared object, tens of milliseconds
for a large one, and while its collector looks through all that exists, which loading many modules
sets off. So shared objects are mapped before, by a call that lets the interpreter go, and the
collector pauses.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import importlib.util
import os
import socket
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def load(name: str, *shared: str) -> Any:
    """Return a module, imported if it is not there yet.

    Args:
        name: Its name.
        *shared: What it maps: a package and a pattern of files in its folder, as in
            ``"faiss/_swigfaiss.*.so"``. What is not found is left to the import.

    Raises:
        ImportError: It can't be imported.
    """
    if _is_loaded(name):
        return sys.modules[name]
    for each in shared:
        _map(each)
    with uncollected(name):
        return importlib.import_module(name)


def _is_loaded(name: str) -> bool:
    found = sys.modules.get(name)
    return found is not None and not getattr(found.__spec__, "_initializing", False)


def _map(shared: str) -> None:
    """Map shared objects for good, as an import would; the interpreter is free meanwhile."""
    package, _, pattern = shared.partition("/")
    spec = importlib.util.find_spec(package)
    # Windows finds what a library needs only in the folders that its package names on import.
    if sys.platform != "win32" and spec is not None and spec.origin:
        system = ctypes.CDLL(None)
        system.dlopen.restype = ctypes.c_void_p
        for path in Path(spec.origin).parent.glob(pattern):
            system.dlopen(os.fsencode(path), ctypes.c_int(os.RTLD_NOW))


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
    if _is_loaded(name) or not hasattr(gc, "freeze") or not _pause.begin():
        yield
        return
    try:
        yield
    finally:
        _pause.end()


def machine_name() -> str:
    """Return a name of this machine that changes with each start of it, where it tells one."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return socket.gethostname()
