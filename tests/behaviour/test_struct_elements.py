"""Elements of arrays of structs as results of their own: queries, hybrid searches, iterators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from aiomilvus import AnnSearchRequest, DataType, RRFRanker, WeightedRanker
from aiomilvus.errors import ParamError

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

ROWS: list[dict[str, Any]] = [
    {
        "id": row,
        "q": [row, 1.0],
        "third": row // 3,
        "ch": [{"n": 10 * row + at, "v": [row, at], "w": [at, row]} for at in range(row % 4)],
    }
    for row in range(12)
]
FLAT = [(row["id"], at, each) for row in ROWS for at, each in enumerate(row["ch"])]
NAMED = {row["id"]: row for row in ROWS}


@pytest_asyncio.fixture(params=[False, True])
async def things(client: Door, request: pytest.FixtureRequest) -> Door:
    """Return a door to a collection, half of which lies in a sealed segment with `True`."""
    raw: Any = client.raw
    struct = raw.create_struct_field_schema()
    struct.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    struct.add_field("w", DataType.FLOAT_VECTOR, dim=2)
    struct.add_field("n", DataType.INT64)
    schema = raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("q", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("third", DataType.INT64)
    schema.add_field(
        "ch",
        DataType.ARRAY,
        element_type=DataType.STRUCT,
        struct_schema=struct,
        max_capacity=5,
    )
    params = raw.prepare_index_params()
    params.add_index("q", index_type="FLAT", metric_type="L2")
    params.add_index("ch[v]", index_type="FLAT", metric_type="L2")
    params.add_index("ch[w]", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=params)
    await client.insert("c", ROWS[6:])
    if request.param:
        await client.flush("c")
    await client.insert("c", ROWS[:6])
    return client


def places(rows: Any) -> list[tuple[int, int]]:
    return [(row["id"], row["offset"]) for row in rows]


ODD = "element_filter(ch, $[n] % 2 == 1)"
WANTED = [(row, at) for row, at, each in FLAT if each["n"] % 2 == 1]


@pytest.mark.asyncio
async def test_a_query_about_elements_tells_each_that_passes(things: Door) -> None:
    found = await things.query("c", filter=ODD, output_fields=["id", "ch"])
    assert places(found) == WANTED
    assert list(found[0])[1] == "offset"
    assert all(row["ch"] == NAMED[row["id"]]["ch"] for row in found)
    assert found.to_arrow().column("offset").to_pylist() == [at for _, at in WANTED]


@pytest.mark.asyncio
async def test_counts_about_elements_are_of_entities(things: Door) -> None:
    every = "element_filter(ch, $[n] >= 0)"
    (found,) = await things.query("c", filter=every, output_fields=["count(*)"])
    assert found["count(*)"] == len({row for row, _, _ in FLAT}) < len(FLAT)


@pytest.mark.asyncio
async def test_limit_and_offset_count_elements(things: Door) -> None:
    for start in range(0, len(WANTED), 2):
        found = await things.query("c", filter=ODD, limit=2, offset=start)
        assert places(found) == WANTED[start : start + 2]
    assert await things.query("c", filter=ODD, limit=2, offset=len(WANTED)) == []


@pytest.mark.asyncio
async def test_other_conditions_and_orders_hold_for_rows(things: Door) -> None:
    found = await things.query(
        "c", filter=f"id > 4 and {ODD}", order_by_fields=["id:desc"], limit=50
    )
    later = [place for place in WANTED if place[0] > 4]
    assert places(found) == sorted(later, key=lambda place: (-place[0], place[1]))
    (count,) = await things.query("c", filter=ODD, output_fields=["count(*)"])
    assert count == {"count(*)": len({row for row, _ in WANTED})}
    assert "offset" not in (await things.query("c", filter="match_any(ch, $[n] % 2 == 1)"))[0]


@pytest.mark.asyncio
async def test_an_iterator_goes_on_within_a_row(things: Door) -> None:
    for size in (1, 2, 5, 100):
        wanted = [(row, at) for row, at, _ in FLAT]
        iterator = things.raw.query_iterator(
            "c", batch_size=size, filter="element_filter(ch, $[n] >= 0)", output_fields=["id"]
        )
        batches = await things.batches(iterator)
        assert [place for batch in batches for place in places(batch)] == wanted
        assert all(len(batch) == size for batch in batches[:-1])


def by_elements(sub: str, vector: list[float], limit: int, **more: Any) -> AnnSearchRequest:
    return AnnSearchRequest([vector], f"ch[{sub}]", {}, limit=limit, **more)


def distance(left: list[float], right: list[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(left, right, strict=True))


def ranked(sub: str, vector: list[float]) -> list[tuple[int, int]]:
    places = [(distance(each[sub], vector), row, at) for row, at, each in FLAT]
    return [(row, at) for _, row, at in sorted(places)]


@pytest.mark.asyncio
async def test_a_hybrid_search_about_one_struct_merges_elements(things: Door) -> None:
    first, second = [3.2, 1.1], [1.0, 7.3]
    requests = [by_elements("v", first, 9), by_elements("w", second, 9)]
    found = await things.hybrid_search("c", requests, RRFRanker(60), limit=6)
    scores: dict[tuple[int, int], float] = {}
    for one in (ranked("v", first)[:9], ranked("w", second)[:9]):
        for rank, place in enumerate(one, 1):
            scores[place] = scores.get(place, 0.0) + 1 / (60 + rank)
    best = sorted(scores, key=lambda place: (-scores[place], place))[:6]
    assert places(found[0]) == best
    told = [hit["distance"] for hit in found[0]]
    assert told == pytest.approx([scores[place] for place in best], rel=1e-5)
    page = await things.hybrid_search("c", requests, RRFRanker(60), limit=3, offset=3)
    assert places(page[0]) == best[3:]


@pytest.mark.asyncio
async def test_several_queries_and_filters_keep_their_elements(things: Door) -> None:
    vectors = [[3.2, 1.1], [9.0, 0.4]]
    odd = AnnSearchRequest(vectors, "ch[v]", {}, limit=20, expr=ODD)
    few = AnnSearchRequest(vectors, "ch[v]", {}, limit=20, expr="id > 5")
    found = await things.hybrid_search("c", [odd, few], WeightedRanker(0.5, 0.5), limit=30)
    later = {(row, at) for row, at, _ in FLAT if row > 5}
    for hits in found:
        assert set(places(hits)) == later | set(WANTED)
        assert len(hits) == len(later | set(WANTED))


@pytest.mark.asyncio
async def test_elements_are_grouped_by_the_primary_key_alone(things: Door) -> None:
    requests = [by_elements("v", [3.2, 1.1], 9), by_elements("w", [1.0, 7.3], 9)]
    found = await things.hybrid_search("c", requests, RRFRanker(), limit=5, group_by_field="id")
    keys = [hit["id"] for hit in found[0]]
    assert len(set(keys)) == len(keys) == 5
    assert all(0 <= hit["offset"] < hit["id"] % 4 for hit in found[0])
    with pytest.raises(ParamError, match="only group by primary key is supported for same-struct"):
        await things.hybrid_search("c", requests, RRFRanker(), limit=5, group_by_field="third")
    mixed = [requests[0], AnnSearchRequest([[1.0, 1.0]], "q", {}, limit=5)]
    with pytest.raises(ParamError, match=r"group by search is only supported.*fieldName:ch\[v\]"):
        await things.hybrid_search("c", mixed, RRFRanker(), limit=5, group_by_field="id")


@pytest.mark.asyncio
async def test_requests_about_other_fields_leave_entities(things: Door) -> None:
    mixed = [by_elements("v", [3.2, 1.1], 9), AnnSearchRequest([[1.0, 1.0]], "q", {}, limit=5)]
    found = await things.hybrid_search("c", mixed, RRFRanker(), limit=12)
    keys = [hit["id"] for hit in found[0]]
    assert len(set(keys)) == len(keys)
    assert all("offset" not in hit for hit in found[0])
