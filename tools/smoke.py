"""Try an installed package at every door, with nothing else needed; run as a file.

    python tools/smoke.py [--readme README.md] [--size MIB] [--without-text]

Opens a database in the process, asynchronously and synchronously, serves it and reaches it with
this package's client and, where it is installed, pymilvus'. Every door writes, filters, searches
by vector and by word, and reads again what was there before. `--readme` runs the first Python
block of a page. `--size` fails if what is installed takes more; `--without-text` leaves out
searches by word. Prints a line for each door.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import importlib.util
import platform
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from aiomilvus import AsyncMilvusClient, DataType, Function, FunctionType, MilvusClient, __version__
from aiomilvus.server import serve

ROWS = 2_000
WIDTH = 16
_OF_PIP = ("pip", "setuptools", "pkg_resources", "_distutils_hack")


class Scope:
    """What is tried."""

    text = True
    """Whether searches by word are; tantivy does not load under Wine."""


def schema_of(client: Any) -> tuple[Any, Any]:
    """A collection with vectors, a text that is searched by word, and a price; its indexes."""
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=WIDTH)
    schema.add_field("text", DataType.VARCHAR, max_length=200, enable_analyzer=Scope.text)
    schema.add_field("price", DataType.INT64)
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type="HNSW", metric_type="L2")
    indexes.add_index("text", index_type="INVERTED")
    if Scope.text:
        schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
        indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    return schema, indexes


def rows() -> list[dict[str, Any]]:
    """The same rows on every call."""
    values = np.random.default_rng(7).normal(size=(ROWS, WIDTH)).astype(np.float32)
    nouns = ("tide", "fox", "Überraschung", "山")
    return [
        {"id": n, "vector": values[n], "text": f"row {n} a {nouns[n % 4]}", "price": n % 100}
        for n in range(ROWS)
    ]


QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("search", {"data": [rows()[17]["vector"]], "anns_field": "vector", "limit": 3}),
    ("search", {"data": ["fox"], "anns_field": "words", "limit": 3, "filter": "price >= 50"}),
    ("query", {"filter": 'text like "%fox" and price == 1', "output_fields": ["text"]}),
    ("query", {"filter": 'text =~ "^row 1[0-9] .*山$"', "output_fields": ["text"]}),
    ("query", {"filter": 'text in ["row 2 a Überraschung"]', "output_fields": ["price"]}),
]


def questions() -> list[tuple[str, dict[str, Any]]]:
    """Return those to ask."""
    return [each for each in QUESTIONS if Scope.text or each[1].get("anns_field") != "words"]


def expect(condition: bool, found: object) -> None:
    """End the program with what was found, unless it is as it should be."""
    if not condition:
        sys.exit(f"unexpected: {found}")


def check(answers: list[Any]) -> None:
    """Compare answers with what the rows say."""
    near, *words, like, regex, one = answers
    ids = [hit["id"] for hit in near[0]]
    expect(ids[0] == 17, ids)
    for found in words:
        expect([hit["id"] % 4 for hit in found[0]] == [1, 1, 1], found)
    expect(sorted(row["id"] for row in like) == [n for n in range(ROWS) if n % 100 == 1], like)
    expect(sorted(row["id"] for row in regex) == [11, 15, 19], regex)
    expect([(row["id"], row["price"]) for row in one] == [(2, 2)], one)


async def fill(client: AsyncMilvusClient) -> None:
    """Make the collection, asynchronously."""
    schema, indexes = schema_of(client)
    await client.create_collection("smoke", schema=schema, index_params=indexes)
    await client.insert("smoke", rows())
    await client.flush("smoke")


async def ask(client: AsyncMilvusClient) -> None:
    """Ask all questions, asynchronously."""
    check([await getattr(client, name)("smoke", **asked) for name, asked in questions()])


def ask_sync(client: Any) -> None:
    """Ask all questions of a synchronous client."""
    check([getattr(client, name)("smoke", **asked) for name, asked in questions()])
    client.upsert("smoke", [{**rows()[3], "price": 1_000}])
    found = client.query("smoke", filter="price == 1000", output_fields=["id"])
    expect([row["id"] for row in found] == [3], found)
    client.upsert("smoke", [rows()[3]])


async def embedded(path: str) -> None:
    async with AsyncMilvusClient(path) as client:
        await fill(client)
        await ask(client)
    async with AsyncMilvusClient(path) as client:  # what was written is there again
        await ask(client)


def synchronous(path: str) -> None:
    with MilvusClient(path) as client:
        ask_sync(client)


async def served(path: str) -> list[str]:
    doors = ["server and remote client"]
    async with serve(path, port=0) as server:
        async with AsyncMilvusClient(server.uri) as client:
            await ask(client)
        if importlib.util.find_spec("pymilvus") is not None:
            await asyncio.to_thread(with_pymilvus, server.uri)
            doors.append("server and pymilvus")
    return doors


def with_pymilvus(uri: str) -> None:
    import pymilvus  # noqa: PLC0415 - may be missing

    client = pymilvus.MilvusClient(uri)
    ask_sync(client)
    client.close()


async def run_page(name: str, page: str) -> None:
    """Run the first Python block of a page, in the working directory."""
    block = page.split("```python\n")[1].split("```", maxsplit=1)[0]
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    result = eval(compile(block, name, "exec", flags), {"__name__": "__page__"})  # noqa: S307 - our own page
    if result is not None:
        await result


def installed() -> float:
    """Return how many MiB are installed in this environment, without pip and its companions."""
    folder = Path(sysconfig.get_path("purelib"))
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(
        path.stat().st_size
        for path in files
        if not path.relative_to(folder).parts[0].startswith(_OF_PIP)
    ) / (1 << 20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readme", type=Path)
    parser.add_argument("--size", type=float)
    parser.add_argument("--without-text", action="store_true")
    options = parser.parse_args()
    Scope.text = not options.without_text
    version = platform.python_version()
    print(f"aiomilvus {__version__}, Python {version}, {sys.platform} {platform.machine()}")
    if options.size:
        size = installed()
        print(f"installed: {size:.0f} MiB")
        expect(size <= options.size, f"more than {options.size} MiB")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = str(Path(folder, "smoke.db"))
        asyncio.run(embedded(path))
        print("embedded, asynchronous: as expected")
        synchronous(path)
        print("embedded, synchronous: as expected")
        for door in asyncio.run(served(path)):
            print(f"{door}: as expected")
        if options.readme:
            page = options.readme.read_text(encoding="utf-8")
            asyncio.run(run_page(options.readme.name, page))
            print(f"{options.readme.name}: runs")


if __name__ == "__main__":
    main()
