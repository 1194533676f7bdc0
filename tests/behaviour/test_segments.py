"""Segments, as they are listed."""

from __future__ import annotations

import asyncio
from typing import Any

from aiomilvus import DataType


async def test_segments_tell_rows_level_node_and_the_index_they_are_searched_by(
    client: Any,
) -> None:
    index = client.raw.prepare_index_params()
    index.add_index("vector", index_name="by_vector", metric_type="L2")
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
    await client.create_collection("c", schema=schema, index_params=index)
    rows = [{"id": n, "vector": [n, n % 7, n % 11, 1.0]} for n in range(3000)]
    await client.insert("c", rows)
    await client.flush("c")
    while (await client.describe_index("c", "by_vector"))["pending_index_rows"]:  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # built beside; the test's own timeout is the limit
    await client.insert("c", [{"id": 9000, "vector": [0.0] * 4}])
    (kept,) = await client.list_persistent_segments("c")
    assert (kept.num_rows, kept.collection_name) == (3000, "c")
    assert (kept.level_name, kept.state_name) == ("L1", "Flushed")
    sealed, growing = sorted(await client.list_loaded_segments("c"), key=lambda s: -s.num_rows)
    assert sealed.segment_id == kept.segment_id
    assert (sealed.num_rows, growing.num_rows) == (3000, 1)
    assert (sealed.index_name, growing.index_name) == ("by_vector", "")
    assert sealed.index_id > 0
    assert sealed.mem_size >= 3000 * 16
    assert [each.node_ids for each in (sealed, growing)] == [[1], [1]]
    assert (sealed.level_name, growing.state_name) == ("L1", "Growing")
