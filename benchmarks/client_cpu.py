"""CPU time that a client takes per row inserted and per search: ours and pymilvus', one server.

    python -m benchmarks.client_cpu [--server ours|lite] [--rows 20000] [--searches 1000]

The server runs in a process of its own, so that this process' time is the client's. Each
client fills a collection of its own from the same rows, lists of dicts with numpy vectors, and
searches it one query at a time and with 32 searches under way; the asynchronous clients are
measured.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pymilvus

import aiomilvus

if TYPE_CHECKING:
    from collections.abc import Iterator

DIM = 384
BATCH = 1000
TASKS = 32
SERVE = [sys.executable, "-u", "-c", "from aiomilvus.cli.main import main; main()", "serve"]


@contextmanager
def server(kind: str) -> Iterator[str]:
    """Run a server in another process and yield its URI."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "lite":
            code = (
                "import sys; from milvus_lite.server_manager import server_manager_instance as m;"
                f"print(m.start_and_get_uri({folder + '/lite.db'!r}), flush=True);"
                "sys.stdin.read()"
            )
            command = [sys.executable, "-c", code]
        else:
            command = [*SERVE, f"{folder}/app.db", "--port", "0"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            if process.stdout is None:
                raise RuntimeError("the server has no output")
            yield process.stdout.readline().split()[-1]
            process.terminate()


def define(module: Any, uri: str, name: str) -> None:
    """Create a collection with the synchronous client: milvus-lite can't serve pymilvus' other."""
    client = module.MilvusClient(uri)
    schema = module.MilvusClient.create_schema()
    schema.add_field("id", module.DataType.INT64, is_primary=True)
    schema.add_field("vector", module.DataType.FLOAT_VECTOR, dim=DIM)
    schema.add_field("text", module.DataType.VARCHAR, max_length=50)
    index = module.MilvusClient.prepare_index_params()
    index.add_index("vector", index_type="FLAT", metric_type="COSINE")
    client.create_collection(name, schema=schema, index_params=index)
    client.close()


async def measure(module: Any, uri: str, name: str, args: argparse.Namespace) -> tuple[float, ...]:
    """Return microseconds of CPU per row, per search alone, and per search of `TASKS` at once."""
    vectors = np.random.default_rng(3).random((args.rows, DIM), np.float32)
    rows = [{"id": n, "vector": vectors[n], "text": f"row {n}"} for n in range(args.rows)]
    await asyncio.to_thread(define, module, uri, name)
    client = module.AsyncMilvusClient(uri)
    await client.has_collection(name)
    began = time.process_time()
    for start in range(0, args.rows, BATCH):
        await client.insert(name, rows[start : start + BATCH])
    per_row = (time.process_time() - began) / args.rows

    async def search(n: int) -> None:
        found = await client.search(
            name, [vectors[n % args.rows]], limit=10, output_fields=["text"]
        )
        if found[0][0]["id"] != n % args.rows or not found[0][9]["entity"]["text"]:
            raise RuntimeError(f"search {n} found {found[0][0]}")

    async def searches(first: int, step: int) -> None:
        for n in range(first, args.searches, step):
            await search(n)

    await search(0)
    began = time.process_time()
    await searches(0, 1)
    alone = (time.process_time() - began) / args.searches
    began = time.process_time()
    await asyncio.gather(*(searches(first, TASKS) for first in range(TASKS)))
    at_once = (time.process_time() - began) / args.searches
    await client.close()
    return per_row * 1e6, alone * 1e6, at_once * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", choices=["ours", "lite"], default="ours")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--searches", type=int, default=1000)
    args = parser.parse_args()
    print(
        f"| client on {args.server} | CPU µs per row | per search | per search, {TASKS} at once |"
    )
    print("|---|---|---|---|")
    with server(args.server) as uri:
        for module in (pymilvus, aiomilvus):
            figures = asyncio.run(measure(module, uri, f"of_{module.__name__}", args))
            print(f"| {module.__name__} |", " | ".join(f"{each:.1f}" for each in figures), "|")


if __name__ == "__main__":
    main()
