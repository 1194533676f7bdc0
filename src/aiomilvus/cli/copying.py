"""``aiomilvus copy``: databases from one place to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from aiomilvus.copying.job import CollectionReport


@click.command()
@click.argument("source")
@click.argument("target")
@click.option(
    "--database", "databases", multiple=True, help="Copy only this database; may be repeated."
)
@click.option(
    "--collection",
    "collections",
    multiple=True,
    help="Copy only collections of this name; may be repeated.",
)
@click.option(
    "--source-token", default="", envvar="AIOMILVUS_SOURCE_TOKEN", help="user:password, or a key."
)
@click.option(
    "--target-token", default="", envvar="AIOMILVUS_TARGET_TOKEN", help="user:password, or a key."
)
@click.option("--source-ca", default="", help="PEM file with the authorities of the source.")
@click.option("--target-ca", default="", help="PEM file with the authorities of the target.")
@click.option(
    "--record",
    default=None,
    type=click.Path(dir_okay=False),
    help="File to note the progress in, by default one below ~/.local/state/aiomilvus.",
)
def copy(
    source: str,
    target: str,
    databases: tuple[str, ...],
    collections: tuple[str, ...],
    source_token: str,
    target_token: str,
    source_ca: str,
    target_ca: str,
    record: str | None,
) -> None:
    """Copy databases from SOURCE to TARGET, each a directory or the URI of a server.

    The same command after an interruption goes on where the first came to. At the end, the
    numbers of rows and a sample of the rows are compared.
    """
    import asyncio  # noqa: PLC0415 - --help has no use for it

    given = {
        "databases": databases or None,
        "collections": collections or None,
        "record": record,
        "source_options": _options(source_token, source_ca),
        "target_options": _options(target_token, target_ca),
    }
    with click.progressbar(length=0, label="copying", show_pos=True) as bar:
        reports = asyncio.run(_run(source, target, given, bar))
    for each in reports:
        click.echo(_line(each))


def _options(token: str, ca: str) -> dict[str, str]:
    options = {"token": token, "ca_pem_path": ca}
    return {name: value for name, value in options.items() if value}


async def _run(
    source: str, target: str, given: dict[str, Any], bar: ProgressBar[int]
) -> list[CollectionReport]:
    from aiomilvus.copying.job import copy as run  # noqa: PLC0415 - loads what --help has no use for

    def on_total(total: int) -> None:
        bar.length = total

    return await run(source, target, on_total=on_total, on_rows=bar.update, **given)


def _line(report: CollectionReport) -> str:
    text = f"{report.db}/{report.name}: {report.rows} rows, {report.compared} compared"
    if report.hidden:
        text += f"; {report.hidden} older rows of the same keys were left behind"
    return text
