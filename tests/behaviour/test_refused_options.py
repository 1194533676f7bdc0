"""Options that no door serves are refused at every door, never ignored."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import NotSupportedError


async def test_parts_of_moments_are_refused_on_searches_and_queries(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": 1, "vector": [1.0, 0.0]}])
    with pytest.raises(NotSupportedError, match="time_fields is not supported"):
        await client.search("c", [[1.0, 0.0]], time_fields="year, month")
    with pytest.raises(NotSupportedError, match="time_fields is not supported"):
        await client.query("c", filter="id > 0", time_fields="year, month")
