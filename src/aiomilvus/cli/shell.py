"""``aiomilvus shell``: the other commands at a prompt, with history and completion.

Python's own readline does both, so the prompt needs no further package; where Python was built
without it, as on Windows, lines are read plainly.
"""

from __future__ import annotations

import shlex
import sys
from contextlib import suppress
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

import click

from aiomilvus.cli.failures import failure_of
from aiomilvus.cli.group import IN_SHELL, TRACEBACK, Commands
from aiomilvus.cli.output import print_json
from aiomilvus.cli.tables import print_pairs, visible
from aiomilvus.cli.target import Target, as_json_option, on_target, opened
from aiomilvus.errors import MilvusException, ParamError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMANDS = "compact describe export import info list query search stats".split()
"""The commands that TARGET is inserted into."""
_ENDS = ("exit", "quit")
_LONGEST_HISTORY = 1000


@click.command()
@on_target
@as_json_option
@click.pass_context
def shell(ctx: click.Context, target: Target, *, as_json: bool) -> None:
    """Run commands on TARGET at a prompt, or from standard input, a line each.

    A line is a command without TARGET, as `query films --limit 3`. `use NAME` changes the
    database, `help` lists the commands, `exit` or Ctrl-D ends. Tab completes, and lines are
    remembered from one time to the next. Read from a file, the first failure ends the shell.
    With --json each command prints a JSON document.
    """
    with opened(target) as client:
        client.list_collections()  # so that a wrong target or database is told at once
    session = _Session(ctx, target, as_json=as_json)
    if sys.stdin.isatty():
        session.converse()
        return
    for line in sys.stdin:
        code = session.run(line)
        if code is None:
            return
        if code:
            raise click.exceptions.Exit(code)


class _Session:
    def __init__(self, ctx: click.Context, target: Target, *, as_json: bool = False) -> None:
        group = ctx.find_root().command
        if not isinstance(group, Commands):
            raise TypeError(f"{group.name} has no commands to run")
        self._group = group
        self._ctx = ctx
        self._target = target
        self._as_json = as_json
        self._found: list[str] = []

    def converse(self) -> None:
        """Read lines from a terminal until it ends."""
        history = _history_path()
        with suppress(ImportError):
            _begin_editing(history, self.complete)
        while True:
            database = f"/{self._target.database}" if self._target.database else ""
            try:
                line = input(f"{self._target.place}{database}> ")
            except EOFError:
                click.echo()
                break
            except KeyboardInterrupt:
                click.echo()
                continue
            if self.run(line) is None:
                break
        if history is not None:
            with suppress(ImportError, OSError):
                import_module("readline").write_history_file(history)

    def run(self, line: str) -> int | None:
        """Run one line; return its exit code, None to end."""
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            click.echo(f"Error: {error}", err=True)
            return 2
        if not words:
            return 0
        if words[0] in _ENDS:
            return None
        if words[0] == "help":
            self._help()
        elif words[0] == "use":
            return self._use(words[1:])
        elif words[0] not in COMMANDS:
            near = get_close_matches(words[0], [*COMMANDS, "help", "use", *_ENDS], 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            message = f"{words[0]} is none of the commands that `help` lists{hint}"
            click.echo(f"Error: {visible(message)}", err=True)
            return 2
        else:
            return self._command(words)
        return 0

    def _help(self) -> None:
        known = {name: self._group.summary_of(name) for name in COMMANDS}
        known["use"] = "Change the database: use NAME."
        known.update(dict.fromkeys(_ENDS, "End the shell, as Ctrl-D does."))
        if self._as_json:
            print_json(list(known))
            return
        print_pairs(known.items())
        click.echo("COMMAND --help lists what a command takes.")

    def _use(self, names: list[str]) -> int:
        """Change to a database, if there is one of that name."""
        if len(names) != 1:
            click.echo("Error: give the name of one database: use NAME", err=True)
            return 2
        target = self._target._replace(database=names[0])
        try:
            with opened(target) as client:
                client.list_collections()
        except MilvusException as error:
            failure = failure_of(error, None, TRACEBACK, in_shell=True)
            click.echo(f"Error: {failure.message}", err=True)
            return failure.code
        self._target = target
        return 0

    def _command(self, words: list[str]) -> int:
        given = [words[0], self._target.place, *self._options(), *words[1:]]
        try:
            code = self._group.main(given, "", standalone_mode=False, obj=IN_SHELL)
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except click.Abort:
            return 1
        return int(code or 0)

    def _options(self) -> Iterator[str]:
        target = self._target
        named = {"--database": target.database, "--token": target.token, "--ca": target.ca}
        for name, value in named.items():
            if value:
                yield from (name, value)
        if target.timeout is not None:
            yield from ("--timeout", str(target.timeout))
        if self._as_json:
            yield "--json"

    def complete(self, text: str, state: int) -> str | None:
        """Return completion number `state` of a word, as readline asks for it."""
        if state == 0:
            line = import_module("readline").get_line_buffer()
            self._found = [word for word in self.words(line) if word.startswith(text)]
        return self._found[state] if state < len(self._found) else None

    def words(self, line: str) -> list[str]:
        """Return what may stand at the end of a line: a command, a collection, or an option."""
        before = line.split()[:-1] if line and not line[-1].isspace() else line.split()
        if not before:
            return [*COMMANDS, "help", "use", *_ENDS]
        command = self._group.get_command(self._ctx, before[0]) if before[0] in COMMANDS else None
        options = [] if command is None else [o for p in command.params for o in p.opts if "-" in o]
        return [*(self._collections() if len(before) == 1 else ()), *options]

    def _collections(self) -> list[str]:
        try:
            with opened(self._target) as client:
                return sorted(client.list_collections())
        except MilvusException:
            return []  # the command itself will say why


def _history_path() -> Path | None:
    """Return where lines are remembered; None for a user without a home."""
    from aiomilvus.client.files.record import state_folder  # noqa: PLC0415 - --help has no use for it

    try:
        return state_folder() / "history"
    except ParamError:
        return None


def _begin_editing(history: Path | None, complete: object) -> None:
    readline = import_module("readline")
    if history is not None:
        with suppress(OSError):  # a home that can't be written to
            history.parent.mkdir(parents=True, exist_ok=True)
            readline.read_history_file(history)
    readline.set_history_length(_LONGEST_HISTORY)
    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n")
    libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
