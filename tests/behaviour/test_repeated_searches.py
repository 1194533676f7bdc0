"""A search that is asked again sees what has changed since, although its plan is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import DataType, MilvusException, ParamError
from aiomilvus import errors as kinds

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

ZERO = [[0.0, 0.0]]


async def _stocked(client: Door, name: str = "things", step: int = 1) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("n", DataType.INT64)
    schema.add_field("t", DataType.VARCHAR, max_length=20, nullable=True)
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection(name, schema=schema, index_params=params)
    rows = [
        {"id": step * i, "v": [i, 0.0], "n": i % 3, "t": "käse" if i % 2 else None}
        for i in range(1, 31)
    ]
    await client.insert(name, rows)


async def _ids(client: Door, name: str = "things", data: Any = ZERO, **asked: Any) -> list[int]:
    hits = (await client.search(name, data, **{"limit": 3, **asked}))[0]
    return [hit["id"] for hit in hits]


async def test_it_finds_what_was_written_and_deleted_meanwhile(client: Door) -> None:
    await _stocked(client)
    for _ in range(3):
        assert await _ids(client, filter="n < 2") == [1, 3, 4]
    await client.delete("things", [3])
    assert await _ids(client, filter="n < 2") == [1, 4, 6]
    await client.insert("things", {"id": 100, "v": [0.5, 0], "n": 0})
    assert await _ids(client, filter="n < 2") == [100, 1, 4]


async def test_it_is_asked_with_vectors_of_any_form(client: Door) -> None:
    await _stocked(client)
    near = [np.array([[29.0, 0]], np.float32), [np.array([29.0, 0])], [[29, 0]], [(29.0, 0.0)]]
    for data in near:
        assert await _ids(client, data=data) == [29, 28, 30]
    for _ in range(2):
        with pytest.raises(MilvusException, match="dim"):
            await client.search("things", [[1.0, 2.0, 3.0]], limit=3)
        with pytest.raises(ParamError, match="not a number or infinity"):
            await client.search("things", [[1.0, float("nan")]], limit=3)
    found = await client.search("things", [[29.0, 0], [1, 0]], limit=3)
    assert [[hit["id"] for hit in hits] for hits in found] == [[29, 28, 30], [1, 2, 3]]


async def test_its_output_fields_are_those_of_the_hits(client: Door) -> None:
    await _stocked(client)
    for first in (5, 8, 5):
        data = [[float(first), 0.0]]
        hit = (await client.search("things", data, limit=1, output_fields=["t", "n"]))[0][0]
        wanted = {"t": "käse" if first % 2 else None, "n": first % 3}
        assert hit == {"id": first, "distance": 0.0, "entity": wanted}


async def test_it_is_refused_once_it_would_be(client: Door) -> None:
    await _stocked(client)
    await _stocked(client, "others", step=1000)
    await client.create_alias("things", "current")
    assert await _ids(client, "current") == await _ids(client, "current") == [1, 2, 3]
    await client.alter_alias("others", "current")
    assert await _ids(client, "current") == [1000, 2000, 3000]
    assert await _ids(client) == await _ids(client) == [1, 2, 3]
    await client.release_collection("things")
    with pytest.raises(kinds.CollectionNotLoadedError):
        await _ids(client)
    await client.load_collection("things")
    await client.alter_database_properties("default", {"database.force.deny.reading": "true"})
    with pytest.raises(MilvusException, match="disabled"):
        await _ids(client)
    await client.drop_database_properties("default", ["database.force.deny.reading"])
    assert await _ids(client) == [1, 2, 3]
    await client.drop_collection("things")
    with pytest.raises(kinds.CollectionNotExistException, match="collection not found"):
        await _ids(client)


async def test_keys_that_are_read_again_are_as_they_are_now(client: Door) -> None:
    await _stocked(client)
    assert await client.get("things", [1, 2], ["n"]) == [{"id": 1, "n": 1}, {"id": 2, "n": 2}]
    await client.upsert("things", {"id": 2, "v": [2, 0], "n": 70, "t": "x"})
    await client.delete("things", [1])
    assert await client.get("things", [1, 2], ["n"]) == [{"id": 2, "n": 70}]
    for many in (range(3, 25), range(3, 5)):
        rows = await client.get("things", list(many), ["n"])
        assert rows == [{"id": i, "n": i % 3} for i in many]
    for _ in range(2):
        for name, value in (("count(*)", 1), ("sum(n)", 70)):
            found = await client.query("things", ids=[2], output_fields=[name])
            assert found == [{name: value}]
        with pytest.raises(TypeError, match="expect list, int or str"):
            await client.get("things", [2.5], ["n"])
    await client.release_collection("things")
    with pytest.raises(kinds.CollectionNotLoadedError):
        await client.get("things", [2], ["n"])


async def test_all_rows_are_counted_as_they_are_now(client: Door) -> None:
    await _stocked(client)
    count, least = {"output_fields": ["count(*)"]}, {"output_fields": ["min(n)", "count(t)"]}
    for _ in range(3):
        assert await client.query("things", **count) == [{"count(*)": 30}]
        assert await client.query("things", **least) == [{"min(n)": 0, "count(t)": 15}]
        assert await client.query("things", ids=[1, 2, 99], **count) == [{"count(*)": 2}]
    await client.delete("things", filter="n == 0")
    assert await client.query("things", **count) == [{"count(*)": 20}]
    assert await client.query("things", **least) == [{"min(n)": 1, "count(t)": 10}]
    await client.release_collection("things")
    with pytest.raises(MilvusException, match="not loaded"):
        await client.query("things", **count)
