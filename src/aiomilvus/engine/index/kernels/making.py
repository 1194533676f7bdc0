"""The process that makes a module's kernels, unless another one on this machine does so already.

It holds a lock beside where the code is kept, which the system frees however the process ends. It
goes on when the program that started it has ended, since others wait for what it makes.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from pathlib import Path

from aiomilvus.engine.index.kernels import store
from aiomilvus.native import load

BUSY = 75
"""What the process ends with when another one makes the same."""
COMPILING = "aiomilvus.engine.index.kernels.compiling"
_PATIENCE = 1800.0
"""Seconds without progress after which the process gives up. Progress is that the module has been
imported, which compiles most of it, and then each function. The import takes some ten seconds of a
processor, which are minutes of a machine that is busy with all else."""
_NICENESS = 5


def main() -> None:
    """Compile a module's entries: keep them in a file, or print what would be in it.

    `sys.argv` has the module's name, and the files, the best place first.
    """
    _go_on()
    if sys.platform != "win32":
        os.nice(_NICENESS)
    output, sys.stdout = sys.stdout.buffer, sys.stderr  # numba, too, may print
    module, *names = sys.argv[1:]
    paths = [Path(name) for name in names]
    try:
        store.lock(paths)  # until this process ends
    except BlockingIOError:
        sys.exit(BUSY)
    if store.find(paths) is not None:
        return
    compiled = load(COMPILING).compile_module(module, _go_on)
    if store.keep(paths, compiled) is None:
        output.write(store.packed(module, compiled))
        output.flush()


def _go_on() -> None:
    """End the process with its traceback unless this is called again in time."""
    faulthandler.dump_traceback_later(_PATIENCE, exit=True)
