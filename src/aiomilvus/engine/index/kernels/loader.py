"""Loading modules of compiled kernels, which take seconds to make the first time on a machine.

They are made in a process beside (`beside`), with lower priority, which leaves them in a file
(`store`); from there they are linked in milliseconds. One process on a machine makes them, and the
others wait for what it makes (`turns`). Only where no process can be started, they
are compiled in this one. Where that fails, as with a numba that does not suit numpy, or where the
system allows no code to be made, the log says why once and searches go on as without numba.

`aiomilvus kernels` makes them ahead.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from aiomilvus.engine.index.kernels import store
from aiomilvus.engine.index.kernels.beside import (
    NoProcessError,
    NotCompiledError,
    compile_beside,
)
from aiomilvus.engine.index.kernels.linking import check_permission, link
from aiomilvus.engine.index.kernels.making import COMPILING
from aiomilvus.engine.index.kernels.turns import turn
from aiomilvus.interpreter import is_ending
from aiomilvus.native import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import SimpleNamespace

    from aiomilvus.engine.index.kernels.calls import Compiled
    from aiomilvus.engine.index.kernels.store import Kernels

    Loading = Future[SimpleNamespace | None]

COMPILED = "compiled"
"""The `state` of kernels that are kept on this machine."""
_LOGGER = logging.getLogger(__name__)
_lock = threading.Lock()
_making = threading.Lock()
_loading: dict[str, Loading] = {}
_handed_over: dict[str, list[Compiled]] = {}
"""What was compiled and no file keeps."""
_linked: dict[str, SimpleNamespace] = {}
"""What is ready, to be found without asking a future."""
_failures: dict[str, str] = {}
"""What can't be compiled, and why: it is not tried again."""
_told: set[str] = set()
"""What the log has said why it is not there."""
_compiled_here: set[str] = set()
"""What is being compiled in this process."""
_is_cut_off = False
"""Whether this process was forked while that went on: what numba and LLVM hold stays held."""


def start_loading(kernels: Kernels) -> Loading:
    """Return the future kernels, whose attributes are `calls.Entry`.

    Loading starts with the first call, in a thread of its own. The result is None where numba is
    not installed or the kernels can't be loaded.
    """
    with _lock:
        future = _loading.get(kernels.name)
        if future is not None:
            return future
        future = _loading[kernels.name] = Future()
    obstacle = _obstacle()
    if obstacle:
        level = logging.DEBUG if obstacle in _told else logging.WARNING
        _told.add(obstacle)
        _LOGGER.log(level, "searches are slower: no kernels are loaded: %s", obstacle)
        future.set_result(None)
        return future
    try:
        # The interpreter need not wait for the process beside, but it has to for what it links.
        _in_thread(lambda: _prepare(kernels, future), daemon=True)
    except RuntimeError as error:  # the system has no more threads, or the program ends
        _fail(kernels.name, future, error)
    return future


def if_ready(kernels: Kernels) -> SimpleNamespace | None:
    """Return the kernels if they are loaded; None without numba and while they still load."""
    found = _linked.get(kernels.name)
    if found is None:
        future = start_loading(kernels)
        found = future.result() if future.done() else None
    return found


def start_making(kernels: Kernels) -> None:
    """See that the kernels are kept once they are wanted, without loading them here."""
    if kernels.name in _loading or _obstacle():
        return
    try:
        _in_thread(lambda: _make_ahead(kernels), daemon=True)
    except RuntimeError as error:
        _tell(kernels.name, error)


def make(kernels: Kernels) -> Path:
    """Return the folder that the compiled module is in, made first if it is not there yet.

    It takes some ten seconds to make, in a process beside.

    Raises:
        NotCompiledError: It can't be made, or not be kept; the message says why.
    """
    obstacle = _obstacle()
    if obstacle:
        raise NotCompiledError(obstacle)
    try:
        path, _ = _make(kernels)
    except (NoProcessError, ImportError, OSError) as error:
        raise NotCompiledError(str(error)) from error
    if path is None:
        message = "no folder can be written to: set NUMBA_CACHE_DIR to one that can be"
        raise NotCompiledError(message)
    return path.parent


def state(kernels: Kernels) -> str:
    """Return ``compiled``, ``not compiled yet``, or ``none`` and why there can't be any."""
    obstacle = _obstacle()
    if obstacle:
        return f"none: {obstacle}"
    try:
        check_permission()
        return COMPILED if store.find(store.paths_of(kernels)) else "not compiled yet"
    except (ImportError, OSError) as error:
        return f"none: {error}"


def _obstacle() -> str:
    """Return why kernels are out of the question in this process, "" if they are not."""
    if _is_cut_off:
        return "this process was forked while another thread compiled kernels"
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return "NUMBA_DISABLE_JIT keeps numba from compiling: unset it"
    if not importlib.util.find_spec("numba"):
        return "numba is not installed: `pip install numba`"
    return ""


def _make(kernels: Kernels) -> tuple[Path | None, list[Compiled]]:
    """Return the compiled functions, made first if need be, and their file, None for none.

    Raises:
        NoProcessError: They are not there, and no process can be started to make them.
        NotCompiledError: They can't be made.
        OSError: The system allows no code to be made.
    """
    with _making:
        check_permission()
        paths = store.paths_of(kernels)
        return store.find(paths) or _made_beside(kernels.name, paths)


def _made_beside(name: str, paths: list[Path]) -> tuple[Path | None, list[Compiled]]:
    """As `compile_beside`, at most once."""
    if name in _failures:
        raise NotCompiledError(_failures[name])
    if name in _handed_over:
        return None, _handed_over[name]
    try:
        path, compiled = compile_beside(name, paths)
    except NotCompiledError as error:
        _failures[name] = str(error)
        raise
    if path is None:
        _handed_over[name] = compiled
    return path, compiled


def _make_ahead(kernels: Kernels) -> None:
    try:
        _make(kernels)
    except NoProcessError as error:
        _LOGGER.info("kernels are not made ahead: %s", error)
    except Exception as error:  # noqa: BLE001 - told
        _tell(kernels.name, error)


def _prepare(kernels: Kernels, future: Loading) -> None:
    try:
        compiled: list[Compiled] | None
        try:
            _, compiled = _make(kernels)
        except NoProcessError as error:
            _LOGGER.info("kernels are compiled in this process: %s", error)
            compiled = None
        _in_thread(lambda: _load(kernels, compiled, future), daemon=False)
    except BaseException as error:  # noqa: BLE001 - told, or raised again
        _fail(kernels.name, future, error)


def _load(kernels: Kernels, compiled: list[Compiled] | None, future: Loading) -> None:
    try:
        made = link(_compile_here(kernels) if compiled is None else compiled)
        _linked[kernels.name] = made
        future.set_result(made)
    except BaseException as error:  # noqa: BLE001 - told, or raised again
        _fail(kernels.name, future, error)


def _compile_here(kernels: Kernels) -> list[Compiled]:
    """Compile a module in this process, and keep it for others if it can be."""
    paths = store.paths_of(kernels)
    with turn(paths):
        found = store.find(paths)
        if found is not None:
            return found[1]
        _compiled_here.add(kernels.name)
        try:
            compiling = load(COMPILING, "llvmlite/binding/libllvmlite.*")
            compiled: list[Compiled] = compiling.compile_module(kernels.name)
        finally:
            _compiled_here.discard(kernels.name)
        store.keep(paths, compiled)
        return compiled


def _fail(name: str, future: Loading, error: BaseException) -> None:
    """Let searches go on without the kernels, or end the thread with what is no mere error."""
    if not isinstance(error, Exception):
        future.set_exception(error)
        raise error
    _tell(name, error)
    future.set_result(None)


def _tell(name: str, error: Exception) -> None:
    """Say once why there are no kernels; that a program ends is no failure of theirs."""
    is_known = name in _told
    _told.add(name)
    if is_ending() or is_known:
        _LOGGER.debug("%s is not loaded: %s", name, error)
    elif isinstance(error, NotCompiledError | OSError):
        _LOGGER.warning("searches are slower: %s can't be loaded: %s", name, error)
    else:
        _LOGGER.warning("searches are slower: %s can't be loaded", name, exc_info=error)


def _in_thread(work: Callable[[], object], *, daemon: bool) -> None:
    threading.Thread(target=work, name="aiomilvus-kernels", daemon=daemon).start()


def _forget() -> None:
    """Start over in a forked child, which has none of the threads; what is loaded stays."""
    global _lock, _making, _is_cut_off  # noqa: PLW0603 - the child's own
    _lock, _making = threading.Lock(), threading.Lock()
    _is_cut_off = _is_cut_off or bool(_compiled_here)
    for name in [name for name, future in _loading.items() if not future.done()]:
        del _loading[name]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
