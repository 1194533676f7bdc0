"""A second Python runs what this one would, and nothing that lies in the current directory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aiomilvus import interpreter
from aiomilvus.interpreter import command_of, is_ending, is_python

SOURCE = Path(interpreter.__file__).parent
NAMES = ("optimize", "dont_write_bytecode", "isolated", "utf8_mode")
MAIN = f"""
import json, random, sys
def main():
    flags = {{name: getattr(sys.flags, name) for name in {NAMES}}}
    print(json.dumps([sys.argv[1:], sys.path, flags]))
"""
TRAP = "raise SystemExit('what lies in the current directory was run')\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "own_main.py").write_text(MAIN, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "own_main"


def told(command: list[str], cwd: Path) -> tuple[list[str], list[str], dict[str, int]]:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    arguments, paths, flags = json.loads(done.stdout)
    return arguments, paths, flags


def test_what_lies_in_the_current_directory_is_not_run(module: str, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    for name in ("json", "random", "os", "site", "own_main", "aiomilvus"):
        (here / f"{name}.py").write_text(TRAP, encoding="utf-8")
    arguments, paths, _ = told(command_of(module, "one", "-c", ""), here)
    assert arguments == ["one", "-c", ""]
    assert paths == [str(Path(each).absolute()) for each in sys.path]


def test_options_that_decide_what_runs_are_passed_on(module: str, tmp_path: Path) -> None:
    outer = (
        f"import sys, subprocess; sys.path[:0] = {[str(tmp_path), str(SOURCE.parent)]}\n"
        "from aiomilvus.interpreter import command_of\n"
        f"sys.exit(subprocess.run(command_of({module!r})).returncode)\n"
    )
    _, _, flags = told([sys.executable, "-I", "-B", "-O", "-X", "utf8", "-c", outer], tmp_path)
    assert flags == dict.fromkeys(NAMES, 1)


def test_a_program_that_has_python_inside_is_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_python()
    for other in ("/usr/bin/uwsgi", "", None):
        monkeypatch.setattr(sys, "executable", other)
        assert not is_python()


def test_a_program_ends_once_its_main_thread_has(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_ending()
    monkeypatch.setattr(threading, "main_thread", threading.Thread)
    assert is_ending()


def test_no_other_module_starts_a_python() -> None:
    found = {p.name for p in SOURCE.rglob("*.py") if "sys.executable" in p.read_text("utf-8")}
    assert found == {"interpreter.py"}
