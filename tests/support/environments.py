"""Environments for software that cannot share the one the tests run in.

Each is described by a file in ``tests/interop/environments``, requirements for pip or a package
for npm, and kept under ``.venvs/``, so that it is made once, and again when its description
changes. Tests make those that they need; ``python -m tests.support.environments`` makes all, which
is mostly waiting for downloads, while something else is done.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import SkipTest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "tests" / "interop" / "environments"
KEPT = ROOT / ".venvs"
SECONDS = 300
# Without a pip of their own, and compiled where they are imported: both take longer than the rest.
_INSTALL = ["install", "--disable-pip-version-check", "--quiet", "--prefer-binary", "--no-compile"]


@functools.cache
def python_of(name: str) -> Path:
    """Return the interpreter of the environment called `name`, made if it is not there.

    Skips the test, with pip's reason, where it can't be made. Processes that ask at the same
    time wait for the one that makes it.
    """
    requirements = REQUIREMENTS / f"{name}.txt"
    python = KEPT / name / "bin" / "python"
    with _making(name, requirements, sys.version) as folder:
        if folder is not None:
            _run(name, [sys.executable, "-m", "venv", "--without-pip", str(folder)])
            pip = [sys.executable, "-m", "pip", "--python", str(python)]
            _run(name, [*pip, *_INSTALL, "-r", str(requirements)])
    return python


@functools.cache
def modules_of(name: str) -> Path:
    """Return the folder of the npm environment called `name`, made if it is not there.

    Skips the test where there is no Node, or with npm's reason; else as `python_of`.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise SkipTest("Node and npm are not installed here")
    package = REQUIREMENTS / f"{name}.json"
    with _making(name, package, node) as folder:
        if folder is not None:
            folder.mkdir()
            shutil.copy(package, folder / "package.json")
            _run(name, [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund"])
    return KEPT / name


@contextlib.contextmanager
def _making(name: str, description: Path, tool: str) -> Iterator[Path | None]:
    """Enter with the folder that is to be made, which counts as made at the end; or with None."""
    folder = KEPT / name
    stamp = folder / "made-from"
    wanted = hashlib.sha256(description.read_bytes() + tool.encode()).hexdigest()
    KEPT.mkdir(exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            yield None
            return
        shutil.rmtree(folder, ignore_errors=True)
        yield folder
        stamp.write_text(wanted)


def _run(name: str, command: list[str]) -> None:
    """Run a step of making an environment, or skip the test with the reason."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=ROOT
        )
    except subprocess.TimeoutExpired:
        raise SkipTest(f"{name} was not installed within {SECONDS} s") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise SkipTest(f"{name} cannot be installed here: {lines[-1]}")


def make_all() -> None:
    """Make every environment; say which can't be made here, whose tests will be skipped."""
    for made, suffix in ((python_of, ".txt"), (modules_of, ".json")):
        for each in sorted(REQUIREMENTS.glob(f"*{suffix}")):
            try:
                sys.stdout.write(f"{made(each.stem)}\n")
            except SkipTest as error:
                sys.stderr.write(f"{error}\n")


if __name__ == "__main__":
    make_all()
