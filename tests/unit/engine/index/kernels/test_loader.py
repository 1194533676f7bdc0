"""Loading kernels: made in a process beside, once, and loaded from numba's cache."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.index import kernel_loader

pytest.importorskip("numba")

if TYPE_CHECKING:
    from pathlib import Path

KERNELS = """
import numba
from own_part import twice

@numba.njit("int64(int64)", cache=True)
def double(x):
    return twice(x)
"""
PART = """
import numba

@numba.njit(cache=True)
def twice(x):
    return 2 * x
"""
OPEN = """
from aiomilvus.engine.index.kernel_loader import Kernels, start_loading

KERNELS = Kernels("own_kernels", ("own_part",))
first = start_loading(KERNELS)
assert start_loading(KERNELS) is first
assert first.result(120).double(21) == 42
print("loaded")
"""
CLOSED = (
    """
from numba.core import dispatcher

def nothing_compiles(self, *given):
    raise AssertionError("compiled here")

dispatcher._FunctionCompiler.compile = nothing_compiles
"""
    + OPEN
)
AHEAD = """
import pathlib, sys, time
from aiomilvus.engine.index.kernel_loader import Kernels, start_making

start_making(Kernels("own_kernels", ("own_part",)))
while not list(pathlib.Path(sys.argv[1]).rglob("own_kernels.double*.nbi")):
    time.sleep(0.01)  # as long as the caller waits
assert "own_kernels" not in sys.modules and "numba" not in sys.modules
print("made")
"""


def run(folder: Path, program: str, **environment: str) -> str:
    """Run a program on the folder's kernels in a process of its own; return what it printed."""
    paths = os.pathsep.join([str(folder), *(path for path in sys.path if path)])
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        env={**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": "", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own_kernels.py").write_text(KERNELS, encoding="utf-8")
    (tmp_path / "own_part.py").write_text(PART, encoding="utf-8")
    return tmp_path


def made(folder: Path) -> list[Path]:
    return list(folder.rglob("own_kernels.double*.nbi"))


@pytest.mark.parametrize("given", [False, True], ids=["beside the source", "given folder"])
def test_what_no_process_has_made_yet_is_compiled_in_another(folder: Path, given: bool) -> None:
    environment = {"NUMBA_CACHE_DIR": str(folder / "cache") if given else ""}
    assert run(folder, CLOSED, **environment) == "loaded\n"
    (index,) = made(folder)
    before = index.stat().st_mtime_ns
    assert run(folder, CLOSED, **environment) == "loaded\n"
    assert index.stat().st_mtime_ns == before


def test_kernels_are_made_ahead_without_loading_them(folder: Path) -> None:
    assert run(folder, AHEAD) == "made\n"
    assert run(folder, CLOSED) == "loaded\n"


def test_kernels_are_made_again_when_one_of_their_files_has_changed(folder: Path) -> None:
    (folder / "own_part.py").write_text(PART.replace("2 * x", "3 * x"), encoding="utf-8")
    assert "AssertionError" in run(folder, OPEN)
    for index in made(folder):
        os.utime(index, (1, 1))
    (folder / "own_part.py").write_text(PART, encoding="utf-8")
    assert run(folder, CLOSED) == "loaded\n"


def test_what_another_python_has_made_is_neither_taken_nor_deleted(folder: Path) -> None:
    other = folder / "__pycache__" / "own_kernels.double-5.py39.nbi"
    other.parent.mkdir()
    other.touch()
    assert run(folder, CLOSED) == "loaded\n"
    assert other.exists()
    os.utime(other, (1, 1))
    assert run(folder, CLOSED) == "loaded\n"
    assert other.exists()


def test_without_a_python_to_start_it_is_compiled_here(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("import sys; sys.executable = 'uwsgi'\n", "utf-8")
    assert "compiled here" in run(folder, CLOSED)
    assert run(folder, OPEN) == "loaded\n"


def test_where_no_process_may_be_started_it_is_compiled_here(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text(
        "import subprocess\n"
        "def refuse(*given, **named):\n"
        "    raise PermissionError('no processes here')\n"
        "subprocess.Popen = refuse\n",
        "utf-8",
    )
    assert run(folder, OPEN) == "loaded\n"


def test_where_numba_can_cache_nowhere_searches_go_on_without_it(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text(
        "from numba.core import caching\n"
        "for locator in caching.CacheImpl._locator_classes:\n"
        "    locator.from_function = classmethod(lambda *given: None)\n",
        "utf-8",
    )
    printed = run(folder, OPEN.replace(".double(21) == 42", " is None"))
    assert printed.startswith("loaded\nsearches are slower: own_kernels can't be loaded")
    assert "no locator available" in printed


def test_a_broken_module_says_what_is_wrong(folder: Path) -> None:
    (folder / "own_kernels.py").write_text("import not_there\n", encoding="utf-8")
    printed = run(folder, OPEN)
    assert "No module named 'not_there'" in printed
    assert not printed.startswith("loaded")


def test_where_numba_is_missing_there_is_no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_loader, "_loading", {})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert kernel_loader.start_loading(kernel_loader.Kernels("own_kernels")).result(0) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_loads_itself_what_its_parent_was_about_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_loader, "_loading", {"json": Future()})
    json = kernel_loader.Kernels("json")
    with kernel_loader._lock, kernel_loader._making:
        child = os.fork()
        if child == 0:
            # The alarm ends a child that waits for threads which only its parent has.
            signal.alarm(30)
            loaded = kernel_loader.start_loading(json).result(30)
            os._exit(0 if loaded.__name__ == "json" else 1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert not kernel_loader.start_loading(json).done()
