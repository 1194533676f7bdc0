"""How the failure of a command is told: one line that names flags, and an exit code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import click

from aiomilvus.cli.tables import visible
from aiomilvus.errors import (
    CollectionNotExistException,
    ConnectionConfigException,
    DatabaseLockedError,
    DatabaseNotExistException,
    DatabaseNotOpenedError,
    DataCorruptedError,
    MilvusException,
    MilvusUnavailableException,
    PartitionNotExistException,
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

EXTRAS = {"pyarrow": "arrow"}
"""Which extra installs what a command may miss."""

FLAGS = {
    "anns_field": "--vector-field",
    "ca_pem_path": "--ca",
    "collection_name": "COLLECTION",
    "db_name": "--database",
    "output_fields": "--field",
    "overwrite=True": "--overwrite",
    "partition_name": "--partition",
    "partition_names": "--partition",
    "search_params": "--param",
    "topk": "--limit",
}
"""Arguments of the client's methods whose flag has another name."""
_NAME = re.compile(r"`(?P<quoted>\w+)`|\b[a-z]+(?:_[a-z]+)+\b|\b[a-z]+=True\b|\btopk\b")
_OPENING = (
    ConnectionConfigException,
    DatabaseLockedError,
    DatabaseNotOpenedError,
    MilvusUnavailableException,
)
"""What keeps a target from being opened or reached, whichever command was to do it."""
_NUMBER_OF_ERROR = re.compile(r"\[(?:Errno|WinError) -?\d+\] ")
_NEXT_STEPS: dict[type[MilvusException], str] = {
    DatabaseNotExistException: "`info` lists the databases",
    CollectionNotExistException: "`list` lists the collections",
    PartitionNotExistException: "`describe COLLECTION` lists the partitions",
}
"""Which command tells what there is, where something is not."""


_COMMAND = re.compile(r"^`(\w+)")


class Failure(NamedTuple):
    """A message for standard error, and the exit code."""

    message: str
    code: int = REFUSED


def failure_of(
    error: Exception, command: click.Command | None, variable: str, *, in_shell: bool = False
) -> Failure:
    """Return how to tell what a command raised.

    Args:
        error: What it raised.
        command: The command, None where none has begun.
        variable: Set in the environment, it makes the command show where that was.
        in_shell: Whether commands are given without the program's name and the target.
    """
    failure = _failure_of(error, command, variable, in_shell=in_shell)
    return failure._replace(message=visible(failure.message, kept="\n\t"))


def _failure_of(
    error: Exception, command: click.Command | None, variable: str, *, in_shell: bool
) -> Failure:
    options = () if command is None else tuple(command.params)
    flags = {**FLAGS, **_flags_of(options)}
    if isinstance(error, MilvusException):
        message = _with_flags(error.message or str(error), flags)
        place = None if in_shell else _place(options)
        return Failure(message + _next_step(error, place), _code_of(error))
    if isinstance(error, ModuleNotFoundError) and error.name in EXTRAS:
        extra = EXTRAS[error.name]
        return Failure(
            f"this needs {error.name}, which the extra {extra!r} installs: "
            f"pip install 'aiomilvus[{extra}]'"
        )
    if isinstance(error, OSError) and error.filename is not None:
        return Failure(
            f"{error.filename}: {error.strerror}: choose a place that you may read and write"
        )
    if isinstance(error, (ImportError, OSError, ValueError, TypeError)):
        return Failure(_with_flags(str(error), flags))
    kind = type(error).__name__
    return Failure(
        f"unexpected {kind}: {error}. This is a mistake of aiomilvus; with {variable}=1 in "
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

    def flag(found: re.Match[str]) -> str:
        return flags.get(found["quoted"] or found[0], found[0])

    return _NAME.sub(flag, _NUMBER_OF_ERROR.sub("", message))


def _place(options: tuple[click.Parameter, ...]) -> str:
    """Return what a command calls the database that it reads, its first argument."""
    arguments = (each for each in options if isinstance(each, click.Argument))
    return next((each.human_readable_name for each in arguments), "TARGET")


def _next_step(error: MilvusException, place: str | None) -> str:
    """Return what to run to see what there is, "" where that is not what is missing.

    Args:
        error: What was raised.
        place: What the command calls the database; None in a shell, where nothing names it.
    """
    for kind, step in _NEXT_STEPS.items():
        if isinstance(error, kind):
            begin = r"`\1" if place is None else rf"`aiomilvus \1 {place}"
            return "; " + _COMMAND.sub(begin, step)
    return ""


def _code_of(error: MilvusException) -> int:
    if isinstance(error, DataCorruptedError):
        return DAMAGED
    return UNREACHABLE if isinstance(error, _OPENING) else REFUSED
