"""The command line: arguments in, exit codes and messages out; the work is done elsewhere."""

from __future__ import annotations

from aiomilvus.cli.main import main

__all__ = ["main"]
