"""The argument TARGET, and the options that say how to open it."""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, NamedTuple

import click

from aiomilvus.cli.group import IN_SHELL
from aiomilvus.cli.values import FILE, SECONDS, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aiomilvus.client.options import ConnectOptions
    from aiomilvus.client.sync.client import MilvusClient


class Target(NamedTuple):
    """A directory or the URI of a server, and how to open it."""

    place: str
    database: str
    token: str
    ca: str
    timeout: float | None

    @property
    def path(self) -> Path | None:
        """The directory, None for a server."""
        from pathlib import Path  # noqa: PLC0415 - --help has no use for it

        from aiomilvus.client.address import parse_address  # noqa: PLC0415 - as above

        address = parse_address(self.place, "", "", self.token, None, {})
        return Path(address.path).expanduser() if address.is_embedded else None


def on_target(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the argument TARGET and its options; the function takes a `Target` first."""

    @wraps(function)
    def run(
        *,
        target: str,
        database: str | None,
        token: str,
        ca: str | None,
        timeout: float | None,
        **given: object,
    ) -> None:
        function(Target(target, database or "", token, ca or "", timeout), **given)

    decorated: Callable[..., None] = run
    for decorate in reversed(_PARAMETERS):
        decorated = decorate(decorated)
    return decorated


class _TargetArgument(click.Argument):
    """TARGET, which nobody gives in the shell, and which its usage lines do not name."""

    def get_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the pieces of the usage line."""
        return [] if ctx.obj == IN_SHELL else super().get_usage_pieces(ctx)


_PARAMETERS: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.argument("target", type=TEXT, cls=_TargetArgument),
    click.option("--database", type=TEXT, help="Name of the database.  [default: default]"),
    click.option(
        "--token",
        default="",
        envvar="AIOMILVUS_TOKEN",
        help="user:password, or a key, of a server.",
    ),
    click.option("--ca", type=FILE, help="PEM file with the authorities of a server."),
    click.option("--timeout", type=SECONDS, help="Seconds that each call may take."),
)

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
"""Gives a command the flag ``--json``; its function takes `as_json`."""


@contextmanager
def opened(target: Target, *, writes: bool = False) -> Iterator[MilvusClient]:
    """Open a target for a command.

    Args:
        target: What to open.
        writes: Whether a directory is locked for writing; otherwise it is read beside whoever
            has it open, and nothing in it changes.

    Yields:
        A client of it.

    Raises:
        ConnectionConfigException: There is no database in that directory.
        DatabaseNotExistException: The target has no such database.
    """
    from aiomilvus.client.sync.client import MilvusClient  # noqa: PLC0415 - --help has no use for it

    options: ConnectOptions = {"ca_pem_path": target.ca} if target.ca else {}
    path = target.path
    if path is not None:
        _check_there(target.place, path)
        options["mode"] = "rw" if writes else "r"
    with MilvusClient(
        target.place if path is None else str(path),
        db_name=target.database,
        token=target.token,
        timeout=target.timeout,
        **options,
    ) as client:
        yield client


def directory(place: str) -> Path:
    """Return the database directory that a command is given.

    Raises:
        ConnectionConfigException: It is the URI of a server, or there is no database.
    """
    from aiomilvus.errors import ConnectionConfigException  # noqa: PLC0415 - as above

    path = Target(place, "", "", "", None).path
    if path is None:
        message = f"{place} is a server: run this on its machine, with the directory that it serves"
        raise ConnectionConfigException(message=message)
    _check_there(place, path)
    return path


def check_servable(place: str) -> None:
    """Raise ConnectionConfigException where a place is no directory that a server can serve."""
    from aiomilvus.client.backends.embedded.places import check_place  # noqa: PLC0415 - the engine
    from aiomilvus.errors import ConnectionConfigException  # noqa: PLC0415 - as above

    path = Target(place, "", "", "", None).path
    if path is None:
        message = f"{place} is a server's address: a server serves a directory"
        raise ConnectionConfigException(message=message)
    if place != ":memory:":
        check_place(path, may_be_new=True)


def check_there(place: str) -> None:
    """Raise ConnectionConfigException where a command is given a directory with no database."""
    path = Target(place, "", "", "", None).path
    if path is not None:
        _check_there(place, path)


def _check_there(place: str, path: Path) -> None:
    from aiomilvus.client.backends.embedded.places import check_place  # noqa: PLC0415 - the engine
    from aiomilvus.errors import ConnectionConfigException  # noqa: PLC0415 - as above

    if place == ":memory:":
        raise ConnectionConfigException(message=f"{place} ends with the command: give a directory")
    check_place(path, may_be_new=False)
