"""How the failure of a command is told: one line that names flags, and an exit code."""

from __future__ import annotations

import re
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


class Failure(NamedTuple):
    """A message for standard error, and the exit code."""

    message: str
    code: int = REFUSED


def failure_of(error: Exception, command: click.Command | None, variable: str) -> Failure:
    """Return how to tell what a command raised; `variable` makes it show where that was."""
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
    return _NAME.sub(lambda found: flags.get(found[0], found[0]), message)


def _code_of(error: MilvusException) -> int:
    if isinstance(error, DataCorruptedError):
        return DAMAGED
    opening = (ConnectionConfigException, DatabaseLockedError, MilvusUnavailableException)
    return UNREACHABLE if isinstance(error, opening) else REFUSED
