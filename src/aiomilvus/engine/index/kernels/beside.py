"""Compiling kernels in a process beside.

numba holds the GIL while it compiles, so that an event loop would stand still. The process keeps
what it makes in a file itself, since the program that started it may end before. Where no file can
be kept, it prints the same: that takes no disk at all. It gives itself up when it does not get on,
so that nobody has to guess how long it takes on a busy machine.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from aiomilvus.engine.index.kernels import store
from aiomilvus.engine.index.kernels.making import BUSY
from aiomilvus.engine.index.kernels.turns import turn
from aiomilvus.errors import DataCorruptedError
from aiomilvus.interpreter import command_of, is_python

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aiomilvus.engine.index.kernels.calls import Compiled

_MAKING = "aiomilvus.engine.index.kernels.making"
_TOLD = 2000
"""Characters that are passed on of what it says of a failure, the last ones."""
_SETTINGS = {"NUMBA_DISABLE_INTEL_SVML": "1"}
"""Intel's functions are in a library that numba loads, and nobody does where kernels are linked."""


class NotCompiledError(Exception):
    """Kernels are not there, and why."""


class NoProcessError(Exception):
    """No process can be started to compile in."""


def compile_beside(module: str, paths: Sequence[Path]) -> tuple[Path | None, list[Compiled]]:
    """Return a module's compiled functions, and which of the files keeps them, None for none.

    Args:
        module: Its name.
        paths: The files, the best place first.

    Raises:
        NoProcessError: No process can be started.
        NotCompiledError: It failed.
        EndingError: The program ended while another process made them.
    """
    printed = None
    while printed is None:
        with turn(paths) as has_waited:
            pass  # the process that is started takes it: it may outlive this one
        found = store.find(paths) if has_waited else None
        if found is not None:
            return found
        printed = _printed(module, paths)
    found = store.find(paths)
    if found is not None:
        return found
    try:
        return None, store.unpacked(module, printed)
    except DataCorruptedError as error:
        message = f"what the process that compiles {module} left can't be used: {error.message}"
        raise NotCompiledError(message) from error


def _printed(module: str, paths: Sequence[Path]) -> bytes | None:
    """Return what a process prints that compiles a module; None if another one does so."""
    if not is_python():
        raise NoProcessError("there is no Python to start")
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, a module of this package
            command_of(_MAKING, module, *map(str, paths)),
            # numba takes settings from a file in the current directory, which is anybody's.
            cwd=store.PACKAGE,
            env={**os.environ, **_SETTINGS},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise NoProcessError(str(error)) from error
    if done.returncode == BUSY:
        return None
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip()[-_TOLD:]
        message = f"the process that compiles {module} ended with {done.returncode}: {told}"
        raise NotCompiledError(message)
    return done.stdout
