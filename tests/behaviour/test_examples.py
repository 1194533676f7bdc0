"""Searches for what is like some examples, and unlike others, at every door."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiomilvus import AnnSearchRequest, DataType, Examples, ParamError, RRFRanker, col

VECTORS = {1: [1.0, 0.0], 2: [0.9, 0.1], 3: [0.6, 0.6], 4: [0.0, 1.0], 5: [-1.0, 0.0]}


async def made(client: Any, *, key: DataType = DataType.INT64, dtype: DataType) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", key, is_primary=True, max_length=20)
    schema.add_field("v", dtype, dim=2)
    schema.add_field("w", DataType.FLOAT_VECTOR, dim=2, nullable=True)
    schema.add_field("kind", DataType.VARCHAR, max_length=10)
    index = client.raw.prepare_index_params()
    index.add_index("v", metric_type="L2", index_type="FLAT")
    index.add_index("w", metric_type="L2", index_type="FLAT")
    await client.create_collection("c", schema=schema, index_params=index)
    name = str if key is DataType.VARCHAR else int
    kind = np.float16 if dtype is DataType.FLOAT16_VECTOR else np.float32
    rows: list[dict[str, Any]] = [
        {"pk": name(n), "v": np.array(v, kind), "w": v, "kind": "ab"[n % 2]}
        for n, v in VECTORS.items()
    ]
    rows[4]["w"] = None
    await client.insert("c", rows)


@pytest.fixture
async def filled(client: Any) -> Any:
    await made(client, dtype=DataType.FLOAT_VECTOR)
    return client


async def found(client: Any, examples: Examples, **options: Any) -> list[Any]:
    (hits,) = await client.search("c", examples, anns_field="v", **{"limit": 3, **options})
    return [hit["pk"] for hit in hits]


async def test_one_example_finds_its_neighbours_but_not_itself(filled: Any) -> None:
    assert await found(filled, Examples([1])) == [2, 3, 4]
    assert await found(filled, Examples([[1.0, 0.0]])) == [1, 2, 3]
    # Again, when such a search was prepared.
    assert await found(filled, Examples([1])) == [2, 3, 4]


async def test_keys_are_taken_from_an_array(filled: Any) -> None:
    assert await found(filled, Examples(np.array([1], np.int32), np.array([2]))) == [3, 4, 5]


async def test_negative_examples_push_away(filled: Any) -> None:
    # 2 * (1, 0) - (0.9, 0.1) = (1.1, -0.1); 2 * (0.6, 0.6) - (1, 0) = (0.2, 1.2)
    (hits,) = await filled.search("c", Examples([1], [2]), anns_field="v", limit=3)
    assert [hit["pk"] for hit in hits] == [3, 4, 5]
    assert hits[0]["distance"] == pytest.approx(0.5**2 + 0.7**2)
    assert await found(filled, Examples([3], [1]), limit=1) == [4]
    assert await found(filled, Examples([3], [[1.0, 0.0]]), limit=2) == [4, 2]


async def test_several_examples_count_alike(filled: Any) -> None:
    (hits,) = await filled.search("c", Examples([1, np.array([0.0, 1.0])]), anns_field="v")
    assert hits[0]["pk"] == 3
    assert hits[0]["distance"] == pytest.approx(2 * 0.1**2)


async def test_filters_and_their_values_hold_too(filled: Any) -> None:
    assert await found(filled, Examples([1]), filter="kind == 'a'") == [2, 4]
    values = {"filter": "kind == {kind}", "filter_params": {"kind": "b"}}
    assert await found(filled, Examples([1]), **values) == [3, 5]
    assert await found(filled, Examples([1]), filter=col("kind") == "b") == [3, 5]
    assert await found(filled, Examples([1]), filter="kind == 'a' or pk == 1") == [2, 4]


async def test_hybrid_searches_and_explain_take_them(filled: Any) -> None:
    parts = [
        AnnSearchRequest(Examples([1]), "v", {}, limit=2),
        AnnSearchRequest(Examples([3], [1]), "w", {}, limit=2, expr="kind == 'a'"),
    ]
    (hits,) = await filled.hybrid_search("c", parts, RRFRanker(), limit=4)
    assert sorted(hit["pk"] for hit in hits) == [2, 3, 4]
    plan = await filled.explain("c", Examples([1]), anns_field="v", limit=2)
    assert "not in" in plan.requests[0].filter
    plan = await filled.explain("c", reqs=parts, limit=2)
    assert len(plan.requests) == 2


@pytest.mark.parametrize("dtype", [DataType.FLOAT16_VECTOR, DataType.FLOAT_VECTOR])
async def test_keys_that_are_texts_and_short_floats(client: Any, dtype: DataType) -> None:
    await made(client, key=DataType.VARCHAR, dtype=dtype)
    assert await found(client, Examples(["1"], ["5"])) == ["2", "3", "4"]


async def test_what_is_no_example_is_refused(filled: Any) -> None:
    for wrong in (
        lambda: Examples([]),
        lambda: Examples("1"),
        lambda: Examples(1),  # type: ignore[arg-type]
        lambda: Examples([1.5]),  # type: ignore[list-item]
        lambda: Examples([True]),
        lambda: Examples([1], 2),  # type: ignore[arg-type]
    ):
        with pytest.raises(ParamError, match="example"):
            wrong()
    for examples, text in (
        (Examples([77]), "no entity with a vector has the key 77"),
        (Examples([[1.0]]), "vector of 2 numbers"),
        (Examples([[1.0, float("nan")]]), "all finite"),
        (Examples([["a", "b"]]), "vector of 2 numbers"),  # type: ignore[list-item]
    ):
        with pytest.raises(ParamError, match=text):
            await found(filled, examples)
    with pytest.raises(ParamError, match="no entity with a vector has the key 5"):
        await filled.search("c", Examples([5]), anns_field="w")


async def test_fields_whose_vectors_can_not_be_combined_are_refused(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("pk", DataType.INT64, is_primary=True)
    schema.add_field("bits", DataType.BINARY_VECTOR, dim=8)
    index = client.raw.prepare_index_params()
    index.add_index("bits", metric_type="HAMMING", index_type="BIN_FLAT")
    await client.create_collection("c", schema=schema, index_params=index)
    with pytest.raises(ParamError, match="bits is of type BINARY_VECTOR"):
        await client.search("c", Examples([1]))
