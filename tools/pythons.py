"""Install the built wheel for each Python there is, in a new environment, and try it.

    python -m tools.pythons [--ends] [--quick] [--dist dist]

An interpreter is found as ``python3.N`` on the PATH, or among pyenv's, or runs this. In each new
environment the wheel is installed alone and `tools/smoke.py` runs, with warnings as errors; then
again beside pymilvus, where that can be installed; then the tutorial of `make demo`.
`--ends` takes the oldest and the newest Python only; `--quick` leaves out what follows the first
smoke test, and lets this Python's pip install, without compiling, which takes a third of the time;
kernels that were compiled for the sources are taken for the wheel, which has the same.
`--package FILE --python PYTHON` tries one file with one interpreter.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic

from tools.project import ROOT, settings

OLDEST, NEWEST = 10, 14
LARGEST = "380"
"""MiB that an installation may take, the bytecode that pip makes included."""
PAGE = ["--readme", str(ROOT / "README.md")]
QUIETLY = ["--disable-pip-version-check", "--quiet", "--prefer-binary"]
WARNINGS = [
    "-W", "error",
    # faiss' SWIG wrapper, on Python 3.12 and later, while it is imported
    "-W", "ignore:builtin type:DeprecationWarning",
]  # fmt: skip


def interpreters() -> dict[int, str]:
    """Return the interpreters there are, by minor version."""
    found: dict[int, str] = {}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in range(OLDEST, NEWEST + 1):
        of_pyenv = sorted(pyenv.glob(f"3.{minor}.*/bin/python"))
        candidates = [str(of_pyenv[-1])] if of_pyenv else []
        candidates += [path for path in [shutil.which(f"python3.{minor}")] if path]
        candidates += [sys.executable] if minor == sys.version_info.minor else []
        working = [path for path in candidates if works(path, minor)]
        if working:
            found[minor] = working[0]
    return found


def works(path: str, minor: int) -> bool:
    """Whether a program is that Python, and not a shim that stands for none."""
    script = f"import sys, venv; sys.exit(sys.version_info[:2] != (3, {minor}))"
    done = subprocess.run([path, "-c", script], capture_output=True, check=False)
    return done.returncode == 0


def environment(interpreter: str, folder: Path, *options: str) -> Path:
    """Make a new environment and return its Python."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([interpreter, "-m", "venv", *options, str(folder)], check=True)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


def install(python: Path, *what: str, check: bool = True) -> bool:
    """Install packages; return whether that worked."""
    command = [str(python), "-m", "pip", "install", *QUIETLY, *what]
    return (
        subprocess.run(
            command, check=check, stderr=None if check else subprocess.DEVNULL
        ).returncode
        == 0
    )


def run(python: Path, *arguments: str, folder: Path) -> None:
    """Run Python with warnings as errors, away from the sources."""
    cleaned = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    subprocess.run([str(python), *WARNINGS, *arguments], check=True, cwd=folder, env=cleaned)


def smoke(python: Path, folder: Path, *options: str) -> None:
    """Try what is installed at every door."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    run(python, str(ROOT / "tools" / "smoke.py"), *options, folder=scratch)


def try_quickly(interpreter: str, package: str, folder: Path) -> None:
    """Install a package for one interpreter with this Python's pip, and smoke-test it."""
    python = environment(interpreter, folder, "--without-pip")
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, "install", *QUIETLY, "--no-compile", package], check=True)
    smoke(python, folder, *PAGE)


def try_one(interpreter: str, package: str, folder: Path) -> None:
    """Install a package for one interpreter and try it."""
    python = environment(interpreter, folder)
    install(python, package)
    smoke(python, folder, *PAGE, "--size", LARGEST)
    if install(python, "pymilvus>=2.6", check=False):
        smoke(python, folder)
    else:
        print("pymilvus can't be installed: that door was not tried", flush=True)
    install(python, *settings()["project"]["optional-dependencies"]["examples"])
    run(python, "-m", "examples.tutorial", folder=ROOT)


def shared_kernels() -> Path:
    """Return a folder of compiled kernels, with those that the sources have.

    They are the same for each Python, as their names tell, and take longer than all else here.
    """
    folder = ROOT / ".venvs" / "kernels"
    folder.mkdir(parents=True, exist_ok=True)
    for compiled in (ROOT / "src").rglob("__pycache__/*.code"):
        shutil.copy(compiled, folder)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ends", action="store_true", help="the oldest and the newest only")
    parser.add_argument("--quick", action="store_true", help="smoke-test the package alone")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="where the wheel is")
    parser.add_argument("--package", type=Path, help="a wheel or an sdist")
    parser.add_argument("--python", default=sys.executable, help="for --package")
    options = parser.parse_args()
    if options.package:
        try_one(options.python, str(options.package.resolve()), ROOT / ".venvs" / "dist")
        return
    wheels = sorted(options.dist.glob("aiomilvus-*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        sys.exit(f"no wheel in {options.dist}: make dist")
    found = interpreters()
    for minor in sorted({*range(OLDEST, NEWEST + 1)} - found.keys()):
        print(f"Python 3.{minor}: not found here, not tried", flush=True)
    attempt = try_quickly if options.quick else try_one
    if options.quick:
        os.environ["NUMBA_CACHE_DIR"] = str(shared_kernels())
    chosen = sorted({min(found), max(found)}) if options.ends else sorted(found)
    failed = []
    for minor in chosen:
        began = monotonic()
        print(f"\n== Python 3.{minor}: {found[minor]}", flush=True)
        try:
            attempt(found[minor], str(wheels[-1].resolve()), ROOT / ".venvs" / f"python-3.{minor}")
        except subprocess.CalledProcessError as error:
            failed.append(f"Python 3.{minor}: {error}")
        else:
            print(f"== Python 3.{minor}: works, {monotonic() - began:.0f} s", flush=True)
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
