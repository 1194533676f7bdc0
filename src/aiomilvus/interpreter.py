"""This interpreter: starting it a second time, and whether it is about to end.

A Python that is told `-c` or `-m` looks for modules in its current directory first, where a file
`json.py` that somebody has left would run. What is started here has the module path of this
process instead, which begins with the directory only if this process' own does.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

_BEGIN = (
    # Nothing but `sys`, which is no file, is imported before the path is set.
    "import sys; at = int(sys.argv[1]); sys.path[:] = sys.argv[2:at]; del sys.argv[1:at]; "
    "from {module} import main; main()"
)


def is_python() -> bool:
    """Return whether `sys.executable` is Python, and no program that has Python inside."""
    return Path(sys.executable or "").name.lower().startswith(("python", "pypy"))


def command_of(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module's `main` in a process of its own.

    Args:
        module: The module, as it is imported here.
        *arguments: What `main` finds in `sys.argv`, from 1 on.
    """
    paths = [str(Path(each).absolute()) for each in sys.path]
    begin = _BEGIN.format(module=module)
    return [sys.executable, *_flags(), "-c", begin, str(len(paths) + 2), *paths, *arguments]


def is_ending() -> bool:
    """Return whether the program is through, so that no thread or process starts any more."""
    return not threading.main_thread().is_alive()


def _flags() -> list[str]:
    """Return the options of this interpreter that decide which code runs, and how."""
    given = sys.flags
    chosen = {
        "-I": given.isolated,
        "-E": given.ignore_environment,
        "-s": given.no_user_site,
        "-S": given.no_site,
        "-B": given.dont_write_bytecode,
        "-O": given.optimize == 1,
        "-OO": given.optimize > 1,
        # Also while `site` is imported, before the path is set.
        "-P": sys.version_info >= (3, 11),
    }
    options = [option for option, is_on in chosen.items() if is_on]
    if sys.pycache_prefix is not None:
        options += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    return [*options, "-X", f"utf8={given.utf8_mode}"]
