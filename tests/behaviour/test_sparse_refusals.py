"""A sparse query with a number that is none is refused, however often its like was searched for."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import DataType, ParamError


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
async def test_a_query_that_is_no_number_is_refused_after_good_ones(
    client: Any, odd: float
) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("s", DataType.SPARSE_FLOAT_VECTOR)
    params = client.raw.prepare_index_params()
    params.add_index("s", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    await client.create_collection("c", schema=schema, index_params=params)
    await client.insert("c", [{"id": n, "s": {n: 1.0, 7: 2.0}} for n in range(5)])
    for _ in range(3):
        found = await client.search("c", [{7: 1.0}], anns_field="s", limit=2)
        assert len(found[0]) == 2
        with pytest.raises(ParamError):
            await client.search("c", [{7: odd}], anns_field="s", limit=2)
