"""Searches over several segments against all distances, computed one by one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.data import Search, SearchIteratorState
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from tests.support.batches import DIM
from tests.support.examples import examples
from tests.support.tables import NAME, Table, fixed, values

if TYPE_CHECKING:
    from numpy.typing import NDArray

PRICE = Field(name="price", dtype=DataType.INT32)
METRICS = ["L2", "IP", "COSINE"]


Hit = tuple[Any, float]


class Row(NamedTuple):
    vector: tuple[int, ...]
    price: int
    partition: str


# Small whole numbers: ties are frequent, and every product is exact.
VECTORS = st.tuples(*[st.integers(-2, 2)] * DIM).filter(any)
ROWS = st.builds(Row, VECTORS, st.integers(0, 4), st.sampled_from(["", "a"]))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.dictionaries(st.integers(0, 15), ROWS, max_size=8)),
        st.tuples(st.just("delete"), st.lists(st.integers(0, 15), min_size=1, max_size=4)),
        st.just(("seal", None)),
    ),
    min_size=1,
    max_size=8,
)


Held = dict[tuple[str, int], Row]
"""What a table holds by partition and key, the row written last at the end."""


def built(metric: str, steps: list[Any]) -> tuple[Table, Held]:
    """Return a table after the steps, and what it then holds; keys are upserted."""
    table = Table(PRICE, metric=metric, partitions="a")
    held: Held = {}
    for what, given_ in steps:
        if what == "seal":
            table.seal()
        elif what == "delete":
            table.delete(given_)
            held = {at: row for at, row in held.items() if at[1] not in given_}
        else:
            for partition in ("", "a"):
                part = {key: row for key, row in given_.items() if row.partition == partition}
                if part:
                    write(table, part, partition)
                for key, row in part.items():
                    held.pop((partition, key), None)
                    held[partition, key] = row
    return table, held


def newest(held: Held, partition: str = "both") -> dict[int, Row]:
    """Return the rows a search shows: of each key the one written last in its partitions."""
    return {key: row for (of, key), row in held.items() if partition in (of, "both")}


def write(table: Table, part: dict[int, Row], partition: str) -> None:
    vectors = np.array([row.vector for row in part.values()], np.float32)
    price = fixed([row.price for row in part.values()], "i4")
    table.upsert(list(part), partition=partition, v=VectorColumn(vectors), price=price)


def distances(metric: str, rows: dict[int, Row], query: NDArray[np.float32]) -> dict[int, float]:
    found = {}
    for key, row in rows.items():
        vector = np.array(row.vector, np.float64)
        score = float(vector @ query)
        if metric == "L2":
            score = float(((vector - query) ** 2).sum())
        if metric == "COSINE":
            score /= float(np.linalg.norm(vector) * np.linalg.norm(query))
        found[key] = score
    return found


def search(table: Table, queries: NDArray[np.float32], **asked: Any) -> list[list[Hit]]:
    found = table.do(Search(collection=NAME, data=VectorColumn(queries), **asked))
    hits = list(zip(values(found.ids), found.scores.tolist(), strict=True))
    bounds = found.offsets.tolist()
    return [hits[start:stop] for start, stop in pairwise(bounds)]


def check(hits: list[Hit], expected: dict[int, float], limit: int, *, larger: bool) -> None:
    """The hits are the best of `expected`; equal ones come by their keys."""
    ranking = sorted(expected.values(), reverse=larger)
    assert [score for _, score in hits] == pytest.approx(ranking[:limit], abs=1e-5)
    if all(score == int(score) for score in expected.values()):  # else roundings decide
        sign = -1 if larger else 1
        by_key = sorted(expected, key=lambda key: (sign * expected[key], key))
        assert [key for key, _ in hits] == by_key[:limit]
    assert len({key for key, _ in hits}) == len(hits)
    for key, score in hits:
        assert score == pytest.approx(expected[key], abs=1e-5)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=examples(40), deadline=None)
@given(
    steps=STEPS,
    queries=st.lists(VECTORS, min_size=1, max_size=2),
    limit=st.integers(1, 20),
    price=st.none() | st.integers(0, 4),
    partition=st.sampled_from(["", "a", "both"]),
)
def test_hits_are_those_of_all_distances(metric, steps, queries, limit, price, partition):
    table, held = built(metric, steps)
    partitions = {"": ("_default",), "a": ("a",), "both": ()}[partition]
    text = "" if price is None else f"price <= {price}"
    asked = np.array(queries, np.float32)
    found = search(table, asked, limit=limit, filter=text, partitions=partitions)
    rows = {
        key: row
        for key, row in newest(held, partition).items()
        if price is None or row.price <= price
    }
    for query, hits in zip(asked, found, strict=True):
        check(hits, distances(metric, rows, query), limit, larger=metric != "L2")
    table.close()


@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=examples(25), deadline=None)
@given(steps=STEPS, query=VECTORS, page=st.integers(1, 5))
def test_pages_laid_end_to_end_are_the_whole(metric, steps, query, page):
    table, held = built(metric, steps)
    asked = np.array([query], np.float32)
    whole = search(table, asked, limit=30)[0]
    assert len(whole) == len(newest(held))
    pages = [search(table, asked, limit=page, offset=at)[0] for at in range(0, 20, page)]
    laid = [hit for hits in pages for hit in hits]
    assert sorted(key for key, _ in laid) == sorted(key for key, _ in whole)
    # The last bit of a product depends on where in memory its factors lie.
    assert [score for _, score in laid] == pytest.approx([score for _, score in whole], abs=1e-5)
    table.close()


@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=examples(25), deadline=None)
@given(steps=STEPS, later=STEPS, query=VECTORS, page=st.integers(1, 5))
def test_an_iteration_gives_every_hit_once_whatever_is_written_meanwhile(
    metric, steps, later, query, page
):
    table, held = built(metric, steps)
    rows = newest(held)
    expected = distances(metric, rows, np.array(query, np.float32))
    asked = Search(
        collection=NAME,
        data=VectorColumn(np.array([query], np.float32)),
        iterator=SearchIteratorState(batch_size=page),
    )
    hits: list[Hit] = []
    changes = iter(later)
    while True:
        found = table.do(asked)
        if not len(found.scores):
            break
        assert len(found.scores) <= page
        hits += zip(values(found.ids), found.scores.tolist(), strict=True)
        state = SearchIteratorState(
            batch_size=page, token=found.iterator.token, last_bound=found.iterator.last_bound
        )
        asked = Search(collection=NAME, data=asked.data, iterator=state)
        what, given_ = next(changes, ("seal", ()))
        if what == "delete":
            table.delete(given_)
        elif what == "insert" and given_:
            write(table, given_, "")
    check(hits, expected, len(rows), larger=metric != "L2")
    assert {key for key, _ in hits} == set(rows)
    table.close()
