"""``aiomilvus info``, ``list``, ``describe`` and ``stats``: what a target holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aiomilvus.cli.output import plain, print_json, size
from aiomilvus.cli.tables import print_pairs, print_table
from aiomilvus.cli.target import Target, as_json_option, on_target, opened
from aiomilvus.cli.values import TEXT

if TYPE_CHECKING:
    from pathlib import Path

    from aiomilvus.cli.output import Document
    from aiomilvus.client.results.infos import SegmentInfo
    from aiomilvus.client.sync.client import MilvusClient


@click.command()
@on_target
@as_json_option
def info(target: Target, *, as_json: bool) -> None:
    """Show what TARGET is: its version, its databases or the one named, and how large it is."""
    path = target.path
    with opened(target) as client:
        server = client.get_server_version(detail=True)
        leader = _leader(server)
        names = [target.database] if target.database else client.list_databases()
        found: Document = {
            "target": target.place,
            "kind": "server" if path is None else "directory",
            "version": plain(server),
            "databases": [_database(client, name) for name in names],
        }
    if path is not None:
        found["led_by"] = leader
        found["followed_by"] = _followers(path)
        found["bytes"] = _bytes_in(path)
        found["kernels"] = _kernels_state()
    if as_json:
        print_json(found)
        return
    version = server if isinstance(server, str) else f"{server['kind']} {server['version']}"
    pairs = [("target", target.place), ("kind", found["kind"]), ("version", version)]
    if path is not None:
        pairs.append(("led by", leader))
        pairs.append(("followed by", _processes(found["followed_by"])))
        pairs.append(("size on disk", size(found["bytes"])))
        pairs.append(("kernels", found["kernels"]))
    print_pairs(pairs)
    click.echo()
    rows = [(each["name"], each["collections"], each["rows"]) for each in found["databases"]]
    print_table(("database", "collections", "rows"), rows)


def _leader(server: str | Document) -> str:
    """Take out who leads the directory of what a process told that does no more than read it."""
    if isinstance(server, str):
        return "nobody"
    role = str(server.pop("role", ""))
    server.pop("process", "")
    return role.removeprefix("follows ") if role.startswith("follows ") else "nobody"


def _processes(numbers: list[int] | None) -> str:
    if numbers is None:
        return "unknown: the leader does not answer"
    return ", ".join(f"process {number}" for number in numbers) or "nobody"


def _kernels_state() -> str:
    # The engine, which a look into a server does not need.
    from aiomilvus.client.backends.embedded.kernels import kernels_state  # noqa: PLC0415

    return kernels_state()


def _followers(folder: Path) -> list[int] | None:
    # As above.
    from aiomilvus.client.backends.embedded.engine import followers_of  # noqa: PLC0415

    return followers_of(folder)


def _database(client: MilvusClient, name: str) -> Document:
    client.use_database(name)
    names = client.list_collections()
    rows = sum(_rows_of(client, each) for each in names)
    return {"name": name, "collections": len(names), "rows": rows}


def _rows_of(client: MilvusClient, name: str) -> int:
    return int(client.get_collection_stats(name)["row_count"])


def _bytes_in(folder: Path) -> int:
    """Return what files take; a file with two names, as a snapshot's, counts once."""
    sizes: dict[tuple[int, int], int] = {}
    for file in folder.rglob("*"):
        if file.is_file():
            status = file.stat()
            sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())


@click.command(name="list")
@on_target
@as_json_option
def list_(target: Target, *, as_json: bool) -> None:
    """List the collections of a database: rows, whether loaded, indexes, aliases."""
    with opened(target) as client:
        found = [_summary(client, name) for name in sorted(client.list_collections())]
    if as_json:
        print_json(found)
        return
    names = ("collection", "rows", "loaded", "indexes", "aliases")
    print_table(names, [tuple(each.values()) for each in found])


def _summary(client: MilvusClient, name: str) -> Document:
    return {
        "collection": name,
        "rows": _rows_of(client, name),
        "loaded": client.get_load_state(name)["state"].name == "Loaded",
        "indexes": client.list_indexes(name),
        "aliases": plain(client.list_aliases(name))["aliases"],
    }


@click.command()
@on_target
@click.argument("collection", type=TEXT)
@as_json_option
def describe(target: Target, collection: str, *, as_json: bool) -> None:
    """Show how COLLECTION is defined: fields, functions, indexes, partitions, properties."""
    with opened(target) as client:
        found = client.describe_collection(collection)
        indexes = [client.describe_index(collection, n) for n in client.list_indexes(collection)]
        found["indexes"] = indexes
        found["partitions"] = client.list_partitions(collection)
        found["load_state"] = client.get_load_state(collection)["state"]
    if as_json:
        print_json(found)
        return
    _print_definition(plain(found))


def _print_definition(found: Document) -> None:
    shown = [
        ("collection", found["collection_name"]),
        ("description", found["description"]),
        ("aliases", ", ".join(found["aliases"])),
        ("consistency", found["consistency_level_name"]),
        ("dynamic field", "yes" if found["enable_dynamic_field"] else "no"),
        ("load state", found["load_state"]),
        ("partitions", ", ".join(found["partitions"])),
        ("properties", _pairs(found["properties"])),
    ]
    print_pairs([pair for pair in shown if pair[1]])
    click.echo()
    print_table(
        ("field", "type", "parameters", "marks"),
        [(f["name"], f["type"], _pairs(f["params"]), _marks(f)) for f in found["fields"]],
    )
    if found["functions"]:
        click.echo()
        print_table(
            ("function", "type", "from", "to"),
            [
                (f["name"], f["type"], f["input_field_names"], f["output_field_names"])
                for f in found["functions"]
            ],
        )
    if found["indexes"]:
        click.echo()
        print_table(
            ("index", "field", "type", "metric"),
            [
                (i["index_name"], i["field_name"], i["index_type"], i.get("metric_type", ""))
                for i in found["indexes"]
            ],
        )


def _pairs(values: Document) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


def _marks(field: Document) -> list[str]:
    marks = {
        "is_primary": "primary key",
        "auto_id": "generated",
        "is_partition_key": "partition key",
        "is_clustering_key": "clustering key",
        "nullable": "nullable",
        "is_function_output": "function output",
    }
    return [text for name, text in marks.items() if field.get(name)]


@click.command()
@on_target
@click.argument("collection", type=TEXT)
@as_json_option
def stats(target: Target, collection: str, *, as_json: bool) -> None:
    """Count the rows of COLLECTION by partition, its segments, and what its indexes cover."""
    with opened(target) as client:
        found = _statistics(client, collection)
    if as_json:
        print_json(found)
        return
    print_pairs([("rows", found["rows"])])
    tables = (
        ("partitions", ("partition", "rows")),
        ("segments", ("segment", "state", "rows")),
        ("indexes", ("index", "field", "rows", "indexed", "pending")),
    )
    for key, names in tables:
        if found[key]:
            click.echo()
            print_table(names, [[each[name] for name in names] for each in found[key]])


def _statistics(client: MilvusClient, collection: str) -> Document:
    partitions = client.list_partitions(collection)
    rows = [client.get_partition_stats(collection, name)["row_count"] for name in partitions]
    segments = _segments(client, collection)
    indexes = [client.describe_index(collection, n) or {} for n in client.list_indexes(collection)]
    return {
        "collection": collection,
        "rows": _rows_of(client, collection),
        "partitions": [
            {"partition": name, "rows": int(count)}
            for name, count in zip(partitions, rows, strict=True)
        ],
        "segments": segments,
        "indexes": [
            {
                "index": each["index_name"],
                "field": each["field_name"],
                "rows": each["total_rows"],
                "indexed": each["indexed_rows"],
                "pending": each["pending_index_rows"],
            }
            for each in indexes
        ],
    }


def _segments(client: MilvusClient, collection: str) -> list[Document]:
    """Return what is searched, growing rows included; of a released collection, what is stored."""
    if client.get_load_state(collection)["state"].name == "Loaded":
        found: list[SegmentInfo] = list(client.list_loaded_segments(collection))
    else:
        found = list(client.list_persistent_segments(collection))
    return [
        {"segment": each.segment_id, "state": each.state.name, "rows": each.num_rows}
        for each in found
    ]
