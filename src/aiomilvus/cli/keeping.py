"""``aiomilvus backup`` and ``restore``: copies of whole directories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aiomilvus.cli.moving import on_terminal
from aiomilvus.cli.output import print_json, size
from aiomilvus.cli.target import as_json_option, directory
from aiomilvus.cli.values import TEXT, File

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command()
@click.argument("path", type=TEXT)
@click.argument("target", type=File(path_type=Path))
@click.option(
    "--link",
    is_flag=True,
    help="Link files that never change rather than copy them: no room, but the same disk.",
)
@as_json_option
def backup(path: str, target: Path, *, link: bool, as_json: bool) -> None:
    """Write a backup of the database in PATH to the new folder TARGET.

    It is of one moment, whoever has the database open meanwhile, and is compared with its checksums
    before it appears.
    """
    from aiomilvus.client.backends.embedded.directories import back_up  # noqa: PLC0415 - the engine

    manifest = back_up(directory(path), target, link=link, tell=bar("copying"))
    if as_json:
        print_json({"backup": str(target), "files": len(manifest.files), "bytes": manifest.nbytes})
    else:
        count = len(manifest.files)
        click.echo(f"{count} files, {size(manifest.nbytes)}, from {path} to {target}")


@click.command()
@click.argument("backup", type=File(path_type=Path))
@click.argument("path", type=File(path_type=Path))
@as_json_option
def restore(backup: Path, path: Path, *, as_json: bool) -> None:
    """Make the database PATH of BACKUP, once all its files are as they were.

    PATH must not exist, or be empty: nothing is overwritten.
    """
    from aiomilvus.client.backends.embedded import directories  # noqa: PLC0415 - the engine

    manifest = directories.restore(backup, path, tell=bar("copying"))
    if as_json:
        found = {"database": str(path), "files": len(manifest.files), "bytes": manifest.nbytes}
        print_json({**found, "created": manifest.created})
    else:
        count = len(manifest.files)
        click.echo(f"{count} files, {size(manifest.nbytes)}, of {manifest.created} to {path}")


def bar(stage: str) -> Callable[[int, int], None]:
    """Return what shows how many bytes are done, where standard error is a terminal."""
    from aiomilvus.client.progress import Progress, ignore  # noqa: PLC0415 - as the client

    show = on_terminal() or ignore
    return lambda done, total: show(Progress(stage, done, total))
