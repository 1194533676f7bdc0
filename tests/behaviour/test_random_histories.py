"""Whatever is done in whatever order, every door answers as a dictionary would."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import DataType

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

NAME = "c"
STEPS = 40
KEYS = 30
KINDS = ("insert", "upsert", "upsert", "delete", "delete by filter", "flush", "compact", "reload")


async def made(client: Door) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("tag", DataType.INT64)
    schema.add_field(
        "text", DataType.VARCHAR, max_length=64, enable_analyzer=True, enable_match=True
    )
    params = client.raw.prepare_index_params()
    params.add_index("v", index_type="HNSW", metric_type="L2")
    params.add_index("tag", index_type="INVERTED")
    await client.create_collection(
        NAME, schema=schema, index_params=params, consistency_level="Strong"
    )


def row(key: int, tag: int) -> dict[str, Any]:
    return {"id": key, "v": [float(key), float(tag)], "tag": tag, "text": f"w{tag} k{key}"}


async def done(client: Door, kind: str, keys: list[int], tag: int, model: dict[int, int]) -> None:
    """Do one step, to the collection and to the model."""
    if kind == "insert":
        fresh = [key + KEYS * (tag + 1) for key in keys]
        await client.insert(NAME, [row(key, tag) for key in fresh])
        model.update(dict.fromkeys(fresh, tag))
    elif kind == "upsert":
        await client.upsert(NAME, [row(key, tag) for key in keys])
        model.update(dict.fromkeys(keys, tag))
    elif kind.startswith("delete"):
        by_filter = {"filter": f"id in {keys} or tag == {tag - 5}"}
        await client.delete(NAME, **({"ids": keys} if kind == "delete" else by_filter))
        for key in [k for k in model if k in keys or ("filter" in kind and model[k] == tag - 5)]:
            del model[key]
    elif kind == "flush":
        await client.flush(NAME)
    elif kind == "compact":
        await client.compact(NAME)
    else:
        await client.release_collection(NAME)
        await client.load_collection(NAME)


async def compare(client: Door, tag: int, model: dict[int, int]) -> None:
    """Scan, count, keys, scalar index, text index and vector index tell the same rows."""
    found = await client.query(NAME, filter="id >= 0", output_fields=["tag"], limit=16_384)
    assert {each["id"]: each["tag"] for each in found} == model
    counted = await client.query(NAME, output_fields=["count(*)"])
    assert counted[0]["count(*)"] == len(model)
    those = sorted(key for key, its in model.items() if its == tag)
    for text in (f"tag == {tag}", f'text_match(text, "w{tag}")'):
        found = await client.query(NAME, filter=text, output_fields=["id"])
        assert sorted(each["id"] for each in found) == those, text
    if those:
        got = await client.get(NAME, ids=those, output_fields=["tag"])
        assert {each["id"]: each["tag"] for each in got} == dict.fromkeys(those, tag)
        [hits] = await client.search(NAME, data=[[float(those[0]), float(tag)]], limit=1)
        assert (hits[0]["id"], hits[0]["distance"]) == (those[0], 0.0)


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_random_history_is_answered_as_by_a_dictionary(client: Door, seed: int):
    rng = random.Random(seed)
    await made(client)
    model: dict[int, int] = {}
    for tag in range(STEPS):
        keys = rng.sample(range(KEYS), rng.randrange(1, 10))
        await done(client, rng.choice(KINDS), keys, tag, model)
        await compare(client, tag, model)
    assert model
