"""``aiomilvus copy``: databases from one place to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aiomilvus.cli.moving import on_terminal
from aiomilvus.cli.output import print_json
from aiomilvus.cli.target import as_json_option
from aiomilvus.cli.values import FILE, NEW_FILE, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.cli.output import Document
    from aiomilvus.copying.job import CollectionReport


@click.command()
@click.argument("source", type=TEXT)
@click.argument("target", type=TEXT)
@click.option(
    "--database",
    "databases",
    type=TEXT,
    multiple=True,
    help="Copy only this database; may be repeated.",
)
@click.option(
    "--collection",
    "collections",
    type=TEXT,
    multiple=True,
    help="Copy only collections of this name; may be repeated.",
)
@click.option(
    "--source-token", default="", envvar="AIOMILVUS_SOURCE_TOKEN", help="user:password, or a key."
)
@click.option(
    "--target-token", default="", envvar="AIOMILVUS_TARGET_TOKEN", help="user:password, or a key."
)
@click.option("--source-ca", type=FILE, help="PEM file with the authorities of the source.")
@click.option("--target-ca", type=FILE, help="PEM file with the authorities of the target.")
@click.option(
    "--record",
    type=NEW_FILE,
    help="File to note the progress in, by default one below ~/.local/state/aiomilvus.",
)
@as_json_option
def copy(
    source: str,
    target: str,
    databases: tuple[str, ...],
    collections: tuple[str, ...],
    source_token: str,
    target_token: str,
    source_ca: str | None,
    target_ca: str | None,
    record: str | None,
    *,
    as_json: bool,
) -> None:
    """Copy databases from SOURCE to TARGET, each a directory or the URI of a server.

    The same command after an interruption goes on where the first came to. At the end, the
    numbers of rows and a sample of the rows are compared.
    """
    import asyncio  # noqa: PLC0415 - --help has no use for it

    from aiomilvus.copying.job import copy as run  # noqa: PLC0415 - as above

    reports = asyncio.run(
        run(
            source,
            target,
            databases=databases or None,
            collections=collections or None,
            record=record,
            source_options=_options(source_token, source_ca),
            target_options=_options(target_token, target_ca),
            **_bar(),
        )
    )
    if as_json:
        print_json([_document(each) for each in reports])
        return
    for each in reports:
        click.echo(_line(each))


def _options(token: str, ca: str | None) -> dict[str, str]:
    options = {"token": token, "ca_pem_path": ca or ""}
    return {name: value for name, value in options.items() if value}


def _bar() -> dict[str, Callable[[int], None]]:
    """Return what shows a bar, where standard error is a terminal."""
    show = on_terminal()
    if show is None:
        return {}
    from aiomilvus.client.progress import Progress  # noqa: PLC0415 - as the client

    rows = {"total": 0, "done": 0}

    def on_total(total: int) -> None:
        rows["total"] = total

    def on_rows(count: int) -> None:
        rows["done"] += count
        show(Progress("copying", rows["done"], rows["total"]))

    return {"on_total": on_total, "on_rows": on_rows}


def _document(report: CollectionReport) -> Document:
    return {
        "database": report.db,
        "collection": report.name,
        "rows": report.rows,
        "hidden": report.hidden,
        "compared": report.compared,
        "notes": list(report.notes),
    }


def _line(report: CollectionReport) -> str:
    text = f"{report.db}/{report.name}: {report.rows} rows, {report.compared} compared"
    if report.hidden:
        text += f"; {report.hidden} older rows of the same keys were left behind"
    return "\n  ".join((text, *report.notes))
