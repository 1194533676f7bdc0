"""The group of commands: each module is imported when its command is run, every failure is told.

`--help` of the group imports no command: the summaries stand in `COMMANDS`. What a command
raises ends here as one line on standard error and an exit code, never as a traceback.
"""

from __future__ import annotations

import difflib
import errno
import io
import os
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aiomilvus.cli.failures import Failure

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

NOBODY_READS = 141
"""The exit code where whoever reads the output has gone, as of a program that SIGPIPE ended."""

TRACEBACK = "AIOMILVUS_TRACEBACK"
"""Set in the environment, it lets unexpected errors show where they came from."""


IN_SHELL = "in shell"
"""The context's object where a command is run by ``aiomilvus shell``, which gives the target."""


class Command(NamedTuple):
    """Where a command is, as ``module:function``, and what it does in a line."""

    place: str
    summary: str


class Commands(click.Group):
    """Commands that are imported when they are needed.

    Args:
        known: By name.
        name: Of the group.
        summary: What its help says first.
    """

    def __init__(self, known: Mapping[str, Command], name: str, summary: str) -> None:
        super().__init__(name=name, help=summary)
        self._known = known

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, sorted."""
        return sorted(self._known)

    def summary_of(self, name: str) -> str:
        """Return what a command does, in a line."""
        return self._known[name].summary

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Return a command, imported now."""
        known = self._known.get(cmd_name)
        if known is None:
            return None
        module, _, name = known.place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is asked for; of one that is not, say which is like it."""
        name = args[0]
        if name not in self._known and not name.startswith("-"):
            near = difflib.get_close_matches(name, self._known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        """Return the context of a command line; how that ends early has its exit code."""
        with _ended_early():
            return super().make_context(info_name, args, parent, **extra)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self._known[name].summary) for name in self.list_commands(ctx)]
            )

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for; whatever it raises becomes a message."""
        with _ended_early():
            return self._invoke(ctx)

    def _invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise
            if os.environ.get(TRACEBACK):
                raise
            # What errors there are is not loaded before there is one.
            failures = import_module("aiomilvus.cli.failures")
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            failure: Failure = failures.failure_of(
                error, command, TRACEBACK, in_shell=ctx.obj == IN_SHELL
            )
            click.echo(f"Error: {failure.message}", err=True)
            raise click.exceptions.Exit(failure.code) from error


@contextmanager
def _ended_early() -> Iterator[None]:
    """Give Ctrl-C, and output that nobody reads any more, their exit codes."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EPIPE:
            raise
        _leave_output()
        raise click.exceptions.Exit(NOBODY_READS) from None
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None


def _leave_output() -> None:
    """Let what is still to be printed go nowhere: Python would fail to write it as it ends."""
    sys.stdout = sys.stderr = _Nowhere()


class _Nowhere(io.TextIOBase):
    """A stream that takes everything and keeps nothing."""

    def write(self, text: str) -> int:
        """Return how many characters were given."""
        return len(text)
