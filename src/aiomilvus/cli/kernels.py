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

    That takes a minute, once on a machine. It is kept in the folder that NUMBA_CACHE_DIR names,
    else inside the installed package, else among the user's caches; run this as the user that will
    open databases, or as root with NUMBA_CACHE_DIR set for both.
    """
    # The engine, which no other command needs.
    from aiomilvus.client.backends.embedded.kernels import make_kernels  # noqa: PLC0415

    made = make_kernels()
    missing = {name: told for name, told in made.items() if isinstance(told, str)}
    if as_json:
        print_json({name: None if name in missing else str(told) for name, told in made.items()})
    else:
        for name in sorted(made.keys() - missing.keys()):
            click.echo(f"{name}: {made[name]}")
    for name, reason in missing.items():
        click.echo(f"{name}: {reason}", err=True)
    if missing:
        sys.exit(1)
