"""The command ``aiomilvus``."""

from __future__ import annotations

import click

import aiomilvus
from aiomilvus.cli.serve import serve


@click.group()
@click.version_option(aiomilvus.__version__, prog_name="aiomilvus")
def main() -> None:
    """Vector search inside your process, or served to any Milvus client."""


main.add_command(serve)
