"""Keys of the dynamic field beside fields, also beside one that was added under their name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import DataType

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

OLD = {"id": 1, "v": [0.0, 1.0], "x": 7, "y": "old"}
NEW = {"id": 2, "v": [0.0, 1.0], "x": 8}


async def shadowed(client: Any) -> None:
    """A collection in which field ``x`` was added after a row had a dynamic key ``x``."""
    schema = client.raw.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=params)
    await client.insert("c", [OLD])
    await client.add_collection_field("c", "x", DataType.INT64, nullable=True)
    await client.insert("c", [NEW])


@pytest.mark.parametrize(
    ("asked", "first", "second"),
    [
        (["*"], {**OLD, "x": None}, NEW),
        (["x"], {"id": 1, "x": None}, {"id": 2, "x": 8}),
        (["x", "y"], {"id": 1, "x": None, "y": "old"}, {"id": 2, "x": 8}),
        (['$meta["x"]'], {"id": 1, "x": 7}, {"id": 2}),
        (['$meta["x"]', "y"], {"id": 1, "x": 7, "y": "old"}, {"id": 2}),
        (['$meta["x"]', "x"], {"id": 1, "x": None}, {"id": 2, "x": 8}),
        (["*", '$meta["x"]'], {**OLD, "x": None}, NEW),
        (["$meta"], {"id": 1, "x": 7, "y": "old"}, {"id": 2}),
    ],
)
async def test_a_field_hides_the_dynamic_key_of_its_name(
    client: Door, asked: list[str], first: dict[str, Any], second: dict[str, Any]
) -> None:
    await shadowed(client)
    assert list(await client.query("c", "id > 0", output_fields=asked)) == [first, second]
    (hits,) = await client.search("c", [[0.0, 1.0]], limit=2, output_fields=["id", *asked])
    assert [hit["entity"] for hit in hits] == [first, second]
    assert list(await client.query("c", '$meta["x"] == 7', output_fields=["id"])) == [{"id": 1}]
    assert list(await client.query("c", "x == 8", output_fields=["id"])) == [{"id": 2}]
