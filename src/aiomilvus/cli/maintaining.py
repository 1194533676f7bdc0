"""``aiomilvus compact``: what keeps a database in shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aiomilvus.cli.moving import on_terminal
from aiomilvus.cli.output import print_json
from aiomilvus.cli.tables import print_table
from aiomilvus.cli.target import Target, as_json_option, on_target, opened
from aiomilvus.cli.values import TEXT

if TYPE_CHECKING:
    from aiomilvus.cli.output import Document
    from aiomilvus.client.sync.client import MilvusClient


@click.command()
@on_target
@click.argument("collections", nargs=-1, type=TEXT)
@as_json_option
def compact(target: Target, collections: tuple[str, ...], *, as_json: bool) -> None:
    """Flush, merge segments, drop deleted rows and finish the indexes of COLLECTIONS.

    Without COLLECTIONS, of all in the database. Returns when it is done.
    """
    with opened(target, writes=True) as client:
        names = list(collections) or sorted(client.list_collections())
        found = [_compacted(client, name) for name in names]
    if as_json:
        print_json(found)
        return
    names = ["collection", "segments before", "segments after", "rows"]
    print_table(names, [list(each.values()) for each in found])


def _compacted(client: MilvusClient, name: str) -> Document:
    before = len(client.list_persistent_segments(name))
    client.optimize(name, progress=on_terminal())
    segments = client.list_persistent_segments(name)
    return {
        "collection": name,
        "segments_before": before,
        "segments_after": len(segments),
        "rows": int(client.get_collection_stats(name)["row_count"]),
    }
