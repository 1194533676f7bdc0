"""Loading kernels: made in a process beside, once, and linked from what it left."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.index.kernels import beside, loader, store
from aiomilvus.engine.index.kernels.beside import NotCompiledError
from aiomilvus.engine.index.kernels.store import Kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.index.kernels.calls import Compiled

pytest.importorskip("numba")

OWN = Kernels("own")
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


def with_sources(folder: Path) -> Path:
    (folder / "own_kernels.py").write_text(KERNELS, encoding="utf-8")
    (folder / "own_part.py").write_text(PART, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return with_sources(tmp_path)


@pytest.fixture(scope="module")
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = with_sources(tmp_path_factory.mktemp("kernels"))
    assert run(folder, CLOSED) == "loaded\n"
    return folder


@pytest.fixture
def compiled(compiled_once: Path, tmp_path: Path) -> Path:
    """A folder beside whose sources is what another process has compiled of them."""
    return shutil.copytree(compiled_once, tmp_path / "compiled")


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


def test_kernels_are_made_again_when_one_of_their_files_has_changed(compiled: Path) -> None:
    old = made(compiled)
    (compiled / "own_part.py").write_text(PART.replace("2 * x", "3 * x"), encoding="utf-8")
    assert "AssertionError: [63]" in run(compiled, OPEN)
    assert len(made(compiled)) == len(old) == 1
    assert made(compiled) != old


@pytest.mark.skipif(sys.platform != "linux", reason="the user's caches are Linux'")
def test_what_is_beside_the_source_is_read_where_nothing_can_be_written(compiled: Path) -> None:
    (compiled / "sitecustomize.py").write_text(
        "import tempfile\n"
        "def refuse(*given, **named):\n"
        "    raise PermissionError('nothing may be written')\n"
        "tempfile.mkstemp = refuse\n",
        "utf-8",
    )
    assert run(compiled, CLOSED) == "loaded\n"


def test_a_damaged_file_is_made_again(compiled: Path) -> None:
    (code,) = made(compiled)
    whole = code.read_bytes()
    code.write_bytes(whole[:-100] + bytes(100))
    printed = run(compiled, CLOSED)
    assert printed.startswith("loaded\n")
    assert f"not taken from {code}: it is damaged" in printed
    assert code.read_bytes() != whole[:-100] + bytes(100)


def test_what_another_machine_has_made_is_neither_taken_nor_deleted(compiled: Path) -> None:
    (code,) = made(compiled)
    other = code.with_name(f"{code.stem.rpartition('-')[0]}-{'0' * 32}.code")
    other.touch()
    code.unlink()
    assert run(compiled, CLOSED) == "loaded\n"
    assert {*made(compiled)} == {code, other}


NO_PYTHON = "import sys; sys.executable = 'uwsgi'\n"
NO_PROCESS = """
import subprocess
def refuse(*given, **named):
    raise PermissionError('no processes here')
subprocess.Popen = refuse
"""


@pytest.mark.parametrize("obstacle", [NO_PYTHON, NO_PROCESS], ids=["no Python", "not allowed"])
def test_where_no_process_can_be_started_it_is_compiled_here(folder: Path, obstacle: str) -> None:
    (folder / "sitecustomize.py").write_text(obstacle, "utf-8")
    assert run(folder, OPEN + 'assert "numba" in sys.modules') == "loaded\n"
    assert run(folder, CLOSED) == "loaded\n"  # what was compiled is kept


def test_where_nothing_can_be_kept_it_is_handed_over(folder: Path) -> None:
    (folder / "file").touch()
    environment = {"NUMBA_CACHE_DIR": str(folder / "file" / "below")}
    assert run(folder, CLOSED, **environment) == "loaded\n"
    assert made(folder) == []


def test_a_broken_module_says_what_is_wrong(folder: Path) -> None:
    (folder / "own_kernels.py").write_text("import not_there\n", encoding="utf-8")
    printed = run(folder, OPEN)
    assert "the process that compiles own_kernels ended with 1: Traceback" in printed
    assert "No module named 'not_there'" in printed
    assert not printed.startswith("loaded")


def no_thread(*_: object, **__: object) -> None:
    raise RuntimeError("can't start new thread")


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno > logging.DEBUG]


def numba_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


def numba_disabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")


@pytest.mark.parametrize(
    ("obstruct", "advice"),
    [(numba_missing, "`pip install numba`"), (numba_disabled, "NUMBA_DISABLE_JIT .*: unset it")],
)
def test_where_numba_can_not_compile_it_is_said_once_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    obstruct: Callable[[pytest.MonkeyPatch], None],
    advice: str,
) -> None:
    monkeypatch.setattr(loader, "_loading", {})
    monkeypatch.setattr(loader, "_told", set())
    obstruct(monkeypatch)
    assert loader.start_loading(OWN).result(0) is None
    assert loader.start_loading(Kernels("own_kernels")).result(0) is None
    (message,) = told(caplog)
    assert re.search(f"searches are slower: .*{advice}", message)


@pytest.mark.parametrize("ends", [False, True])
def test_without_a_thread_to_load_them_there_are_no_kernels(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, ends: bool
) -> None:
    monkeypatch.setattr(loader, "_loading", {})
    monkeypatch.setattr(loader, "_told", set())
    monkeypatch.setattr(loader, "is_ending", lambda: ends)
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    loader.start_making(OWN)
    assert loader.start_loading(OWN).result(0) is None
    assert told(caplog) == ([] if ends else ["searches are slower: own can't be loaded"])


def test_without_a_thread_to_link_them_there_are_no_kernels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loader, "_make", lambda _: (None, []))
    monkeypatch.setattr(loader, "_in_thread", no_thread)
    future: loader.Loading = Future()
    loader._prepare(OWN, future)
    assert future.result(0) is None


@pytest.mark.parametrize("fails", [False, True])
def test_what_no_file_keeps_is_compiled_once_in_a_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    calls = []

    def compiled_beside(name: str, paths: list[Path]) -> tuple[None, list[Compiled]]:
        calls.append(name)
        if fails:
            raise NotCompiledError("of some reason")
        return None, []

    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(loader, "_handed_over", {})
    monkeypatch.setattr(loader, "_failures", {})
    monkeypatch.setattr(loader, "compile_beside", compiled_beside)
    wanted = pytest.raises(NotCompiledError, match="of some reason") if fails else nullcontext()
    for _ in range(2):
        with wanted:
            assert loader._make(Kernels("own_kernels")) == (None, [])
    assert calls == ["own_kernels"]


def test_a_process_that_leaves_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(beside, "command_of", lambda *_: [sys.executable, "-c", "print(1)"])
    with pytest.raises(NotCompiledError, match="that compiles own left can't be used"):
        beside.compile_beside("own", [tmp_path / "own-0-1.code"])


def test_the_state_says_whether_there_are_kernels_or_why_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    kernels = Kernels("own_kernels", ("own_part",))
    assert loader.state(kernels) == "not compiled yet"
    store.keep(store.paths_of(kernels), [])
    assert loader.state(kernels) == "compiled"
    with monkeypatch.context() as refusing:
        refusing.setattr(loader, "check_permission", lambda: (_ for _ in ()).throw(OSError("no")))
        assert loader.state(kernels) == "none: no"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert loader.state(kernels) == "none: numba is not installed: `pip install numba`"
    with pytest.raises(NotCompiledError, match="numba is not installed"):
        loader.make(kernels)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_forked_amid_compiling_does_without_kernels(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loader, "_loading", {})
    monkeypatch.setattr(loader, "_compiled_here", {"other"})
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        os._exit(0 if loader.start_loading(OWN).result(0) is None else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert not loader._is_cut_off


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_loads_itself_what_its_parent_was_about_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_loading", {"own": Future()})
    monkeypatch.setattr(loader, "_make", lambda _: (Path("own.code"), []))
    with loader._lock, loader._making:
        child = os.fork()
        if child == 0:
            # The alarm ends a child that waits for threads which only its parent has.
            signal.alarm(30)
            loaded = loader.start_loading(OWN).result(30)
            os._exit(0 if loaded is not None else 1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert not loader.start_loading(OWN).done()
