"""``aiomilvus check``: whether a directory, or a backup, is as it was written."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aiomilvus.cli.failures import DAMAGED
from aiomilvus.cli.keeping import bar
from aiomilvus.cli.output import print_json, size
from aiomilvus.cli.tables import visible
from aiomilvus.cli.target import as_json_option, directory
from aiomilvus.cli.values import TEXT, Whole

if TYPE_CHECKING:
    from aiomilvus.client.backends.embedded.directories import Report


@click.command()
@click.argument("path", type=TEXT)
@click.option(
    "--sample",
    type=Whole(0),
    default=16,
    show_default=True,
    help="Rows of each segment that its indexes are compared by; 0 for none.",
)
@as_json_option
def check(path: str, sample: int, *, as_json: bool) -> None:
    """Compare every file of the database, or backup, in PATH with its checksums.

    Then keys, scalar, text and vector indexes are compared with a sample of the rows. Other
    processes may have the database open; nothing is changed. The exit code is 4 where something is
    wrong.
    """
    from aiomilvus.client.backends.embedded import directories  # noqa: PLC0415 - the engine

    place = Path(path) if directories.is_backup(Path(path)) else directory(path)
    report = directories.check(place, sample=sample, tell=bar("checking"))
    if as_json:
        problems = [each._asdict() for each in report.problems]
        print_json({**report._asdict(), "problems": problems})
    else:
        _print(path, report)
    if report.problems:
        sys.exit(DAMAGED)


def _print(path: str, report: Report) -> None:
    for place, what in report.problems:
        click.echo(visible(what if place in what else f"{place}: {what}"))
    if report.problems:
        problems = _counted(len(report.problems), "problem")
        click.echo(f"{path} is damaged: {problems}")
        return
    files, compared = _counted(report.files, "file"), _counted(report.compared, "comparison")
    parts = (files, size(report.nbytes), compared)
    click.echo(f"{path} is as it was written: {', '.join(parts)}")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
