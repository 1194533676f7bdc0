"""``aiomilvus export`` and ``import``: collections into files, and files into collections."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from aiomilvus.cli.output import print_json
from aiomilvus.cli.target import Target, as_json_option, on_target, opened
from aiomilvus.cli.values import FILE, NEW_FILE, TEXT

if TYPE_CHECKING:
    from aiomilvus.client.progress import OnProgress


@click.command()
@on_target
@click.argument("collection", type=TEXT)
@click.argument("file", type=NEW_FILE)
@click.option("--filter", default="", help="Only rows that pass this filter expression.")
@click.option(
    "--field",
    "fields",
    type=TEXT,
    multiple=True,
    help="Write this field; may be repeated; all by default.",
)
@click.option(
    "--partition",
    "partitions",
    type=TEXT,
    multiple=True,
    help="Only this partition; may be repeated.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@as_json_option
def export(
    target: Target,
    collection: str,
    file: str,
    filter: str,
    fields: tuple[str, ...],
    partitions: tuple[str, ...],
    *,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write the rows of COLLECTION to FILE, which ends in .parquet, .jsonl or .csv.

    The same command after an interruption goes on where the first came to.
    """
    with opened(target) as client:
        rows = client.export_collection(
            collection,
            file,
            filter,
            list(fields) or None,
            list(partitions) or None,
            overwrite=overwrite,
            progress=on_terminal(),
        )
    _tell(file, collection, rows, "exported", as_json=as_json)


@click.command(name="import")
@on_target
@click.argument("collection", type=TEXT)
@click.argument("file", type=FILE)
@click.option("--partition", type=TEXT, help="Put the rows into this partition.")
@click.option(
    "--record",
    type=NEW_FILE,
    help="File to note the progress in, by default one below ~/.local/state/aiomilvus.",
)
@as_json_option
def import_(
    target: Target,
    collection: str,
    file: str,
    partition: str | None,
    record: str | None,
    *,
    as_json: bool,
) -> None:
    """Insert the rows of FILE, which ends in .parquet, .jsonl or .csv, into COLLECTION.

    The collection must exist. The same command after an interruption goes on where the first came
    to.
    """
    with opened(target, writes=True) as client:
        rows = client.import_collection(
            collection, file, partition or "", record=record, progress=on_terminal()
        )
    _tell(file, collection, rows, "imported", as_json=as_json)


def on_terminal() -> OnProgress | None:
    """Return what shows a bar, where standard error is a terminal."""
    from aiomilvus.client.progress import show_progress  # noqa: PLC0415 - as the client

    return show_progress if sys.stderr.isatty() else None


def _tell(file: str, collection: str, rows: int, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"collection": collection, "file": file, "rows": rows})
    else:
        preposition = "to" if what == "exported" else "from"
        click.echo(f"{rows} rows {what} {preposition} {file}")
