"""How many rows a second are taken in durably: ourselves and the peers, each way rows may come.

    python -m benchmarks ingest [--corpus DIR] [--runs 3] [--rows 100000]

Durable: an acknowledged row survives the death of the process. Each measurement runs in a process
of its own on a new database, until the last row is acknowledged; peak memory is over what the
process had when the data lay ready. Medians of several runs, with the lowest and the highest.
Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.corpus import FOLDER, Corpus, load
from benchmarks.worker import peak_megabytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus import AsyncMilvusClient

BATCH = 2_000


def dicts(corpus: Corpus, *, lists: bool = False) -> list[dict[str, Any]]:
    """Return the rows as applications have them."""
    columns = zip(corpus.pos, corpus.lexfile.tolist(), corpus.gloss, corpus.vectors, strict=True)
    return [
        {
            "id": number,
            "pos": pos,
            "lexfile": lexfile,
            "gloss": gloss,
            "vector": vector.tolist() if lists else vector,
        }
        for number, (pos, lexfile, gloss, vector) in enumerate(columns)
    ]


def arrow(corpus: Corpus) -> Any:
    """Return the rows as an Arrow table."""
    pa = importlib.import_module("pyarrow")
    dim = corpus.vectors.shape[1]
    return pa.table(
        {
            "id": pa.array(range(len(corpus.vectors)), pa.int64()),
            "pos": pa.array(corpus.pos, pa.string()),
            "lexfile": corpus.lexfile,
            "gloss": pa.array(corpus.gloss, pa.string()),
            "vector": pa.FixedSizeListArray.from_arrays(corpus.vectors.ravel(), dim),
        }
    )


def arrays(corpus: Corpus) -> dict[str, Any]:
    """Return ids and vectors alone, as arrays."""
    return {"id": np.arange(len(corpus.vectors)), "vector": corpus.vectors}


def batches(data: Any, size: int) -> list[Any]:
    """Return the data in parts of `size` rows."""
    if isinstance(data, dict):
        count = len(data["id"])
        return [
            {name: values[at : at + size] for name, values in data.items()}
            for at in range(0, count, size)
        ]
    if isinstance(data, list):
        return [data[at : at + size] for at in range(0, len(data), size)]
    return [data.slice(at, size) for at in range(0, data.num_rows, size)]


def ours(data: Any, folder: Path, dim: int, size: int) -> float:
    """Return the seconds that inserting takes here; only vectors where there is no text."""
    from aiomilvus import AsyncMilvusClient, DataType  # noqa: PLC0415 - peers run without it

    parts = batches(data, size)

    async def insert(client: AsyncMilvusClient) -> float:
        schema = client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        if not isinstance(data, dict):
            schema.add_field("pos", DataType.VARCHAR, max_length=8)
            schema.add_field("lexfile", DataType.INT64)
            schema.add_field("gloss", DataType.VARCHAR, max_length=2_000)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        await client.create_collection("bench", schema=schema)
        began = time.perf_counter()
        for part in parts:
            await client.insert("bench", part)
        return time.perf_counter() - began

    async def run() -> float:
        async with AsyncMilvusClient(str(folder / "ours.db")) as client:
            return await insert(client)

    return asyncio.run(run())


def zvec_dicts(data: Any, folder: Path, dim: int, size: int) -> float:
    """Return the seconds that zvec takes for documents of the same rows."""
    zvec = importlib.import_module("zvec")
    schema = zvec.CollectionSchema(
        name="bench",
        fields=[
            zvec.FieldSchema("pos", zvec.DataType.STRING),
            zvec.FieldSchema("lexfile", zvec.DataType.INT64),
            zvec.FieldSchema("gloss", zvec.DataType.STRING),
        ],
        vectors=zvec.VectorSchema("vector", zvec.DataType.VECTOR_FP32, dim),
    )
    collection = zvec.create_and_open(str(folder / "zvec"), schema)
    began = time.perf_counter()
    for part in batches(data, min(size, 1_000)):
        collection.insert(
            [
                zvec.Doc(
                    id=str(row["id"]),
                    vectors={"vector": row["vector"]},
                    fields={name: row[name] for name in ("pos", "lexfile", "gloss")},
                )
                for row in part
            ]
        )
    collection.flush()
    return time.perf_counter() - began


def lancedb_table(data: Any, folder: Path, dim: int, size: int) -> float:  # noqa: ARG001 - as the others
    """Return the seconds that LanceDB takes for the same table."""
    lancedb = importlib.import_module("lancedb")
    began = time.perf_counter()
    lancedb.connect(folder / "lance").create_table("bench", data)
    return time.perf_counter() - began


WHOLE = 1 << 30
CASES: dict[str, tuple[str, Callable[[Corpus], Any], Callable[..., float], int, str]] = {
    "aiomilvus, dicts with numpy vectors": ("", dicts, ours, BATCH, "zvec, dicts"),
    "aiomilvus, dicts with lists of floats": (
        "",
        lambda c: dicts(c, lists=True),
        ours,
        BATCH,
        "zvec, dicts",
    ),
    "aiomilvus, Arrow table at once": ("", arrow, ours, WHOLE, "lancedb, Arrow table at once"),
    "aiomilvus, Arrow, 10,000 rows each": ("", arrow, ours, 10_000, "lancedb, Arrow table at once"),
    "aiomilvus, arrays, 10,000 rows each": ("", arrays, ours, 10_000, ""),
    "aiomilvus, arrays at once": ("", arrays, ours, WHOLE, ""),
    "zvec, dicts": ("zvec", dicts, zvec_dicts, 1_000, ""),
    "lancedb, Arrow table at once": ("lancedb", arrow, lancedb_table, WHOLE, ""),
}


def measure_one(name: str, corpus: Corpus) -> dict[str, float]:
    """Run one case in this process."""
    _, prepare, run, size, _ = CASES[name]
    data = prepare(corpus)
    before = peak_megabytes()
    with tempfile.TemporaryDirectory() as folder:
        seconds = run(data, Path(folder), corpus.vectors.shape[1], size)
    return {"rate": len(corpus.vectors) / seconds, "peak": peak_megabytes() - before}


def in_process(name: str, given: argparse.Namespace) -> dict[str, float] | None:
    """Run one case in a process of its own; None when that fails."""
    command = [sys.executable, "-m", "benchmarks.ingest", "--one", name, "--rows", str(given.rows)]
    if given.corpus:
        command += ["--corpus", str(given.corpus)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def table(given: argparse.Namespace) -> list[str]:
    """Measure all that is installed and return the rows of the table."""
    found: dict[str, list[dict[str, float]]] = {}
    for name, (module, *_) in CASES.items():
        if module and importlib.util.find_spec(module) is None:
            print(f"{name}: {module} is not installed", file=sys.stderr)
            continue
        runs = [each for _ in range(given.runs) if (each := in_process(name, given))]
        if runs:
            found[name] = runs
    medians = {n: statistics.median(run["rate"] for run in runs) for n, runs in found.items()}
    lines = []
    for name, runs in found.items():
        rates = [run["rate"] for run in runs]
        peer = CASES[name][4]
        ratio = f"{medians[name] / medians[peer]:.1f} × {peer}" if peer in medians else "–"
        peak = max(run["peak"] for run in runs)
        spread = f"{min(rates):,.0f}–{max(rates):,.0f}"
        lines.append(f"| {name} | {medians[name]:,.0f} ({spread}) | {ratio} | {peak:,.0f} |")
    return lines


def main() -> None:
    """Measure with what is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=FOLDER if FOLDER.exists() else None)
    parser.add_argument("--rows", type=int, default=0, help="0: all of a corpus")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--one", help="measure this case in this process, print it as JSON")
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure_one(given.one, load(given.corpus, given.rows, 1))))
        return
    lines = table(given)
    print(f"{given.corpus.name if given.corpus else 'generated'}; {os.cpu_count()} cores, ", end="")
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    print("| what | rows/s | ratio | peak memory over start, MB |\n|---|---|---|---|")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
