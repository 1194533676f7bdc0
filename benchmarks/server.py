"""Servers under 32 concurrent calls: ours and the real Milvus 2.3.5, pymilvus' client and ours.

    python -m benchmarks.server [--corpus FOLDER] [--rows N] [--milvus PYTHON] [--seconds 3]

Each server runs in a process of its own, one after the other, on the same rows with the same
index (HNSW, M 16, efConstruction 200, searched with ef 64). So does each client: the
asynchronous ones of pymilvus and of this package, on one loop with 32 calls under way. Rates
are calls a second, the median of the rounds and their range. `--milvus` names an interpreter
that has the package `milvus` (the extra `bench-server`); without it, Milvus is left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiomilvus import AsyncMilvusClient, DataType
from benchmarks.corpus import FOLDER, Corpus, load, recall
from benchmarks.server_client import CALLS, QUERIES, K, found_by

if TYPE_CHECKING:
    from collections.abc import Iterator

M, EF_CONSTRUCTION = 16, 200
BATCH = 2000
SERVE = [sys.executable, "-u", "-c", "from aiomilvus.cli.main import main; main()", "serve"]
MILVUS = """
import sys
from milvus import MilvusServer
server = MilvusServer()
server.set_base_dir(sys.argv[1])
server.start()
try:
    print(f"http://127.0.0.1:{server.listen_port}", flush=True)
    sys.stdin.read()
finally:
    server.stop()
"""


@contextmanager
def running(command: list[str]) -> Iterator[str]:
    """Run a server in another process and yield its URI, the last word it prints first."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("the server has no input or output")
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server does not start: {command[:3]}")
        try:
            yield line.split()[-1]
        finally:
            process.stdin.close()
            if command[: len(SERVE)] == SERVE:
                process.terminate()
            process.wait(60)


async def fill(uri: str, corpus: Corpus) -> None:
    """Insert the rows, index them, and return when the indexes are built and loaded."""
    async with AsyncMilvusClient(uri, timeout=600) as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("lexfile", DataType.INT64)
        schema.add_field("gloss", DataType.VARCHAR, max_length=2000)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=corpus.vectors.shape[1])
        await client.create_collection("bench", schema=schema)
        for start in range(0, len(corpus.vectors), BATCH):
            stop = min(start + BATCH, len(corpus.vectors))
            columns = {
                "id": list(range(start, stop)),
                "lexfile": corpus.lexfile[start:stop].tolist(),
                "gloss": corpus.gloss[start:stop],
                "vector": corpus.vectors[start:stop],
            }
            await client.insert("bench", columns)
        await client.flush("bench")
        params = client.prepare_index_params()
        build = {"M": M, "efConstruction": EF_CONSTRUCTION}
        params.add_index("vector", index_type="HNSW", metric_type="IP", params=build)
        params.add_index("lexfile", index_type="STL_SORT")
        await client.create_index("bench", params)
        while not await _is_built(client, len(corpus.vectors)):  # noqa: ASYNC110 - the server has to be asked
            await asyncio.sleep(0.2)
        await client.load_collection("bench")


async def _is_built(client: AsyncMilvusClient, rows: int) -> bool:
    told = await client.describe_index("bench", "vector")
    return told is not None and bool(
        told["state"] == "Finished" and int(told["indexed_rows"]) >= rows
    )


def measure(
    module: str, uri: str, queries: Path, args: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    """Let a client in another process make each kind of call, and return what it told."""
    command = [sys.executable, "-m", "benchmarks.server_client", module, uri, str(queries)]
    command += ["--seconds", str(args.seconds), "--rounds", str(args.rounds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return told


async def _embedded(path: str, corpus: Corpus) -> list[list[int]]:
    """Return what the embedded engine finds in the files that the server has left."""
    async with AsyncMilvusClient(path) as client:
        return await found_by(client, corpus.queries)


def run(args: argparse.Namespace) -> None:
    """Measure all and print the tables."""
    folder = args.corpus if args.corpus or not FOLDER.exists() else FOLDER
    corpus = load(folder, args.rows, QUERIES)
    truth = corpus.truth("", K)
    told: dict[str, dict[str, dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        queries = Path(scratch) / "queries.f32"
        queries.write_bytes(corpus.queries.tobytes())
        path = f"{scratch}/ours.db"
        with running([*SERVE, path, "--port", "0"]) as uri:
            asyncio.run(fill(uri, corpus))
            for module in ("pymilvus", "aiomilvus"):
                told[f"{module} → ours"] = measure(module, uri, queries, args)
        embedded = recall(asyncio.run(_embedded(path, corpus)), truth)
        if args.milvus:
            with running([args.milvus, "-c", MILVUS, f"{scratch}/milvus"]) as uri:
                asyncio.run(fill(uri, corpus))
                told["pymilvus → Milvus 2.3.5"] = measure("pymilvus", uri, queries, args)
                told["aiomilvus → Milvus 2.3.5"] = measure("aiomilvus", uri, queries, args)
    print(f"\n{corpus.name}, {len(corpus.vectors):,} rows of {corpus.vectors.shape[1]}", end="")
    print(f" dimensions; {args.rounds} rounds of {args.seconds:g} s\n")
    print("| client → server |", " | ".join(f"{name}/s" for name in CALLS), "| recall |")
    print("|---|" + "---|" * (len(CALLS) + 1))
    for name, figures in told.items():
        cells = [_cell(figures[call]["rates"]) for call in CALLS]
        print(f"| {name} |", " | ".join(cells), f"| {recall(figures['found'], truth):.4f} |")  # type: ignore[arg-type]  # the one list among the figures
    print(f"| embedded, the same files | {'| ' * len(CALLS)}| {embedded:.4f} |")


def _cell(rates: list[float]) -> str:
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", type=Path, help="folder with base.parquet, queries.parquet")
    parser.add_argument("--rows", type=int, default=0, help="rows of the corpus, 0 for all")
    parser.add_argument("--milvus", help="interpreter that has the package milvus")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
