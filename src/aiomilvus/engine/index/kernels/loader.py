"""Loading modules of compiled kernels, which take seconds to make the first time on a machine.

numba holds the GIL while it compiles, and so would hold up an event loop for all that time. The
first time they are made in a process beside, with lower priority, which leaves them in numba's
cache; from there they load in a fraction of a second. Where numba can't cache beside the source,
or there is no Python to start, they are compiled in this process. Where that fails, as with a
numba that does not suit numpy or finds no folder to cache in, the log says why once and searches
go on as without numba.

They are kept in a folder named by NUMBA_CACHE_DIR, else in ``__pycache__`` beside the source, else
among the user's caches; `aiomilvus kernels` makes them ahead.

numba takes what it cached for good while the module's own file is the same. What was made before
a change of the other files that went into it is dropped here.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import logging
import os
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

from aiomilvus.native import load

_PATIENCE = 300.0
"""Seconds after which a process that makes kernels is given up."""
_MAKE = (
    "import json, os, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "os.nice(5) if hasattr(os, 'nice') else None; __import__(sys.argv[2])"
)


class Kernels(NamedTuple):
    """A module that compiles with numba as it is imported.

    Attributes:
        name: The module's.
        parts: Names of the modules beside it that it compiles with its own.
    """

    name: str
    parts: tuple[str, ...] = ()

    def source(self) -> Path:
        """Return the module's file."""
        return Path(str(getattr(importlib.util.find_spec(self.name), "origin", "")))


_PYTHON = f"py{sys.version_info.major}{sys.version_info.minor}"
"""What numba puts into the names of its files: each version of Python has its own."""
_LOGGER = logging.getLogger(__name__)
_lock = threading.Lock()
_making = threading.Lock()
_loading: dict[str, Future[Any]] = {}


def start_loading(kernels: Kernels) -> Future[Any]:
    """Return the future module.

    Loading starts with the first call, in a thread of its own. The module is None where numba is
    not installed or can't load it.
    """
    with _lock:
        future = _loading.get(kernels.name)
        if future is not None:
            return future
        future = _loading[kernels.name] = Future()
    if importlib.util.find_spec("numba") is None:
        future.set_result(None)
    else:
        # The interpreter need not wait for the process beside, but it has to for an import.
        threading.Thread(
            target=_prepare, args=(kernels, future), name="aiomilvus-kernels", daemon=True
        ).start()
    return future


def start_making(kernels: Kernels) -> None:
    """See that the module is in the cache once it is wanted, without loading it here."""
    if kernels.name not in _loading and importlib.util.find_spec("numba") is not None:
        threading.Thread(
            target=_make, args=(kernels,), name="aiomilvus-kernels", daemon=True
        ).start()


def make(kernels: Kernels) -> Path | None:
    """Return the folder that the compiled module is in, made first if it is not there yet.

    It takes some ten seconds to make, in a process beside. Returns None where it can't be kept.
    """
    _make(kernels)
    cache = _cache_of(kernels.source())
    return cache if _made(kernels, cache) else None


def _made(kernels: Kernels, cache: Path) -> list[Path]:
    return list(cache.glob(f"{kernels.source().stem}.*.{_PYTHON}.*nb[ic]"))


def _make(kernels: Kernels) -> None:
    source = kernels.source()
    sources = [source, *(source.with_name(f"{part}.py") for part in kernels.parts)]
    changed = max(each.stat().st_mtime for each in sources)
    with _making:
        made = _made(kernels, _cache_of(source))
        if made and all(each.stat().st_mtime >= changed for each in made):
            return
        try:
            for each in made:
                each.unlink(missing_ok=True)
        except OSError as error:
            _LOGGER.warning("kernels made of older files can't be deleted: %s", error)
        _make_beside(kernels.name, source)


def _prepare(kernels: Kernels, future: Future[Any]) -> None:
    try:
        _make(kernels)
        threading.Thread(
            target=_load, args=(kernels.name, future), name="aiomilvus-kernels"
        ).start()
    except BaseException as error:  # noqa: BLE001 - told, or raised again
        _fail(kernels.name, future, error)


def _load(name: str, future: Future[Any]) -> None:
    try:
        future.set_result(load(name, "llvmlite/binding/libllvmlite.*"))
    except BaseException as error:  # noqa: BLE001 - told, or raised again
        _fail(name, future, error)


def _fail(name: str, future: Future[Any], error: BaseException) -> None:
    """Let searches go on without the module, or end the thread with what is no mere error."""
    if not isinstance(error, Exception):
        future.set_exception(error)
        raise error
    _LOGGER.warning("searches are slower: %s can't be loaded", name, exc_info=error)
    future.set_result(None)


def _cache_of(source: Path) -> Path:
    """Return the folder in which numba keeps what it made of a source file.

    That is beside the source or, where that can't be written to, among the user's caches. There,
    and in a folder given by the environment, each folder of sources has one named as
    `numba.core.caching` does it.
    """
    given = os.environ.get("NUMBA_CACHE_DIR")
    beside = source.parent / "__pycache__"
    if not given and _is_writable(beside):
        return beside
    folder = os.path.abspath(source.parent)  # noqa: PTH100 - links are not followed
    digest = hashlib.sha1(folder.encode(), usedforsecurity=False).hexdigest()
    return Path(given or _user_caches()) / f"{source.parent.name}_{digest}"


def _user_caches() -> Path:
    """Return where numba keeps what is the user's own."""
    system: str = sys.platform  # a checker takes the rest for unreachable elsewhere
    if system == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData/Local") / "numba" / "Cache"
    if system == "darwin":
        return Path.home() / "Library" / "Caches" / "numba"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "numba"


def _is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, or in the one that it would be made in."""
    nearest = next((at for at in (folder, *folder.parents) if at.exists()), folder)
    return os.access(nearest, os.W_OK)


def _make_beside(name: str, source: Path) -> None:
    """Import the module in a Python process, for the sake of what it leaves in the cache.

    It may fail as it likes: what is not in the cache is compiled here, and fails here.
    """
    is_python = Path(sys.executable or "").name.startswith(("python", "pypy"))
    if not is_python or not _is_writable(_cache_of(source)):
        return
    paths = json.dumps([str(Path(path).absolute()) for path in sys.path])
    try:
        subprocess.run(  # noqa: S603 - this interpreter, a module of this package
            [sys.executable, "-c", _MAKE, paths, name],
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
