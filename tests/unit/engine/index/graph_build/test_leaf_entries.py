"""The kernels that build graphs do what plain numpy does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiomilvus.engine.index.contract import UNLIMITED
from aiomilvus.engine.index.graph_build import kernel_access
from tests.support import leaf_graph_oracle as oracle

if TYPE_CHECKING:
    from types import SimpleNamespace

    from numpy.typing import NDArray

shapes = st.tuples(st.integers(2, 70), st.integers(1, 40), st.integers(0, 2**32 - 1))


@pytest.fixture(scope="module")
def entries() -> SimpleNamespace:
    found = kernel_access.kernels(600, UNLIMITED)
    assert found is not None
    return found


def whole_numbers(count: int, dim: int, seed: int) -> NDArray[np.float32]:
    """Return vectors whose distances float32 tells exactly, some of them equal."""
    random = np.random.default_rng(seed)
    return random.integers(-4, 5, (count, dim)).astype(np.float32)


def lists_of(slots: NDArray[np.int32]) -> list[list[int]]:
    return [row[: int(np.argmax(np.append(row, -1) < 0))].tolist() for row in slots]


@given(shapes, st.integers(1, 9))
@settings(deadline=None, max_examples=20)
def test_rows_are_assigned_to_the_nearest_leaders(
    entries: SimpleNamespace, shape: tuple[int, int, int], fan: int
) -> None:
    vectors = whole_numbers(*shape)
    leaders = vectors[: max(len(vectors) // 2, 1)]
    fan = min(fan, len(leaders))
    halves = (leaders**2).sum(axis=1) / np.float32(2)
    nearest = np.empty((len(vectors), fan), np.int32)
    products = np.empty(len(vectors) * len(leaders), np.float32)
    entries.assign(vectors, leaders, halves, products, np.empty(fan, np.float32), nearest)
    apart = ((vectors[:, None] - leaders[None, :]) ** 2).sum(axis=2)
    assert np.array_equal(nearest, np.argsort(apart, axis=1, kind="stable")[:, :fan])


@given(shapes, st.integers(1, 12), st.integers(1, 30))
@settings(deadline=None, max_examples=25)
def test_a_leaf_is_linked_as_the_rule_says(
    entries: SimpleNamespace,
    shape: tuple[int, int, int],
    width: int,
    looked_at: int,
) -> None:
    block = whole_numbers(*shape)
    count = len(block)
    members = np.random.default_rng(1).permutation(count).astype(np.int32)
    places = np.arange(count, dtype=np.int32) % 2
    slots = np.full((count, 2 * width), -2, np.int32)
    near, nearest = np.empty(looked_at, np.float32), np.empty(looked_at, np.int32)
    distances = np.empty(count * count, np.float32)
    entries.link(
        *(block, members, places, width, 0, np.empty(count, np.float32), distances),
        *(near, nearest, np.empty(width, np.int32), slots),
    )
    wanted = oracle.linked(block, members, width, looked_at)
    for at, row in enumerate(members):
        start = places[at] * width
        assert lists_of(slots[row : row + 1, start : start + width])[0] == wanted[at]
        assert np.all(slots[row, width - start : 2 * width - start] == -2)


@given(shapes, st.integers(1, 8), st.integers(1, 24))
@settings(deadline=None, max_examples=25)
def test_links_are_chosen_and_go_both_ways_as_the_rule_says(
    entries: SimpleNamespace, shape: tuple[int, int, int], degree: int, more: int
) -> None:
    vectors = whole_numbers(*shape)
    count, width = len(vectors), degree + more
    random = np.random.default_rng(shape[2])
    slots = random.integers(-1, count, (count, width)).astype(np.int32)
    slots[slots == np.arange(count)[:, None]] = -1
    distances = oracle.squared_distances(vectors)
    chosen = [
        oracle.diversified(
            distances,
            row,
            oracle.nearest_of(distances[row], mine[mine >= 0].tolist(), width),
            degree,
        )
        for row, mine in enumerate(slots)
    ]
    scales = np.ones(count, np.float32)
    near, nearest = np.empty(width, np.float32), np.empty(width, np.int32)
    kept = np.empty(degree, np.int32)
    entries.choose(vectors, scales, 0, count, near, nearest, kept, slots)
    assert lists_of(slots) == chosen

    starts = np.zeros(count + 1, np.int64)
    sources = np.empty(sum(map(len, chosen)), np.int32)
    entries.turn(slots, starts, sources)
    for row in range(count):
        back = sources[starts[row] : starts[row + 1]].tolist()
        assert sorted(back) == [other for other in range(count) if row in chosen[other]]

    near, nearest = np.empty(2 * count, np.float32), np.empty(2 * count, np.int32)
    links = np.empty((count, degree), np.int32)
    entries.join(*(vectors, scales, slots, starts, sources, 0, count, near, nearest, kept, links))
    assert lists_of(links) == oracle.joined(vectors, chosen, degree)


def test_rows_from_all_over_a_leaf_are_looked_at_too(entries: SimpleNamespace) -> None:
    block = np.concatenate([np.arange(20), 1000 + np.arange(20)]).astype(np.float32)[:, None]
    members, places = np.arange(40, dtype=np.int32), np.zeros(40, np.int32)
    for sampled, leads_out in ((0, False), (8, True)):
        slots = np.full((40, 4), -1, np.int32)
        near, nearest = np.empty(4 + sampled, np.float32), np.empty(4 + sampled, np.int32)
        entries.link(
            *(block, members, places, 4, sampled, np.empty(40, np.float32)),
            *(np.empty(1600, np.float32), near, nearest, np.empty(4, np.int32), slots),
        )
        assert bool(np.any((slots[19] >= 20) & (slots[19] < 40))) == leads_out


def test_scales_are_factors_of_the_vectors(entries: SimpleNamespace) -> None:
    vectors = whole_numbers(30, 5, 3)
    scales = np.linspace(0.5, 2, 30).astype(np.float32)
    slots = np.tile(np.arange(30, dtype=np.int32), (30, 1))
    np.fill_diagonal(slots, -1)
    near, nearest, kept = np.empty(30, np.float32), np.empty(30, np.int32), np.empty(4, np.int32)
    other, ones = slots.copy(), np.ones(30, np.float32)
    entries.choose(vectors, scales, 0, 30, near, nearest, kept, slots)
    entries.choose(vectors * scales[:, None], ones, 0, 30, near, nearest, kept, other)
    assert np.array_equal(slots, other)
