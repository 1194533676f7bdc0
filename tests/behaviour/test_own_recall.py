"""AUTOINDEX tells how much it finds of data that graphs find little of, and finds it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

ROWS, DIM = 5_000, 16


async def test_an_index_tells_its_recall_and_keeps_it(client: Door) -> None:
    random = np.random.default_rng(0)
    lengths = np.exp(1.5 * random.standard_normal((ROWS, 1)))
    vectors = (random.standard_normal((ROWS, DIM)) * lengths).astype(np.float32)
    await client.create_collection("c", dimension=DIM, metric_type="L2", vector_field_name="v")
    rows = [{"id": row, "v": vector} for row, vector in enumerate(vectors)]
    await client.insert("c", rows)
    await client.flush("c")
    told = await client.describe_index("c", "v")
    while told["pending_index_rows"]:
        await asyncio.sleep(0.01)  # built beside; the test's own timeout is the limit
        told = await client.describe_index("c", "v")
    assert told["recall"] >= 0.95
    queries = vectors[:40] + random.standard_normal((40, DIM)).astype(np.float32)
    found = await client.search("c", data=list(queries), limit=10)
    apart = np.square(queries[:, None] - vectors).sum(2)
    nearest = np.argsort(apart, axis=1)[:, :10]
    hits = [
        len({hit["id"] for hit in ours} & set(best))
        for ours, best in zip(found, nearest.tolist(), strict=True)
    ]
    assert sum(hits) >= 0.95 * nearest.size
    for _ in range(2):  # as one search each that is like the one before, too
        each = [(await client.search("c", data=[query], limit=10))[0] for query in queries]
        assert [[hit["id"] for hit in one] for one in each] == [
            [hit["id"] for hit in one] for one in found
        ]
    plan = await client.explain("c", data=[queries[0].tolist()], limit=10)
    assert "recall" in plan.segments[0].index
