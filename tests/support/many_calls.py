"""Thousands of calls at once on a server: which are answered, and how long others wait meanwhile.

    python -m tests.support.many_calls CALLS [aiomilvus|pymilvus]

One client gathers so many searches, another one in a process of its own makes a call after the
other, before that and meanwhile. Both are on a server in a third process. Told are how the
searches ended, how long the other one waited, and behind how many of the searches: that depends
on nothing else that the machine does.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus import AsyncMilvusClient, MilvusClient

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS, DIM = 1_000, 8
ALONE = 1_000
"""Calls of the bystander by which it is known how long one takes when nobody else calls."""


@contextmanager
def served(
    folder: str, *options: str, log: str = "", **environment: str
) -> Iterator[tuple[str, Any]]:
    """Serve a directory from a process of its own; yield the URI and that process.

    What it tells of errors goes to the file `log`, or where this process' does.
    """
    command = [sys.executable, "-m", "aiomilvus", "serve", folder, "--port", "0", "--no-http"]
    with (
        Path(log).open("w") if log else nullcontext() as errors,
        subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, **environment},
        ) as server,
    ):
        assert server.stdout is not None
        try:
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found, "the server has not started"
            yield found[0], server
        finally:
            server.terminate()
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()
                raise


def fill(uri: str) -> None:
    """Make the collection that is searched."""
    random = np.random.default_rng(1)
    with MilvusClient(uri) as client:
        client.create_collection("c", dimension=DIM)
        vectors = random.standard_normal((ROWS, DIM)).astype(np.float32)
        client.insert("c", [{"id": n, "vector": v} for n, v in enumerate(vectors)])


def watch(uri: str) -> None:
    """Make a call after the other; tell of those before and of those after a line comes in."""
    with MilvusClient(uri) as client:
        for _ in range(200):
            client.get("c", 1)
        _say([_span(client) for _ in range(ALONE)])
        told = threading.Thread(target=sys.stdin.readline)
        told.start()
        spans = []
        while told.is_alive():
            spans.append(_span(client))
        _say(spans)


def _span(client: MilvusClient) -> tuple[float, float]:
    began = time.monotonic()
    assert client.get("c", 1)
    return began, time.monotonic()


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


async def gathered(uri: str, calls: int, kind: str) -> tuple[Counter[str], list[float]]:
    """Return how so many searches at once ended, and when."""
    if kind == "pymilvus":
        import pymilvus

        client: Any = pymilvus.AsyncMilvusClient(uri)
    else:
        client = AsyncMilvusClient(uri, timeout=300)
    vector, moments = [[0.5] * DIM], list[float]()

    async def search() -> str:
        try:
            found = await client.search("c", vector, limit=3, timeout=300)
        except Exception as error:  # noqa: BLE001 - told by its kind
            return f"{type(error).__name__}: {str(error)[:60]}"
        moments.append(time.monotonic())
        return "answered" if len(found[0]) == 3 else "wrong"

    try:
        return Counter(await asyncio.gather(*(search() for _ in range(calls)))), moments
    finally:
        await client.close()


def told(spans: list[tuple[float, float]], moments: list[float]) -> dict[str, float]:
    """Return how long calls took, in milliseconds, and how many others were answered meanwhile."""
    began, ended = np.array(spans).T
    half, most = np.percentile(ended - began, [50, 99]) * 1_000
    others = np.searchsorted(moments, ended) - np.searchsorted(moments, began)
    behind = np.percentile(others, [50, 99])
    return {
        "calls": len(spans),
        "p50_ms": round(half, 2),
        "p99_ms": round(most, 2),
        "p50_others": behind[0],
        "p99_others": behind[1],
    }


def main(calls: int, kind: str = "aiomilvus") -> None:
    """Flood a server, and tell what became of the calls and of the bystander's."""
    with tempfile.TemporaryDirectory() as folder, served(f"{folder}/a.db") as (uri, _):
        fill(uri)
        with subprocess.Popen(
            [sys.executable, "-m", __spec__.name, "watch", uri],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as bystander:
            assert bystander.stdout is not None
            alone = json.loads(bystander.stdout.readline())
            ends, moments = asyncio.run(gathered(uri, calls, kind))
            assert bystander.stdin is not None
            bystander.stdin.write("\n")
            bystander.stdin.flush()
            meanwhile = json.loads(bystander.stdout.readline())
    _say({"searches": dict(ends), "load": os.getloadavg()[0]})
    if not moments:
        sys.exit("no search was answered")
    meanwhile = [span for span in meanwhile if span[1] <= moments[-1]]
    _say({"alone": told(alone, moments), "meanwhile": told(meanwhile, moments)})


if __name__ == "__main__":
    if sys.argv[1] == "watch":
        watch(sys.argv[2])
    else:
        main(int(sys.argv[1]), *sys.argv[2:])
