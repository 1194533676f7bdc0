"""Batches of iterators: tables like other answers, the empty last one too; and pymilvus' pages."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import Hits, ParamError, SearchPage

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

VECTORS = [[float(at), 0.0] for at in range(8)]


async def iterated(client: Door) -> None:
    await client.create_collection("c", dimension=2, metric_type="L2")
    rows = [{"id": at, "vector": vector, "tag": at} for at, vector in enumerate(VECTORS)]
    await client.insert("c", rows)


async def test_a_page_tells_its_keys_and_distances_as_attributes_and_to_calls(
    client: Door,
) -> None:
    await iterated(client)
    iterator = await client.search_iterator("c", [VECTORS[0]], 3)
    page = await client.first_batch(iterator)
    assert isinstance(page, SearchPage)
    assert isinstance(page, Hits)
    assert page.ids == page.ids() == [0, 1, 2]
    assert page.distances == page.distances() == [0.0, 1.0, 4.0]
    assert page.get_session_ts() > 0


async def test_the_last_batch_of_an_iterator_is_an_empty_table_of_the_same_columns(
    client: Door,
) -> None:
    await iterated(client)
    rows = await client.query_iterator("c", 5, output_fields=["id", "tag"])
    hits = await client.search_iterator("c", [VECTORS[0]], 5, output_fields=["tag"])
    for iterator in (rows, hits):
        first = await client.first_batch(iterator)
        assert len(await client.first_batch(iterator)) == 3
        for _ in range(2):
            last = await client.first_batch(iterator)
            assert len(last) == 0
            last.materialize()
            assert last.to_arrow().column_names == first.to_arrow().column_names
            assert last.to_pandas().empty
    empty = await client.first_batch(hits)
    assert empty.ids() == empty.distances() == []


async def test_a_search_iterator_answers_none_at_its_limit_and_a_query_iterator_no_rows(
    client: Door,
) -> None:
    await iterated(client)
    for limit in (4, 5):
        hits = await client.search_iterator("c", [VECTORS[0]], 4, limit=limit)
        keys: list[int] = []
        while (page := await client.first_batch(hits)) is not None:
            keys += page.ids
        assert keys == list(range(limit))
        assert await client.first_batch(hits) is None
        rows = await client.query_iterator("c", 4, limit=limit, output_fields=["id"])
        assert sum(map(len, await client.batches(rows))) == limit
        ended = await client.first_batch(rows)
        assert ended == []
        assert ended.to_arrow().column_names == ["id"]
    hits = await client.search_iterator("c", [VECTORS[0]], 4)
    closing = hits.close()
    if inspect.isawaitable(closing):
        await closing
    assert await client.first_batch(hits) is None


async def test_pages_of_chosen_hits_lose_none_and_are_tables(client: Door) -> None:
    await iterated(client)

    def odd_first(hits: list[Any]) -> list[Any]:
        hits.reverse()
        return [hit for hit in hits if hit["id"] != 1]

    iterator = await client.search_iterator(
        "c", [VECTORS[0]], 3, output_fields=["tag"], external_filter_func=odd_first
    )
    pages: list[Any] = await client.batches(iterator)
    assert [[hit["id"] for hit in page] for page in pages] == [[2, 0, 5], [4, 3, 7], [6]]
    for page in pages:
        keys = [hit["id"] for hit in page]
        assert page.ids() == page.to_arrow()["tag"].to_pylist() == keys
        assert page.to_pandas()["distance"].tolist() == page.distances()
    iterator = await client.search_iterator(
        "c", [VECTORS[0]], 3, external_filter_func=lambda hits: [dict(hit) for hit in hits]
    )
    with pytest.raises(ParamError, match="a dict that is none of them"):
        await client.first_batch(iterator)


async def test_pages_of_which_nothing_is_kept_are_let_go(client: Door) -> None:
    await iterated(client)
    iterator: Any = await client.search_iterator(
        "c", [VECTORS[0]], 2, external_filter_func=lambda hits: hits[:0]
    )
    page = await client.first_batch(iterator)
    assert list(page) == []
    assert len(iterator._sources) == 1
