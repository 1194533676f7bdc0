"""The largest requests that a server takes: the memory of each, and when it is left off.

    python -m tests.support.large_requests

Told are, for each request, how it ended, how many MB the server had more than before the first one,
and how long the server went on after its caller had gone. Linux.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiomilvus import AnnSearchRequest, DataType, MilvusClient, MilvusException, RRFRanker
from tests.support.many_calls import served
from tests.support.wire_fuzz import memory_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

ROWS, DIM = 20_000, 256
_LEFT_AFTER = 0.3
"""Seconds after which a caller goes."""
_IDLE = 0.05
"""The share of a processor below which a server does nothing for anybody."""


def _fill(client: MilvusClient) -> NDArray[np.float32]:
    """Make a collection, and return its vectors."""
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=1_000)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=DIM)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type="COSINE")
    client.create_collection("c", schema=schema, index_params=index)
    vectors = np.random.default_rng(0).standard_normal((ROWS, DIM)).astype(np.float32)
    rows = [
        {"id": key, "text": f"text {key} " * 30, "vector": vector, "more": {"key": key}}
        for key, vector in enumerate(vectors)
    ]
    for first in range(0, ROWS, 2_000):
        client.insert("c", rows[first : first + 2_000])
    client.flush("c")
    client.search("c", vectors[:10], limit=10)
    return vectors


def _requests(vectors: NDArray[np.float32]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for nq, limit in ((2_000, 16_384), (2_000, 400), (2_000, 100), (200, 1_000), (10, 16_384)):
        for fields in ([], ["text", "more"], ["*"]):
            told = f"search nq={nq} limit={limit} of {fields or 'keys'}"
            yield told, "search", {"data": vectors[:nq], "limit": limit, "output_fields": fields}
    for limit in (2_000, 16_384):
        values = {"filter": "id >= 0", "limit": limit, "output_fields": ["*"]}
        yield f"query limit={limit} of ['*']", "query", values
    parts = [AnnSearchRequest(vectors[:500], "vector", {}, limit=1_000) for _ in range(4)]
    values = {"reqs": parts, "ranker": RRFRanker(), "limit": 100, "output_fields": ["text"]}
    yield "hybrid_search nq=500 of four searches", "hybrid_search", values


@contextmanager
def _watched(process: int, most: list[int]) -> Iterator[None]:
    """Note the most memory that a process has meanwhile."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            most[0] = max(most[0], memory_of(process))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _busy(process: int) -> float:
    """Return the seconds of processor time that a process and those it started have taken."""
    folder = Path(f"/proc/{process}")
    spent = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
    started = (folder / "task" / str(process) / "children").read_text().split()
    ticks = sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")
    return ticks + sum(_busy(int(each)) for each in started)


def _goes_on(process: int) -> tuple[float, float]:
    """Return the seconds until a process does nothing, and those of a processor that it takes."""
    began = last = time.monotonic()
    first = spent = _busy(process)
    while True:
        time.sleep(0.1)
        now, busy = time.monotonic(), _busy(process)
        if busy - spent < _IDLE * (now - last):
            return last - began, busy - first
        last, spent = now, busy


def _ask(client: MilvusClient, name: str, values: Mapping[str, Any], **bound: float) -> str:
    try:
        getattr(client, name)("c", **values, **bound)
    except MilvusException as error:
        return type(error).__name__
    return "answered"


def main() -> None:
    """Send each request twice: once to its end, and once with a caller that goes."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(f"{folder}/a.db") as (uri, server),
        MilvusClient(uri, timeout=600) as client,
    ):
        vectors = _fill(client)
        _goes_on(server.pid)
        idle = memory_of(server.pid)
        for told, name, values in _requests(vectors):
            most, began = [0], time.monotonic()
            with _watched(server.pid, most):
                ended = _ask(client, name, values)
            took = time.monotonic() - began
            line = f"{told}: {ended} after {took:.1f} s, {most[0] - idle} MB"
            if took > 2 * _LEFT_AFTER:
                _ask(client, name, values, timeout=_LEFT_AFTER)
                wall, spent = _goes_on(server.pid)
                line += f", left off after {wall:.1f} s, {spent:.1f} of a processor's"
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
