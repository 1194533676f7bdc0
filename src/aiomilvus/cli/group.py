"""The group of commands: each module is imported when its command is run, every failure is told.

`--help` of the group imports no command: the summaries stand in `COMMANDS`. What a command
raises ends here as one line on standard error and an exit code, never as a traceback.
"""

from __future__ import annotations

import errno
import os
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.cli.failures import Failure

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

TRACEBACK = "AIOMILVUS_TRACEBACK"
"""Set in the environment, it lets unexpected errors show where they came from."""


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

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Return a command, imported now."""
        known = self._known.get(cmd_name)
        if known is None:
            return None
        module, _, name = known.place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self._known[name].summary) for name in self.list_commands(ctx)]
            )

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for; whatever it raises becomes a message."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # click ends quietly: whoever read the output has seen enough
            if os.environ.get(TRACEBACK):
                raise
            # What errors there are is not loaded before there is one.
            failures = import_module("aiomilvus.cli.failures")
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            failure: Failure = failures.failure_of(error, command, TRACEBACK)
            click.echo(f"Error: {failure.message}", err=True)
            raise click.exceptions.Exit(failure.code) from error
