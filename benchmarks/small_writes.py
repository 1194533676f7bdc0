"""How many small durable writes a second: ourselves beside SQLite, in one run.

    python -m benchmarks small_writes [--folder DIR] [--runs 5] [--seconds 1.5] [--dim 128]

Each write is acknowledged when it is on the disk. SQLite has a write-ahead log and
``synchronous=FULL``, keeps a key, a text and the vector's bytes of a row, and is called directly.
What a sync costs is the disk's, so all take turns, and only figures of one run compare. Medians of
several runs, with the lowest and the highest; a folder in memory shows what the processor takes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus import AsyncMilvusClient, DataType, MilvusClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from numpy.typing import NDArray

TASKS = 32
BATCH = 100
ROWS = 2_000
"""Rows that are there before: those which upserts replace."""


class Rows:
    """Made-up rows with keys that rise."""

    def __init__(self, dim: int) -> None:
        self.vectors: NDArray[np.float32] = (
            np.random.default_rng(7).standard_normal((4_096, dim)).astype(np.float32)
        )
        self.next = 0

    def row(self, key: int | None = None) -> dict[str, Any]:
        """Return a row, a new one unless it gets a key."""
        if key is None:
            key = self.next
            self.next += 1
        return {"id": key, "text": f"text {key}", "vector": self.vectors[key % len(self.vectors)]}

    def rows(self, count: int) -> list[dict[str, Any]]:
        """Return new rows."""
        return [self.row() for _ in range(count)]

    def known(self) -> Iterator[int]:
        """Yield keys of rows that there are, again and again in an order without a pattern."""
        at = 0
        while True:
            at = (at + 1_237) % ROWS
            yield at


async def _rate(write: Callable[[], Awaitable[Any]], seconds: float) -> float:
    """Return how many calls of `write` a second are answered, awaited one after the other."""
    began = time.perf_counter()
    count = 0
    while time.perf_counter() < began + seconds:
        await write()
        count += 1
    return count / (time.perf_counter() - began)


def _rate_of(write: Callable[[], Any], seconds: float) -> float:
    """Return how many calls of `write` a second are answered, called one after the other."""
    began = time.perf_counter()
    count = 0
    while time.perf_counter() < began + seconds:
        write()
        count += 1
    return count / (time.perf_counter() - began)


async def asynchronous(folder: Path, rows: Rows, seconds: float) -> dict[str, float]:
    """Return the rates of the asynchronous client, on a new database."""
    async with AsyncMilvusClient(str(folder / "ours.db")) as client:
        schema = client.create_schema(auto_id=False)
        _define(schema, rows)
        await client.create_collection("c", schema=schema)
        await client.insert("c", rows.rows(ROWS))
        known, gone = rows.known(), iter(range(1 << 60))

        async def one() -> None:
            await client.insert("c", rows.row())

        async def tasks() -> float:
            rates = [_rate(one, seconds) for _ in range(TASKS)]
            return sum(await asyncio.gather(*rates))

        async def batch() -> None:
            await client.insert("c", rows.rows(BATCH))

        async def upsert() -> None:
            await client.upsert("c", rows.row(next(known)))

        async def delete() -> None:
            await client.delete("c", ids=next(gone))

        await _rate(one, seconds / 3)
        return {
            "insert of 1": await _rate(one, seconds),
            f"insert of 1, {TASKS} tasks": await tasks(),
            f"insert of {BATCH}": await _rate(batch, seconds),
            "upsert of 1": await _rate(upsert, seconds),
            "delete of 1": await _rate(delete, seconds),
        }


def _define(schema: Any, rows: Rows) -> None:
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=100)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=rows.vectors.shape[1])


def synchronous(folder: Path, rows: Rows, seconds: float) -> dict[str, float]:
    """Return the rates of the synchronous client, on a new database."""
    with MilvusClient(str(folder / "ours.db")) as client:
        schema = client.create_schema(auto_id=False)
        _define(schema, rows)
        client.create_collection("c", schema=schema)
        client.insert("c", rows.rows(ROWS))
        known, gone = rows.known(), iter(range(1 << 60))
        cases: dict[str, Callable[[], Any]] = {
            "insert of 1": lambda: client.insert("c", rows.row()),
            f"insert of {BATCH}": lambda: client.insert("c", rows.rows(BATCH)),
            "upsert of 1": lambda: client.upsert("c", rows.row(next(known))),
            "delete of 1": lambda: client.delete("c", ids=next(gone)),
        }
        return _measured(cases, seconds)


def sqlite(folder: Path, rows: Rows, seconds: float) -> dict[str, float]:
    """Return the rates of SQLite, on a new database."""
    base = sqlite3.connect(folder / "peer.sqlite", isolation_level=None)
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=FULL")
    base.execute("CREATE TABLE c (id INTEGER PRIMARY KEY, text TEXT, vector BLOB)")
    known, gone = rows.known(), iter(range(1 << 60))

    def values(row: dict[str, Any]) -> tuple[int, str, bytes]:
        return row["id"], row["text"], row["vector"].tobytes()

    def insert(count: int) -> None:
        base.execute("BEGIN")
        base.executemany("INSERT INTO c VALUES (?, ?, ?)", map(values, rows.rows(count)))
        base.execute("COMMIT")

    def one() -> None:
        base.execute("INSERT INTO c VALUES (?, ?, ?)", values(rows.row()))

    def upsert() -> None:
        row = values(rows.row(next(known)))
        base.execute("INSERT OR REPLACE INTO c VALUES (?, ?, ?)", row)

    try:
        insert(ROWS)
        cases: dict[str, Callable[[], Any]] = {
            "insert of 1": one,
            f"insert of {BATCH}": lambda: insert(BATCH),
            "upsert of 1": upsert,
            "delete of 1": lambda: base.execute("DELETE FROM c WHERE id = ?", (next(gone),)),
        }
        return _measured(cases, seconds)
    finally:
        base.close()


def _measured(cases: dict[str, Callable[[], Any]], seconds: float) -> dict[str, float]:
    _rate_of(next(iter(cases.values())), seconds / 3)
    return {name: _rate_of(write, seconds) for name, write in cases.items()}


def measure(given: argparse.Namespace) -> dict[str, list[dict[str, float]]]:
    """Return the rates of each, run by run; they take turns."""
    found: dict[str, list[dict[str, float]]] = {"awaited": [], "called": [], "SQLite": []}
    for _ in range(given.runs):
        for name, rates in found.items():
            with tempfile.TemporaryDirectory(dir=given.folder) as text:
                folder, rows = Path(text), Rows(given.dim)
                if name == "awaited":
                    rates.append(asyncio.run(asynchronous(folder, rows, given.seconds)))
                else:
                    take = synchronous if name == "called" else sqlite
                    rates.append(take(folder, rows, given.seconds))
    return found


def table(found: dict[str, list[dict[str, float]]]) -> list[str]:
    """Return the rows of the table: writes a second, and ours over SQLite's."""

    def cell(name: str, case: str) -> str:
        rates = [run[case] for run in found[name] if case in run]
        if not rates:
            return "–"
        return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"

    def ratio(case: str) -> str:
        peers = [run[case] for run in found["SQLite"] if case in run]
        own = statistics.median([run[case] for run in found["awaited"]])
        return f"{own / statistics.median(peers):.2f}" if peers else "–"

    return [
        f"| {case} | {cell('awaited', case)} | {cell('called', case)} | {cell('SQLite', case)} "
        f"| {ratio(case)} |"
        for case in found["awaited"][0]
    ]


def main() -> None:
    """Measure with what is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=None, help="where databases are made")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--dim", type=int, default=128)
    given = parser.parse_args()
    lines = table(measure(given))
    where = given.folder or tempfile.gettempdir()
    print(f"{where}; {os.cpu_count()} cores, {platform.machine()}, ", end="")
    print(f"Python {platform.python_version()}; calls a second\n")
    print("| write | awaited | called | SQLite | awaited ÷ SQLite |\n|---|---|---|---|---|")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
