"""Texts and sparse vectors that are searched for again find what they would find the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import DataType, Function, FunctionType, MilvusException

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

WORDS = ("red", "green", "blue", "old", "new")


def _text(number: int) -> str:
    return " ".join(word for at, word in enumerate(WORDS) if number % (at + 2) == 0)


async def _stocked(client: Door) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("n", DataType.INT64)
    schema.add_field("text", DataType.VARCHAR, max_length=200, enable_analyzer=True)
    schema.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("weights", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("f", FunctionType.BM25, ["text"], ["terms"]))
    index = client.raw.prepare_index_params()
    index.add_index("terms", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    index.add_index("weights", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    await client.create_collection("c", schema=schema, index_params=index)
    await client.insert("c", [_row(number) for number in range(1, 61)])


def _row(number: int) -> dict[str, Any]:
    weights = {number % 7: 1.0, 9: number / 100}
    return {"id": number, "n": number % 3, "text": _text(number), "weights": weights}


async def _found(client: Door, data: list[Any], field: str, **asked: Any) -> list[list[Any]]:
    hits = await client.search("c", data, anns_field=field, **{"limit": 4, **asked})
    return [[(hit["id"], hit["distance"], hit["entity"]) for hit in each] for each in hits]


ASKED: list[dict[str, Any]] = [
    {},
    {"filter": "n > 0", "output_fields": ["n", "text"]},
    {"limit": 50, "search_params": {"params": {"drop_ratio_search": 0.3}}},
    {"search_params": {"offset": 3}, "output_fields": ["n"]},
    {"search_params": {"params": {"drop_ratio_search": 0.5, "refine_factor": 3.0}}},
    {"search_params": {"params": {"radius": 0.1, "range_filter": 9.0}}},
]


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("sealed", [False, True])
async def test_one_by_one_they_find_what_they_find_together(
    client: Door, asked: dict[str, Any], *, sealed: bool
) -> None:
    await _stocked(client)
    if sealed:
        await client.flush("c")
    queries: dict[str, list[Any]] = {
        "terms": ["red", "blue green blue", "old " * 200, "none of it", "new red"],
        "weights": [{3: 1.0}, {9: 2.0, 4: 0.5}, {77: 1.0}, {2: 0.1, 3: 0.2, 9: -1.0}],
    }
    for field, data in queries.items():
        together = await _found(client, data, field, **asked)
        for _ in range(2):
            alone = [await _found(client, [query], field, **asked) for query in data]
            assert [each[0] for each in alone] == together
        assert any(together)


async def test_they_find_what_was_written_and_deleted_meanwhile(client: Door) -> None:
    await _stocked(client)
    first = await _found(client, ["red"], "terms")
    assert await _found(client, ["red"], "terms") == first
    best = first[0][0][0]
    await client.delete("c", [best])
    (hits,) = await _found(client, ["red"], "terms")
    assert best not in [key for key, _, _ in hits]
    await client.insert("c", {**_row(100), "text": "violet"})
    for _ in range(2):
        assert [key for key, _, _ in (await _found(client, ["violet"], "terms"))[0]] == [100]


async def test_what_they_are_not_asked_with_is_refused_each_time(client: Door) -> None:
    await _stocked(client)
    for _ in range(3):
        assert (await _found(client, ["red"], "terms"))[0]
        with pytest.raises(MilvusException, match="please provide varchar/text for BM25"):
            await _found(client, [{1: 1.0}], "terms")
        with pytest.raises(MilvusException, match="a function would be needed for texts"):
            await _found(client, ["red"], "weights")
        with pytest.raises(MilvusException, match="not valid UTF-8 at character 0"):
            await _found(client, ["\ud800"], "terms")
