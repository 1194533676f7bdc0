"""Loading large libraries while other threads go on: an event loop among them.

Python holds its interpreter while the system maps and links a shared object, tens of milliseconds
for a large one, and while its collector looks through all that exists, which loading many modules
sets off. So shared objects are mapped before, by a call that lets the interpreter go, and the
collector pauses.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import socket
import sys
from pathlib import Path
from typing import Any

from aiomilvus.collector import is_loaded, uncollected

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
    if is_loaded(name):
        return sys.modules[name]
    for each in shared:
        _map(each)
    with uncollected(name):
        return importlib.import_module(name)


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


def machine_name() -> str:
    """Return a name of this machine that changes with each start of it, where it tells one."""
    try:
        return _BOOT.read_text("ascii").strip()
    except OSError:
        return socket.gethostname()
