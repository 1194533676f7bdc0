"""Loading modules of compiled kernels, which take seconds to make the first time on a machine.

numba holds the GIL while it compiles, and so would hold up an event loop for all that time. The
first time they are made in a process beside, with lower priority, which leaves them in numba's
cache; from there they load in a fraction of a second. Where numba can't cache beside the source,
or there is no Python to start, they are compiled in this process.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

_PATIENCE = 300.0
"""Seconds after which a process that makes kernels is given up."""
_MAKE = (
    "import json, os, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "os.nice(5) if hasattr(os, 'nice') else None; __import__(sys.argv[2])"
)

_lock = threading.Lock()
_making = threading.Lock()
_loading: dict[str, Future[Any]] = {}


def start_loading(name: str) -> Future[Any]:
    """Return the future module `name`, which compiles with numba as it is imported.

    Loading starts with the first call, in a thread of its own. The module is None where numba is
    not installed.
    """
    with _lock:
        future = _loading.get(name)
        if future is not None:
            return future
        future = _loading[name] = Future()
    if importlib.util.find_spec("numba") is None:
        future.set_result(None)
    else:
        # The interpreter need not wait for the process beside, but it has to for an import.
        threading.Thread(
            target=_prepare, args=(name, future), name="aiomilvus-kernels", daemon=True
        ).start()
    return future


def start_making(name: str) -> None:
    """See that module `name` is in the cache once it is wanted, without loading it here."""
    if name not in _loading and importlib.util.find_spec("numba") is not None:
        threading.Thread(target=_make, args=(name,), name="aiomilvus-kernels", daemon=True).start()


def _make(name: str) -> None:
    source = Path(str(getattr(importlib.util.find_spec(name), "origin", "")))
    with _making:
        if not _is_made(source):
            _make_beside(name, source)


def _prepare(name: str, future: Future[Any]) -> None:
    try:
        _make(name)
        threading.Thread(target=_load, args=(name, future), name="aiomilvus-kernels").start()
    except BaseException as error:
        future.set_exception(error)
        raise


def _load(name: str, future: Future[Any]) -> None:
    try:
        future.set_result(importlib.import_module(name))
    except BaseException as error:
        future.set_exception(error)
        raise


def _cache_of(source: Path) -> Path:
    """Return the folder in which numba keeps what it made of a source file."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    return Path(given) if given else source.parent / "__pycache__"


def _is_made(source: Path) -> bool:
    """Return whether kernels were made of a source file as it is.

    A wrong yes is no harm: numba finds out by itself and compiles.
    """
    changed = source.stat().st_mtime
    made = _cache_of(source).rglob(f"{source.stem}.*.nbi")
    return any(index.stat().st_mtime >= changed for index in made)


def _make_beside(name: str, source: Path) -> None:
    """Import the module in a Python process, for the sake of what it leaves in the cache.

    It may fail as it likes: what is not in the cache is compiled here, and fails here.
    """
    cache = _cache_of(source)
    writable = next((at for at in (cache, *cache.parents) if at.exists()), cache)
    is_python = Path(sys.executable or "").name.startswith(("python", "pypy"))
    if not is_python or not os.access(writable, os.W_OK):
        return
    paths = json.dumps([str(Path(path).absolute()) for path in sys.path])
    process = subprocess.Popen(  # noqa: S603 - this interpreter, a module of this package
        [sys.executable, "-c", _MAKE, paths, name],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _forget() -> None:
    """Start anew in a forked child, which has none of the threads; what is loaded stays."""
    global _lock, _making
    _lock, _making = threading.Lock(), threading.Lock()
    for name in [name for name, future in _loading.items() if not future.done()]:
        del _loading[name]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
