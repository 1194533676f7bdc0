"""Rows find their partition by their partition key, the same one on every run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.write.routing import partition_of_key, route
from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.batches import batch, key_values, schema

TENANT = Field(name="tenant", dtype=DataType.VARCHAR, max_length=9, is_partition_key=True)
SHOP = Field(name="shop", dtype=DataType.INT64, is_partition_key=True)


@pytest.mark.parametrize(
    ("key", "partition"),
    [(b"123456789", 3), (b"alice", 14), (b"", 0), (0, 10), (-1, 7), (2**63 - 1, 15)],
)
def test_the_partition_of_a_key_is_part_of_the_file_format(key, partition):
    assert partition_of_key(key, 16) == partition


@given(st.lists(st.one_of(st.sampled_from(["a", "b", "ß"]), st.text(max_size=3)), min_size=1))
def test_each_row_goes_to_one_partition_and_equal_keys_together(tenants):
    column = BytesColumn.of([tenant.encode() for tenant in tenants])
    ids = list(range(len(tenants)))
    parts = route(schema(TENANT), batch(ids, tenant=column), [10, 11, 12, 13])
    seen = {}
    for partition, rows in parts:
        assert rows.num_rows
        for key in key_values(rows["id"]):
            assert key not in seen
            seen[key] = partition
    assert sorted(seen) == ids
    by_tenant = {(tenants[key], partition) for key, partition in seen.items()}
    assert len(by_tenant) == len(set(tenants))


def test_integer_keys_are_routed_as_text_keys_are():
    values = np.array([5, -7, 5, 2**40], np.int64)
    rows = batch([0, 1, 2, 3], shop=FixedColumn(values))
    parts = dict(route(schema(SHOP), rows, [0, 1, 2, 3, 4]))
    placed = {key: at for at, part in parts.items() for key in key_values(part["id"])}
    assert placed == {i: partition_of_key(int(v), 5) for i, v in enumerate(values)}
