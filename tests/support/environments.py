"""Virtual environments for software that cannot share the one the tests run in.

Each is described by a file of requirements in ``tests/interop/environments`` and kept under
``.venvs/``, so that it is made once; when its requirements change, it is made anew.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "tests" / "interop" / "environments"
KEPT = ROOT / ".venvs"
SECONDS = 300
_PIP = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--prefer-binary"]


@functools.cache
def python_of(name: str) -> Path:
    """Return the interpreter of the environment called `name`, made if it is not there.

    Skips the test, with pip's reason, where it can't be made. Processes that ask at the same
    time wait for the one that makes it.
    """
    requirements = REQUIREMENTS / f"{name}.txt"
    folder = KEPT / name
    python = folder / "bin" / "python"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    stamp = folder / "made-from"
    KEPT.mkdir(exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamp.exists() and stamp.read_text() == wanted):
            shutil.rmtree(folder, ignore_errors=True)
            _run(name, [sys.executable, "-m", "venv", str(folder)])
            _run(name, [str(python), *_PIP, "-r", str(requirements)])
            stamp.write_text(wanted)
    return python


def _run(name: str, command: list[str]) -> None:
    """Run a step of making an environment, or skip the test with the reason."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=ROOT
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{name} was not installed within {SECONDS} s")
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        pytest.skip(f"{name} cannot be installed here: {lines[-1]}")
