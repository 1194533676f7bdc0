"""The command ``aiomilvus``."""

from __future__ import annotations

import click

from aiomilvus.cli.commands import COMMANDS as _PLACES
from aiomilvus.cli.commands import SUMMARY
from aiomilvus.cli.group import Command, Commands
from aiomilvus.version import __version__

COMMANDS = {name: Command(*each) for name, each in _PLACES.items()}

main = click.version_option(__version__, prog_name="aiomilvus")(Commands(COMMANDS, "main", SUMMARY))
