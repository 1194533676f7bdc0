"""``aiomilvus query`` and ``search``: rows of a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aiomilvus.cli.output import plain, print_json
from aiomilvus.cli.tables import print_rows
from aiomilvus.cli.target import Target, as_json_option, on_target, opened
from aiomilvus.cli.values import INT64_END, TEXT, Pair, VectorText, Whole, vector_of

if TYPE_CHECKING:
    from typing import TextIO

    from aiomilvus.cli.output import Document
    from aiomilvus.cli.values import Vector
    from aiomilvus.client.results.search import Hit

_field = click.option(
    "--field",
    "fields",
    type=TEXT,
    multiple=True,
    help="Show this field; may be repeated; all by default.",
)
_filter = click.option(
    "--filter", default="", help="Filter expression, as 'price < 5 and a == \"b\"'."
)
_partition = click.option(
    "--partition",
    "partitions",
    type=TEXT,
    multiple=True,
    help="Only this partition; may be repeated.",
)
_MOST_ROWS = 20
_LAST_ROW = 16_384
"""Milvus hands out no row behind this one, counted with the offset."""


@click.command()
@on_target
@click.argument("collection", type=TEXT)
@_filter
@click.option("--id", "ids", multiple=True, help="Primary key of a row; may be repeated.")
@_field
@_partition
@click.option("--limit", type=Whole(1), help=f"Most rows to show.  [default: {_MOST_ROWS}]")
@click.option("--offset", type=Whole(0), help="Rows to pass over first.")
@click.option("--count", is_flag=True, help="Count the rows rather than show them.")
@as_json_option
def query(
    target: Target,
    collection: str,
    filter: str,
    ids: tuple[str, ...],
    fields: tuple[str, ...],
    partitions: tuple[str, ...],
    limit: int | None,
    offset: int | None,
    *,
    count: bool,
    as_json: bool,
) -> None:
    """Show the rows of COLLECTION that pass a filter, or have given keys."""
    if ids and filter:
        raise click.UsageError("give --id or --filter, not both")
    if (count or ids) and (limit, offset) != (None, None):
        raise click.UsageError("--limit and --offset have no effect beside --id and --count")
    if count and fields:
        raise click.UsageError("--field has no effect beside --count")
    most, first = _MOST_ROWS if limit is None else limit, offset or 0
    # One more than is shown tells whether there are more.
    asked = most if most + first >= _LAST_ROW else most + 1
    options: Document = {}
    if not count and not ids:
        options = {"limit": asked, "offset": first}
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
    if not options:
        _show(rows, as_json=as_json)
        return
    _show(rows[:most], as_json=as_json)
    if len(rows) >= asked and (limit is None or not as_json):
        _tell_of_more(most, first, knows=asked > most)


def _tell_of_more(shown: int, first: int, *, knows: bool) -> None:
    """Say on standard error, as output may be for a program, that there are more rows.

    Args:
        shown: How many are shown.
        first: How many were passed over first.
        knows: Whether there are; where no further row can be asked for, there may be.
    """
    rows = "1 row is" if shown == 1 else f"{shown} rows are"
    if not knows:
        click.echo(
            f"{rows} shown, up to row {first + shown}, and no query gets further; --count says how "
            "many there are, and `export` writes them all",
            err=True,
        )
        return
    click.echo(
        f"{rows} shown, and there are more: --limit N shows up to N, --offset {first + shown} "
        "those that follow, --count says how many there are",
        err=True,
    )


def _keys(description: Document, ids: tuple[str, ...]) -> list[int] | list[str]:
    """Return keys as the collection has them: numbers or texts."""
    primary = next(field for field in description["fields"] if field.get("is_primary"))
    if primary["type"].name != "INT64":
        return list(ids)
    return [_number(key, primary["name"]) for key in ids]


def _number(key: str, field: str) -> int:
    try:
        number = int(key)
    except ValueError:
        number = INT64_END
    if not -INT64_END <= number < INT64_END:
        message = f"{key!r} is no key of this collection: {field} holds whole numbers of 64 bits"
        raise click.BadParameter(message, param_hint="--id")
    return number


@click.command()
@on_target
@click.argument("collection", type=TEXT)
@click.option(
    "--vector",
    type=VectorText(),
    help='Query vector as JSON: [0.1, 0.2], or {"3": 0.5} for a sparse one.',
)
@click.option(
    "--vector-file",
    type=click.File(encoding="utf-8"),
    help="File with the query vector as JSON; - for standard input.",
)
@click.option(
    "--text", type=TEXT, help="Query text, where the collection makes vectors of texts, or BM25."
)
@click.option(
    "--vector-field",
    "anns_field",
    type=TEXT,
    help="Field to search; needed when there are several.",
)
@_filter
@_field
@_partition
@click.option("--limit", default=10, type=Whole(1), show_default=True, help="Most hits to show.")
@click.option(
    "--param",
    "params",
    type=Pair(),
    multiple=True,
    help="Search parameter, as ef=64; may be repeated.",
)
@as_json_option
def search(
    target: Target,
    collection: str,
    vector: Vector | None,
    vector_file: TextIO | None,
    text: str | None,
    anns_field: str | None,
    filter: str,
    fields: tuple[str, ...],
    partitions: tuple[str, ...],
    limit: int,
    params: tuple[tuple[str, object], ...],
    *,
    as_json: bool,
) -> None:
    """Show the rows of COLLECTION nearest to a vector or a text, best first."""
    wanted = _query(vector, vector_file, text)
    parameters = dict(params)
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


def _query(vector: Vector | None, vector_file: TextIO | None, text: str | None) -> object:
    """Return the one query that was given."""
    given = [each for each in (vector, vector_file, text) if each is not None]
    if len(given) != 1:
        raise click.UsageError("give one of --vector, --vector-file and --text")
    if vector_file is None:
        return given[0]
    try:
        return vector_of(vector_file.read())
    except ValueError as error:  # or bytes that are no text
        raise click.BadParameter(str(error), param_hint="--vector-file") from error


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
