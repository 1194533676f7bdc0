"""``aiomilvus upgrade``: files of older formats."""

from __future__ import annotations

import click

from aiomilvus.cli.keeping import bar
from aiomilvus.cli.output import print_json
from aiomilvus.cli.target import as_json_option, directory
from aiomilvus.cli.values import TEXT


@click.command()
@click.argument("path", type=TEXT)
@as_json_option
def upgrade(path: str, *, as_json: bool) -> None:
    """Bring what older versions wrote in the directory PATH to the present formats.

    Files of older formats can be read; rewritten they are read faster. No process may have the
    database open. An interrupted upgrade goes on when it is run again.
    """
    from aiomilvus.client.backends.embedded import directories  # noqa: PLC0415 - the engine

    done = directories.upgrade(directory(path), tell=bar("rewriting segments"))
    if as_json:
        print_json({"path": path, "upgraded": [each._asdict() for each in done]})
        return
    for place, was in done:
        click.echo(f"{place}: {was}")
    click.echo(f"{path}: " + (f"{len(done)} upgraded" if done else "nothing to do"))
