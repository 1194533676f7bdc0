"""The shell: lines from standard input and at a terminal, history, completion."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from aiomilvus import MilvusClient
from aiomilvus.cli.main import main
from aiomilvus.cli.shell import COMMANDS, _Session
from aiomilvus.cli.target import Target

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = str(tmp_path / "app.db")
    with MilvusClient(path) as client:
        client.create_collection("things", dimension=2)
        client.insert("things", [{"id": 1, "vector": [1, 2]}])
        client.create_database("other")
    return path


def test_lines_are_commands_on_the_target(database: str) -> None:
    lines = "list\n\n# a comment\nquery things --count\nuse other\nlist --json\nexit\nnonsense\n"
    done = CliRunner().invoke(main, ["shell", database], input=lines)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[:4] == [
        "collection  rows  loaded  indexes  aliases",
        "things         1  yes     vector",
        "count(*)",
        "       1",
    ]
    assert done.output.endswith("[]\n")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("query none", 1),
        ("query things --nonsense", 2),
        ("nonsense", 2),
        ("query 'th", 2),
        ("use none", 1),
        ("use", 2),
    ],
)
def test_the_first_failure_ends_a_script(database: str, line: str, code: int) -> None:
    done = CliRunner().invoke(main, ["shell", database], input=f"{line}\nlist\n")
    assert done.exit_code == code
    assert "Error" in done.output
    assert "things  " not in done.output


def test_lines_are_spoken_of_as_they_are_given(database: str) -> None:
    def printed(line: str) -> str:
        return CliRunner().invoke(main, ["shell", database], input=f"{line}\n").output

    assert "; `list` lists the collections\n" in printed("query none")
    assert "database not found[database=none]; `info` lists the databases\n" in printed("use none")
    assert "did you mean query?" in printed("qeury")
    assert printed("query --help").startswith("Usage: query [OPTIONS] COLLECTION\n")
    assert printed("query").startswith("Usage: query [OPTIONS] COLLECTION\n")
    assert "query     Show the rows that pass a filter.\n" in printed("help")


def test_a_database_that_is_not_there_changes_nothing(database: str) -> None:
    session = _Session(click.Context(main), Target(database, "other", "", "", None))
    assert session.run("use none") == 1
    assert session.run("use default") == 0
    assert "things" in session.words("query th")


def test_a_target_that_can_not_be_opened_is_refused_at_once(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["shell", str(tmp_path / "none")], input="list\n")
    assert done.exit_code == 3


def test_commands_collections_and_options_are_completed(database: str) -> None:
    session = _Session(click.Context(main), Target(database, "", "", "", None))
    assert set(COMMANDS) < set(session.words("qu"))
    assert "things" in session.words("query th")
    assert "--limit" in session.words("query things --l")
    assert "things" not in session.words("query things --l")
    gone = _Session(click.Context(main), Target(f"{database}-none", "", "", "", None))
    assert "things" not in gone.words("query th")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_lines_are_remembered_at_a_terminal(database: str, tmp_path: Path) -> None:
    import pty
    import subprocess

    ours, theirs = pty.openpty()
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "dumb"}
    command = [sys.executable, "-m", "aiomilvus", "shell", database]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        os.write(ours, b"query things --count\nquery none\nexit\n")
        output = b""
        with suppress(OSError):  # Linux' way to say that the other end is closed
            while piece := os.read(ours, 4096):
                output += piece
    os.close(ours)
    assert process.returncode == 0
    assert b"count(*)" in output
    assert b"can't find collection" in output
    history = (tmp_path / "state" / "aiomilvus" / "history").read_text()
    assert "query things --count" in history
