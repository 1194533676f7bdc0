"""The group of commands: late imports, and failures as messages with exit codes."""

from __future__ import annotations

import ast
import errno
import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner, Result

from aiomilvus import errors
from aiomilvus.cli import failures, group
from aiomilvus.cli.main import COMMANDS, main
from tests.support import markdown

FAILURES: list[BaseException] = []


@click.command()
@click.option("--tls-key")
@click.option("--vector-field", "anns_field")
def failing(**_given: object) -> None:
    raise FAILURES.pop()


def _run(error: BaseException) -> Result:
    """Return the outcome of a command that raises `error`."""
    FAILURES.append(error)
    known = {"failing": group.Command(f"{__name__}:failing", "Fail.")}
    return CliRunner().invoke(group.Commands(known, "aiomilvus", "Fail."), ["failing"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ParamError(message="x"), failures.REFUSED),
        (errors.CollectionNotExistException(message="x"), failures.REFUSED),
        (errors.ConnectionConfigException(message="x"), failures.UNREACHABLE),
        (errors.ConnectError(message="x"), failures.UNREACHABLE),
        (errors.DatabaseLockedError(message="x"), failures.UNREACHABLE),
        (errors.DatabaseNotOpenedError(message="x"), failures.UNREACHABLE),
        (errors.StorageError(message="x"), failures.REFUSED),
        (errors.DataCorruptedError(message="x"), failures.DAMAGED),
        (PermissionError(errno.EACCES, "x"), failures.REFUSED),
        (ImportError("x"), failures.REFUSED),
        (KeyboardInterrupt(), group.INTERRUPTED),
        (RuntimeError("x"), failures.INTERNAL),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_is_a_message_and_a_code(error: BaseException, code: int) -> None:
    result = _run(error)
    output = result.output
    assert result.exit_code == code
    assert "Traceback" not in output
    assert len(output.splitlines()) == 1


def test_messages_name_flags() -> None:
    error = errors.ParamError(
        message="tls_key, anns_field and db_name are wrong, other_name is not"
    )
    output = _run(error).output
    assert (
        output == "Error: --tls-key, --vector-field and --database are wrong, other_name is not\n"
    )


def test_a_missing_extra_is_named() -> None:
    output = _run(ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")).output
    assert "pip install 'aiomilvus[arrow]'" in output


def test_where_it_happened_is_shown_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(group.TRACEBACK, "1")
    assert isinstance(_run(RuntimeError("x")).exception, RuntimeError)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_and_knows_its_name(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"], prog_name="aiomilvus")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: aiomilvus {name} ")


def test_help_imports_no_command_and_nothing_large() -> None:
    program = (
        "import sys; from aiomilvus.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([n for n in sys.modules if n in ('asyncio', 'numpy', 'msgspec', 'grpc', 'faiss')"
        " or n.startswith('aiomilvus.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()[-1]
    known = {
        "aiomilvus.version",
        "aiomilvus.older_names",
        "aiomilvus.cli",
        "aiomilvus.cli.commands",
        "aiomilvus.cli.main",
        "aiomilvus.cli.group",
    }
    assert set(ast.literal_eval(loaded)) == known
    for name, command in COMMANDS.items():
        assert f"  {name}" in done.stdout
        assert command.summary in done.stdout


def test_help_of_commands_imports_nothing_large() -> None:
    program = (
        "import sys; before = set(sys.modules)\n"  # what measures coverage is there already
        f"from aiomilvus.cli.main import main\nfor name in {list(COMMANDS)!r}:\n"
        "    try: main([name, '--help'], prog_name='aiomilvus')\n"
        "    except SystemExit: pass\n"
        "large = {'asyncio', 'numpy', 'msgspec', 'grpc', 'faiss', 'ssl', 'sqlite3', 'logging'}\n"
        "print(large & (set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.count("Usage: aiomilvus ") == len(COMMANDS)
    assert done.stdout.splitlines()[-1] == "set()"


def test_whoever_reads_no_more_gets_no_message() -> None:
    done = _run(BrokenPipeError(errno.EPIPE, "x"))
    assert (done.exit_code, done.output) == (group.NOBODY_READS, "")


def test_a_closed_pipe_ends_the_command_quietly() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-m", "aiomilvus", "--version"],
        stdout=theirs, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(theirs)
    assert (done.returncode, done.stderr) == (group.NOBODY_READS, b"")


def test_ctrl_c_while_the_program_is_imported_leaves_no_traceback() -> None:
    program = (
        "import sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from aiomilvus.__main__ import run; run()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (group.INTERRUPTED, b"interrupted\n")
    project = (markdown.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.scripts]\naiomilvus = "aiomilvus.__main__:run"\n' in project


def test_little_is_imported_before_ctrl_c_is_caught() -> None:
    """Until `run` begins an interrupt is Python's to tell, with a traceback."""
    source = str(markdown.ROOT / "src")
    program = (
        f"import sys; sys.path.insert(0, {source!r}); import aiomilvus.__main__\n"
        "print({'typing', 'enum', 'signal', 'click'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_ctrl_c_while_the_command_line_is_read_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_given: object) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "parse_args", interrupt)
    done = CliRunner().invoke(main, ["list"])
    assert (done.exit_code, done.output) == (group.INTERRUPTED, "interrupted\n")


def test_a_message_holds_nothing_that_a_terminal_would_obey() -> None:
    output = _run(errors.ParamError(message="a\x1b[31m\nb")).output
    assert output == "Error: a\\x1b[31m\nb\n"


def test_a_command_that_is_misspelt_is_suggested() -> None:
    result = CliRunner().invoke(main, ["lst", "app.db"])
    assert (result.exit_code, "Did you mean 'list'?" in result.output) == (2, True)
    assert "Did you mean" not in CliRunner().invoke(main, ["xyzzy"]).output


def test_an_unknown_command_is_a_wrong_command_line() -> None:
    result = CliRunner().invoke(main, ["nonsense"])
    assert result.exit_code == 2
    assert "No such command 'nonsense'" in result.output
