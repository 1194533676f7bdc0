"""The group of commands: each module is imported when its command is run, every failure is told.

`--help` of the group imports no command: the summaries stand in `COMMANDS`. What a command
raises ends here as one line on standard error and an exit code, never as a traceback.
"""

from __future__ import annotations

import errno
import os
import re
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

from aiomilvus.errors import (
    ConnectionConfigException,
    DatabaseLockedError,
    DataCorruptedError,
    MilvusException,
    MilvusUnavailableException,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

REFUSED = 1
"""The operation was refused or failed; what it was asked for is not there."""
UNREACHABLE = 3
"""The target could not be opened or reached."""
DAMAGED = 4
"""Damage was found."""
INTERNAL = 70
"""A mistake of this program."""
INTERRUPTED = 130
"""Ctrl-C."""

TRACEBACK = "AIOMILVUS_TRACEBACK"
"""Set in the environment, it lets unexpected errors show where they came from."""

EXTRAS = {"pyarrow": "arrow"}
"""Which extra installs what a command may miss."""

_FLAGS = {
    "anns_field": "--vector-field",
    "ca_pem_path": "--ca",
    "collection_name": "COLLECTION",
    "db_name": "--database",
    "output_fields": "--field",
    "overwrite=True": "--overwrite",
    "partition_name": "--partition",
    "partition_names": "--partition",
    "search_params": "--param",
}
"""Arguments of the client's methods whose flag has another name."""
_NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|\b[a-z]+=True\b")


class Command(NamedTuple):
    """Where a command is, as ``module:function``, and what it does in a line."""

    place: str
    summary: str


class Failure(NamedTuple):
    """A message for standard error, and the exit code."""

    message: str
    code: int = REFUSED


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
            failure = self._failure(ctx, error)
            click.echo(f"Error: {failure.message}", err=True)
            raise click.exceptions.Exit(failure.code) from error

    def _failure(self, ctx: click.Context, error: Exception) -> Failure:
        command = self.get_command(ctx, ctx.invoked_subcommand or "")
        options = () if command is None else tuple(command.params)
        flags = {**_FLAGS, **_flags_of(options)}
        if isinstance(error, MilvusException):
            return Failure(_with_flags(error.message or str(error), flags), _code_of(error))
        if isinstance(error, ModuleNotFoundError) and error.name in EXTRAS:
            extra = EXTRAS[error.name]
            return Failure(
                f"this needs {error.name}, which the extra {extra!r} installs: "
                f"pip install 'aiomilvus[{extra}]'"
            )
        if isinstance(error, (ImportError, OSError, ValueError, TypeError)):
            return Failure(_with_flags(str(error), flags))
        kind = type(error).__name__
        return Failure(
            f"unexpected {kind}: {error}. This is a mistake of aiomilvus; with {TRACEBACK}=1 in "
            "the environment the same command shows where it happened",
            INTERNAL,
        )


def _flags_of(options: tuple[click.Parameter, ...]) -> dict[str, str]:
    """Return the flags of a command by the names that Python has for them."""
    return {
        option.name: max(option.opts, key=len)
        for option in options
        if isinstance(option, click.Option) and option.name
    }


def _with_flags(message: str, flags: Mapping[str, str]) -> str:
    """Return a message that names flags where it named Python's arguments."""
    return _NAME.sub(lambda found: flags.get(found[0], found[0]), message)


def _code_of(error: MilvusException) -> int:
    if isinstance(error, DataCorruptedError):
        return DAMAGED
    opening = (ConnectionConfigException, DatabaseLockedError, MilvusUnavailableException)
    return UNREACHABLE if isinstance(error, opening) else REFUSED
