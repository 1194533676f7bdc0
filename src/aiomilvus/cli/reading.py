"""``aiomilvus query`` and ``search``: rows of a collection."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from aiomilvus.cli.output import plain, print_json, print_rows
from aiomilvus.cli.target import Target, as_json_option, on_target, opened

if TYPE_CHECKING:
    from typing import TextIO

    from aiomilvus.cli.output import Document
    from aiomilvus.client.results.search import Hit

_field = click.option(
    "--field", "fields", multiple=True, help="Show this field; may be repeated; all by default."
)
_filter = click.option(
    "--filter", default="", help="Filter expression, as 'price < 5 and a == \"b\"'."
)
_partition = click.option(
    "--partition", "partitions", multiple=True, help="Only this partition; may be repeated."
)


@click.command()
@on_target
@click.argument("collection")
@_filter
@click.option("--id", "ids", multiple=True, help="Primary key of a row; may be repeated.")
@_field
@_partition
@click.option("--limit", default=20, show_default=True, help="Most rows to show.")
@click.option("--offset", default=0, help="Rows to pass over first.")
@click.option("--count", is_flag=True, help="Count the rows rather than show them.")
@as_json_option
def query(
    target: Target,
    collection: str,
    filter: str,
    ids: tuple[str, ...],
    fields: tuple[str, ...],
    partitions: tuple[str, ...],
    limit: int,
    offset: int,
    *,
    count: bool,
    as_json: bool,
) -> None:
    """Show the rows of COLLECTION that pass a filter, or have given keys."""
    if ids and filter:
        raise click.UsageError("give --id or --filter, not both")
    options: Document = {} if count or ids else {"limit": limit, "offset": offset}
    with opened(target) as client:
        found = client.query(
            collection,
            filter,
            output_fields=["count(*)"] if count else list(fields) or ["*"],
            ids=_keys(client.describe_collection(collection), ids) if ids else None,
            partition_names=list(partitions) or None,
            **options,
        )
        rows = [dict(row) for row in found]
    _show(rows, as_json=as_json)


def _keys(description: Document, ids: tuple[str, ...]) -> list[int] | list[str]:
    """Return keys as the collection has them: numbers or texts."""
    primary = next(field for field in description["fields"] if field.get("is_primary"))
    if primary["type"].name != "INT64":
        return list(ids)
    try:
        return [int(key) for key in ids]
    except ValueError as error:
        raise click.BadParameter(f"the keys of this collection are numbers: {error}") from error


@click.command()
@on_target
@click.argument("collection")
@click.option("--vector", help='Query vector as JSON: [0.1, 0.2], or {"3": 0.5} for a sparse one.')
@click.option(
    "--vector-file",
    type=click.File(encoding="utf-8"),
    help="File with the query vector as JSON; - for standard input.",
)
@click.option("--text", help="Query text, where the collection makes vectors of texts, or BM25.")
@click.option(
    "--vector-field", "anns_field", help="Field to search; needed when there are several."
)
@_filter
@_field
@_partition
@click.option("--limit", default=10, show_default=True, help="Most hits to show.")
@click.option(
    "--param", "params", multiple=True, help="Search parameter, as ef=64; may be repeated."
)
@as_json_option
def search(
    target: Target,
    collection: str,
    vector: str | None,
    vector_file: TextIO | None,
    text: str | None,
    anns_field: str | None,
    filter: str,
    fields: tuple[str, ...],
    partitions: tuple[str, ...],
    limit: int,
    params: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Show the rows of COLLECTION nearest to a vector or a text, best first."""
    wanted = _query(vector, vector_file, text)
    parameters = dict(_parameter(each) for each in params)
    with opened(target) as client:
        found = client.search(
            collection,
            [wanted],
            filter=filter,
            limit=limit,
            output_fields=list(fields) or ["*"],
            search_params={"params": parameters} if parameters else None,
            partition_names=list(partitions) or None,
            anns_field=anns_field,
        )
        rows = [_hit(hit) for hit in found[0]]
    _show(rows, as_json=as_json)


def _query(vector: str | None, vector_file: TextIO | None, text: str | None) -> object:
    """Return the one query that was given."""
    given = [each for each in (vector, vector_file, text) if each is not None]
    if len(given) != 1:
        raise click.UsageError("give one of --vector, --vector-file and --text")
    if text is not None:
        return text
    if vector_file is not None:
        vector = vector_file.read()
    try:
        value = json.loads(vector or "")
    except ValueError as error:
        raise click.BadParameter(f"the query vector is not JSON: {error}") from error
    if isinstance(value, dict):
        return {int(index): weight for index, weight in value.items()}
    return value


def _parameter(given: str) -> tuple[str, object]:
    name, separator, value = given.partition("=")
    if not separator:
        raise click.BadParameter(f"--param {given}: expected NAME=VALUE, as ef=64")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _hit(hit: Hit) -> Document:
    """Return a hit as one row: key, distance, fields."""
    row = dict(hit)
    entity = row.pop("entity", {}) or {}
    return {**row, **dict(entity)}


def _show(rows: list[Document], *, as_json: bool) -> None:
    if as_json:
        print_json(plain(rows))
    elif rows:
        print_rows(rows)
    else:
        click.echo("no rows", err=True)
