"""The command ``aiomilvus``."""

from __future__ import annotations

import click

from aiomilvus.cli.copying import copy
from aiomilvus.cli.kernels import kernels
from aiomilvus.cli.mcp import mcp
from aiomilvus.cli.serve import serve
from aiomilvus.version import __version__


@click.group()
@click.version_option(__version__, prog_name="aiomilvus")
def main() -> None:
    """Vector search inside your process, or served to any Milvus client."""


main.add_command(copy)
main.add_command(kernels)
main.add_command(mcp)
main.add_command(serve)
