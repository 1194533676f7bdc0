"""The list of commands is what click would print, and comes before click is imported."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from aiomilvus import __version__
from aiomilvus.cli.main import main
from aiomilvus.cli.overview import answer, overview
from tests.support import markdown

SOURCE = str(markdown.ROOT / "src")
STRIKE = """
import os, signal, sys
class Striking:
    def find_spec(self, name, path=None, target=None):
        if name == 'click': os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Striking())
sys.argv[1:] = ['list', '--help']
from aiomilvus.__main__ import run
run()
"""
"""Runs a command; Ctrl-C is pressed when click is about to be imported."""


def _told_by_click(terminal_width: int | None = None) -> str:
    context = click.Context(main, info_name="aiomilvus", terminal_width=terminal_width)
    return f"{context.get_help()}\n"


@pytest.mark.parametrize("width", range(50, 79))
def test_the_overview_is_what_click_prints(width: int) -> None:
    assert overview(width) == _told_by_click(terminal_width=width)


@pytest.mark.parametrize("columns", ["20", "60", "300", "0", "wide"])
def test_it_is_as_wide_as_the_terminal(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert answer(["--help"])
    assert capsys.readouterr().out == _told_by_click()


def test_without_a_standard_output_it_is_left_to_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert not answer(["--version"])


def test_nothing_else_is_answered_before_click(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["--version"])
    assert capsys.readouterr().out == f"aiomilvus, version {__version__}\n"
    for words in ([], ["list", "--help"], ["--help", "list"], ["-h"]):
        assert not answer(words)
    assert capsys.readouterr().out == ""


def test_help_imports_nothing_but_its_text() -> None:
    program = (
        f"import sys; sys.path.insert(0, {SOURCE!r}); sys.argv[1:] = ['--help']\n"
        "from aiomilvus.__main__ import run; run()\n"
        "print({'click', 'enum', 're', 'signal', 'typing'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: aiomilvus ")
    assert done.stdout.endswith("\nset()\n")


def _struck(disposition: str) -> tuple[int, str, str]:
    """Interrupt the program; it starts with what whoever started the tests may have set, or not."""
    starts = (
        f"import os, signal, sys; signal.signal(signal.SIGINT, signal.{disposition}); "
        "os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", starts, STRIKE],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout[:16], done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
def test_ctrl_c_while_click_is_imported_ends_the_program_with_a_line() -> None:
    assert _struck("SIG_DFL") == (130, "", "interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="as above")
def test_ctrl_c_that_the_starting_program_ignores_stays_ignored() -> None:
    assert _struck("SIG_IGN") == (0, "Usage: aiomilvus", "")
