"""Ask pyright whether every public name has a complete type.

    python -m tools.check_public_types

A user's type checker sees what `aiomilvus` exports, and the methods and attributes of those
classes. `pyright --verifytypes` says for each whether its type is known, and the same to every
type checker; one that is not is an error here. pyright would count all modules of the package,
since none is named with an underscore; this counts what ``aiomilvus.__all__`` leads to.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from typing import Any, NamedTuple

import aiomilvus
from tools import project

_COMMAND = ("-m", "pyright", "--verifytypes", "aiomilvus", "--ignoreexternal", "--outputjson")


class Report(NamedTuple):
    """How many public symbols there are, and what is incomplete about which."""

    symbols: int
    complaints: list[str]


def public_owners() -> set[str]:
    """Return the full names of the public objects, and of our classes they inherit from."""
    owners = set()
    for name in aiomilvus.__all__:
        value = getattr(aiomilvus, name)
        for part in value.__mro__ if isinstance(value, type) else (value,):
            module = getattr(part, "__module__", "")
            if module.split(".")[0] == "aiomilvus":
                owners.add(f"{module}.{part.__qualname__}")
    return owners


def report(completeness: dict[str, Any], owners: set[str]) -> Report:
    """Return what pyright found about these objects and their members.

    Args:
        completeness: ``typeCompleteness`` of pyright's JSON.
        owners: Full names of the public objects.
    """
    public = [
        symbol
        for symbol in completeness["symbols"]
        if {symbol["name"], symbol["name"].rpartition(".")[0]} & owners
    ]
    return Report(
        len(public),
        [
            f"{symbol['name']}: {_reason(symbol)}"
            for symbol in public
            if not symbol["isTypeKnown"] or symbol["isTypeAmbiguous"]
        ],
    )


def _reason(symbol: dict[str, Any]) -> str:
    messages = [each["message"].replace("\n", " ") for each in symbol["diagnostics"]]
    return "; ".join(messages) or "a part of its type is incomplete"


def run_pyright() -> dict[str, Any]:
    """Return ``typeCompleteness`` of the package, as pyright sees it.

    Raises:
        RuntimeError: pyright could not read the package.
    """
    # pyright takes the interpreter from PATH, and does not follow editable installs.
    paths = (sysconfig.get_path("scripts"), os.environ.get("PATH", ""))
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(paths),
        "PYTHONPATH": str(project.ROOT / "src"),
        "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
    }
    done = subprocess.run(
        [sys.executable, *_COMMAND],
        cwd=project.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, Any] = json.loads(done.stdout or "{}")
    if not found.get("typeCompleteness", {}).get("symbols"):
        raise RuntimeError(f"pyright saw no package: {done.stdout[:500]}{done.stderr[:500]}")
    completeness: dict[str, Any] = found["typeCompleteness"]
    return completeness


def main() -> int:
    """Print what is incomplete; return the exit status."""
    symbols, complaints = report(run_pyright(), public_owners())
    print("\n".join(complaints) or f"public types: all {symbols} are complete")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
