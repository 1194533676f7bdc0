"""One process on a machine makes the kernels of a module; the others take what it makes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aiomilvus.engine.index.kernels import beside, making, store, turns
from aiomilvus.engine.index.kernels.beside import NotCompiledError
from aiomilvus.engine.index.kernels.calls import Compiled
from aiomilvus.interpreter import command_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytest.importorskip("numba")

COMPILED = [Compiled("own", (), "symbol", b"code")]
HOLD = """
import sys
from pathlib import Path
from aiomilvus.engine.index.kernels import store
lock = store.lock([Path(sys.argv[1])])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return [tmp_path / "cache" / "own-00-11.code"]


def held_by_another(path: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def while_waiting(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> list[float]:
    """Let `act` happen in the first pause of who waits; return all pauses."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        if not pauses:
            act()
        pauses.append(seconds)

    monkeypatch.setattr("time.sleep", sleep)
    return pauses


def test_who_waits_takes_what_another_process_has_made(
    monkeypatch: pytest.MonkeyPatch, paths: list[Path]
) -> None:
    lock = store.lock(paths)
    assert lock is not None

    def finish() -> None:
        store.keep(paths, COMPILED)
        lock.release()

    pauses = while_waiting(monkeypatch, finish)
    monkeypatch.setattr(beside, "_printed", lambda *_: pytest.fail("a second process is started"))
    assert beside.compile_beside("own", paths) == (paths[0], COMPILED)
    assert len(pauses) == 1


def test_a_process_that_was_killed_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch, paths: list[Path]
) -> None:
    with held_by_another(paths[0]) as holder:

        def kill() -> None:
            holder.kill()
            holder.wait()

        pauses = while_waiting(monkeypatch, kill)
        monkeypatch.setattr(beside, "_printed", lambda name, _: store.packed(name, COMPILED))
        assert beside.compile_beside("own", paths) == (None, COMPILED)
    assert len(pauses) == 1


def test_a_second_process_ends_before_it_loads_numba(paths: list[Path]) -> None:
    lock = store.lock(paths)
    assert lock is not None
    command = [*command_of("aiomilvus.engine.index.kernels.making", "not_there", str(paths[0]))]
    second = subprocess.run(command, capture_output=True, check=False)
    assert (second.returncode, second.stdout, second.stderr) == (making.BUSY, b"", b"")
    assert not paths[0].exists()
    lock.release()
    store.keep(paths, COMPILED)
    late = subprocess.run(command, capture_output=True, check=False)
    assert (late.returncode, late.stdout, late.stderr) == (0, b"", b"")


def test_what_is_damaged_is_looked_at_once_only(
    monkeypatch: pytest.MonkeyPatch, paths: list[Path]
) -> None:
    looked: list[int] = []
    answers = [store.packed("own", COMPILED)]

    def find(_: list[Path]) -> None:
        looked.append(len(answers))

    monkeypatch.setattr(store, "find", find)
    monkeypatch.setattr(beside, "_printed", lambda *_: answers.pop(0))
    assert beside.compile_beside("own", paths) == (None, COMPILED)
    assert looked == [0]  # after it was compiled: whoever asks for that has looked before


def test_who_was_second_goes_back_to_waiting(
    monkeypatch: pytest.MonkeyPatch, paths: list[Path]
) -> None:
    answers = [None, store.packed("own", COMPILED)]
    monkeypatch.setattr(beside, "_printed", lambda *_: answers.pop(0))
    assert beside.compile_beside("own", paths) == (None, COMPILED)
    assert answers == []


def test_who_waits_ends_with_the_program(
    monkeypatch: pytest.MonkeyPatch, paths: list[Path]
) -> None:
    lock = store.lock(paths)
    assert lock is not None
    monkeypatch.setattr(turns, "is_ending", lambda: True)
    with pytest.raises(turns.EndingError), turns.turn(paths):
        pytest.fail("two at a time")
    lock.release()
    with turns.turn(paths):
        pass


def test_a_process_that_does_not_get_on_ends_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, paths: list[Path]
) -> None:
    (tmp_path / "impatient.py").write_text(
        "import time\n"
        "from aiomilvus.engine.index.kernels import making\n"
        "making._PATIENCE = 0.05\n"
        "class Endless:\n"
        "    def compile_module(self, module, on_progress):\n"
        "        for _ in range(3):\n"
        "            on_progress()\n"
        "        time.sleep(60)\n"
        "making.load = lambda name: Endless()\n"
        "main = making.main\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(beside, "command_of", lambda _, *given: command_of("impatient", *given))
    with pytest.raises(NotCompiledError, match=r"that compiles own ended with 1: Timeout"):
        beside.compile_beside("own", paths)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are others' there")
def test_no_other_user_can_keep_the_lock(paths: list[Path]) -> None:
    assert store.lock(paths) is not None
    (lock,) = paths[0].parent.iterdir()
    assert lock.name == "own.lock"
    assert lock.stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_locked_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    paths = [tmp_path / "file" / "own-00-11.code"]
    assert store.lock(paths) is None
    with turns.turn(paths):
        assert store.lock(paths) is None
