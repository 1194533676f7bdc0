"""`aiomilvus kernels`."""

from __future__ import annotations

import sys

import click

from aiomilvus.cli.output import print_json
from aiomilvus.cli.target import as_json_option


@click.command()
@as_json_option
def kernels(*, as_json: bool) -> None:
    """Compile what searches are made of now, not beside the first ones.

    That takes a minute, once on a machine for each Python. It is kept in the folder that
    NUMBA_CACHE_DIR names, else inside the installed package, else among the user's caches; run
    this as the user that will open databases, or set NUMBA_CACHE_DIR for both.
    """
    # The engine, which no other command needs.
    from aiomilvus.client.backends.embedded.kernels import make_kernels  # noqa: PLC0415

    made = make_kernels()
    if as_json:
        print_json({name: str(folder) if folder else None for name, folder in made.items()})
    else:
        for name, folder in made.items():
            click.echo(f"{name}: {folder or 'could not be kept'}")
    if None in made.values():
        click.echo("set NUMBA_CACHE_DIR to a folder that can be written to", err=True)
        sys.exit(1)
