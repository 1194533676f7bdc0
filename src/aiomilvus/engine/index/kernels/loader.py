"""Loading modules of compiled kernels, which take seconds to make the first time on a machine.

numba holds the GIL while it compiles, and so would hold up an event loop for all that time. So they
are made in a process beside, with lower priority, which leaves them in a file (`store`); from there
they are linked in milliseconds. Where no file can be kept, or there is no Python to start, they are
compiled in this process. Where that fails, as with a numba that does not suit numpy, the log says
why once and searches go on as without numba.

`aiomilvus kernels` makes them ahead.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from aiomilvus.engine.index.kernels import store
from aiomilvus.engine.index.kernels.linking import link
from aiomilvus.native import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from aiomilvus.engine.index.kernels.calls import Compiled
    from aiomilvus.engine.index.kernels.store import Kernels

_PATIENCE = 300.0
"""Seconds after which a process that makes kernels is given up."""
_COMPILING = "aiomilvus.engine.index.kernels.compiling"
_MAKE = (
    "import json, os, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "os.nice(5) if hasattr(os, 'nice') else None; "
    f"import {_COMPILING} as making; making.write(*sys.argv[2:])"
)
_LOGGER = logging.getLogger(__name__)
_lock = threading.Lock()
_making = threading.Lock()
_loading: dict[str, Future[SimpleNamespace | None]] = {}


def start_loading(kernels: Kernels) -> Future[SimpleNamespace | None]:
    """Return the future kernels, whose attributes are `calls.Entry`.

    Loading starts with the first call, in a thread of its own. The result is None where numba is
    not installed or the kernels can't be loaded.
    """
    with _lock:
        future = _loading.get(kernels.name)
        if future is not None:
            return future
        future = _loading[kernels.name] = Future()
    if importlib.util.find_spec("numba") is None:
        future.set_result(None)
    else:
        # The interpreter need not wait for the process beside, but it has to for what it links.
        _in_thread(lambda: _prepare(kernels, future), daemon=True)
    return future


def start_making(kernels: Kernels) -> None:
    """See that the kernels are kept once they are wanted, without loading them here."""
    if kernels.name not in _loading and importlib.util.find_spec("numba") is not None:
        _in_thread(lambda: _make(kernels), daemon=True)


def make(kernels: Kernels) -> Path | None:
    """Return the folder that the compiled module is in, made first if it is not there yet.

    It takes some ten seconds to make, in a process beside. Returns None where it can't be kept.
    """
    made = _make(kernels)
    return None if made is None else made[0].parent


def _make(kernels: Kernels) -> tuple[Path, list[Compiled]] | None:
    """Return the compiled functions and their file, made first if need be; None if it can't be."""
    with _making:
        paths = store.paths_of(kernels)
        made = store.find(paths)
        if made is None:
            _make_beside(kernels.name, store.place_for(paths))
            made = store.find(paths)
        return made


def _prepare(kernels: Kernels, future: Future[SimpleNamespace | None]) -> None:
    try:
        made = _make(kernels)
        compiled = None if made is None else made[1]
        _in_thread(lambda: _load(kernels.name, compiled, future), daemon=False)
    except BaseException as error:  # noqa: BLE001 - told, or raised again
        _fail(kernels.name, future, error)


def _load(
    name: str, compiled: list[Compiled] | None, future: Future[SimpleNamespace | None]
) -> None:
    try:
        if compiled is None:
            compiled = load(_COMPILING, "llvmlite/binding/libllvmlite.*").compile_module(name)
        future.set_result(link(compiled))
    except BaseException as error:  # noqa: BLE001 - told, or raised again
        _fail(name, future, error)


def _fail(name: str, future: Future[SimpleNamespace | None], error: BaseException) -> None:
    """Let searches go on without the kernels, or end the thread with what is no mere error."""
    if not isinstance(error, Exception):
        future.set_exception(error)
        raise error
    _LOGGER.warning("searches are slower: %s can't be loaded", name, exc_info=error)
    future.set_result(None)


def _in_thread(work: Callable[[], object], *, daemon: bool) -> None:
    threading.Thread(target=work, name="aiomilvus-kernels", daemon=daemon).start()


def _make_beside(name: str, path: Path | None) -> None:
    """Compile a module in a Python process, for the sake of the file that it leaves.

    It may fail as it likes: what is not kept is compiled here, and fails here.
    """
    is_python = Path(sys.executable or "").name.startswith(("python", "pypy"))
    if not is_python or path is None:
        return
    paths = json.dumps([str(Path(each).absolute()) for each in sys.path])
    try:
        subprocess.run(  # noqa: S603 - this interpreter, a module of this package
            [sys.executable, "-c", _MAKE, paths, name, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _LOGGER.info("kernels are compiled in this process: %s", error)


def _forget() -> None:
    """Start over in a forked child, which has none of the threads; what is loaded stays."""
    global _lock, _making
    _lock, _making = threading.Lock(), threading.Lock()
    for name in [name for name, future in _loading.items() if not future.done()]:
        del _loading[name]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
