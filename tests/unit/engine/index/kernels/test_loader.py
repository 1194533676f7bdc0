"""Loading kernels: made in a process beside, once, and linked from what it left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from aiomilvus.engine.index.kernels import loader
from aiomilvus.engine.index.kernels.store import Kernels

pytest.importorskip("numba")

KERNELS = """
import numba
from own_part import twice

@numba.njit(["void(int64, int64[::1])", "void(int64, float32[::1])"], error_model="numpy")
def double(x, out):
    out[0] = twice(x)

ENTRIES = (double,)
"""
PART = """
import numba

@numba.njit
def twice(x):
    return 2 * x
"""
OPEN = """
import numpy, sys
from aiomilvus.engine.index.kernels.loader import start_loading
from aiomilvus.engine.index.kernels.store import Kernels

KERNELS = Kernels("own_kernels", ("own_part",))
first = start_loading(KERNELS)
assert start_loading(KERNELS) is first
kernels = first.result(120)
for out in numpy.zeros(1, numpy.int64), numpy.zeros(1, numpy.float32):
    kernels.double(21, out)
    assert out[0] == 42, out
print("loaded")
"""
CLOSED = OPEN + 'assert "numba" not in sys.modules'
AHEAD = """
import sys, time
from aiomilvus.engine.index.kernels.loader import start_making
from aiomilvus.engine.index.kernels.store import Kernels, paths_of

KERNELS = Kernels("own_kernels", ("own_part",))
start_making(KERNELS)
while not paths_of(KERNELS)[0].exists():
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
    return list(folder.rglob("own_kernels-*.code"))


@pytest.mark.parametrize("given", [False, True], ids=["beside the source", "given folder"])
def test_what_no_process_has_made_yet_is_compiled_in_another(folder: Path, given: bool) -> None:
    environment = {"NUMBA_CACHE_DIR": str(folder / "cache") if given else ""}
    assert run(folder, CLOSED, **environment) == "loaded\n"
    (code,) = made(folder)
    before = code.stat().st_mtime_ns
    assert run(folder, CLOSED, **environment) == "loaded\n"
    assert code.stat().st_mtime_ns == before


def test_kernels_are_made_ahead_without_loading_them(folder: Path) -> None:
    assert run(folder, AHEAD) == "made\n"
    assert run(folder, CLOSED) == "loaded\n"


def test_kernels_are_made_again_when_one_of_their_files_has_changed(folder: Path) -> None:
    (folder / "own_part.py").write_text(PART.replace("2 * x", "3 * x"), encoding="utf-8")
    assert "AssertionError: [63]" in run(folder, OPEN)
    old = made(folder)
    (folder / "own_part.py").write_text(PART, encoding="utf-8")
    assert run(folder, CLOSED) == "loaded\n"
    assert len(made(folder)) == 1
    assert made(folder) != old


@pytest.mark.skipif(sys.platform != "linux", reason="the user's caches are Linux'")
def test_what_is_beside_the_source_is_read_where_nothing_can_be_written(folder: Path) -> None:
    assert run(folder, CLOSED) == "loaded\n"
    (folder / "sitecustomize.py").write_text("import os; os.access = lambda *_: False\n", "utf-8")
    assert run(folder, CLOSED) == "loaded\n"


def test_a_damaged_file_is_made_again(folder: Path) -> None:
    assert run(folder, CLOSED) == "loaded\n"
    (code,) = made(folder)
    whole = code.read_bytes()
    code.write_bytes(whole[:-100] + bytes(100))
    assert run(folder, CLOSED) == "loaded\n"
    assert code.read_bytes() != whole[:-100] + bytes(100)


def test_what_another_machine_has_made_is_neither_taken_nor_deleted(folder: Path) -> None:
    assert run(folder, CLOSED) == "loaded\n"
    (code,) = made(folder)
    other = code.with_name(f"{code.stem.rpartition('-')[0]}-{'0' * 32}.code")
    other.touch()
    code.unlink()
    assert run(folder, CLOSED) == "loaded\n"
    assert {*made(folder)} == {code, other}


def test_without_a_python_to_start_it_is_compiled_here(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("import sys; sys.executable = 'uwsgi'\n", "utf-8")
    assert run(folder, OPEN + 'assert "numba" in sys.modules') == "loaded\n"


def test_where_no_process_may_be_started_it_is_compiled_here(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text(
        "import subprocess\n"
        "def refuse(*given, **named):\n"
        "    raise PermissionError('no processes here')\n"
        "subprocess.Popen = refuse\n",
        "utf-8",
    )
    assert run(folder, OPEN) == "loaded\n"


def test_where_nothing_can_be_kept_it_is_compiled_here(folder: Path) -> None:
    (folder / "file").touch()
    environment = {"NUMBA_CACHE_DIR": str(folder / "file" / "below")}
    assert run(folder, OPEN + 'assert "numba" in sys.modules', **environment) == "loaded\n"
    assert made(folder) == []


def test_a_broken_module_says_what_is_wrong(folder: Path) -> None:
    (folder / "own_kernels.py").write_text("import not_there\n", encoding="utf-8")
    printed = run(folder, OPEN)
    assert "No module named 'not_there'" in printed
    assert not printed.startswith("loaded")


def test_where_numba_is_missing_there_is_no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_loading", {})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert loader.start_loading(Kernels("own_kernels")).result(0) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_loads_itself_what_its_parent_was_about_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_loading", {"own": Future()})
    monkeypatch.setattr(loader, "_make", lambda _: (Path("own.code"), []))
    own = Kernels("own")
    with loader._lock, loader._making:
        child = os.fork()
        if child == 0:
            # The alarm ends a child that waits for threads which only its parent has.
            signal.alarm(30)
            loaded = loader.start_loading(own).result(30)
            os._exit(0 if loaded is not None else 1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert not loader.start_loading(own).done()
