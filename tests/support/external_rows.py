"""Rows of an external table, and collections over them, whatever format the table has."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from aiomilvus import DataType

if TYPE_CHECKING:
    from numpy.typing import NDArray

VECTORS: NDArray[np.float32] = np.random.default_rng(7).normal(size=(60, 4)).astype(np.float32)
KEY = "__virtual_pk__"
ENDS = ("RefreshCompleted", "RefreshFailed")


def table(first: int, stop: int) -> pa.Table:
    """Return rows whose number stands in each column."""
    numbers = range(first, stop)
    flat = pa.array(VECTORS[first:stop].ravel())
    return pa.table(
        {
            "number": pa.array(numbers, pa.int64()),
            "text": pa.array([f"word{n} common" if n % 5 else None for n in numbers]),
            "embedding": pa.FixedSizeListArray.from_arrays(flat, 4),
        }
    )


def fields(client: Any, source: str, spec: str) -> Any:
    """Return the schema over `table`'s columns."""
    schema = client.raw.create_schema(external_source=source, external_spec=spec)
    schema.add_field("n", DataType.INT64, external_field="number")
    text = {"max_length": 50, "enable_analyzer": True, "enable_match": True}
    schema.add_field("title", DataType.VARCHAR, external_field="text", **text)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=4, external_field="embedding")
    return schema


async def refreshed(client: Any, name: str = "c", *given: str) -> Any:
    """Refresh a collection and return its job once it has ended."""
    job = await client.refresh_external_collection(name, *given)
    while True:
        found = await client.get_refresh_external_collection_progress(job)
        if found.state in ENDS:
            return found
        await asyncio.sleep(0.01)


async def made(client: Any, source: str, spec: str, kind: str = "FLAT") -> Any:
    """Make a loaded collection "c" over `table`'s columns; return the job of its first refresh."""
    await client.create_collection("c", schema=fields(client, source, spec))
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type=kind, metric_type="L2")
    await client.create_index("c", params)
    job = await refreshed(client)
    await client.load_collection("c")
    return job
