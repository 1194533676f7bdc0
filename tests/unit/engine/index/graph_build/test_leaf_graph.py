"""Graphs built from leaves: whole, repeatable, and given up when told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import faiss
import numpy as np
import pytest

from aiomilvus.engine.index.contract import BuildBudget, BuildStoppedError
from aiomilvus.engine.index.graph_build import kernel_access, leaf_graph, partitioning
from aiomilvus.engine.index.graph_build.leaf_graph import fill_graph, shape_of
from aiomilvus.engine.index.graph_build.partitioning import LARGEST, TOGETHER, Partition

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

M, EF = 8, 80


@pytest.fixture(autouse=True)
def _compiled() -> None:
    """A build of few rows waits for the kernels for a moment only, and goes without them."""
    assert kernel_access.kernels(600, BuildBudget(1)) is not None


def normal(*shape: int) -> Floats:
    return np.random.default_rng(7).standard_normal(shape).astype(np.float32)


def clusters(count: int) -> Floats:
    random = np.random.default_rng(1)
    centres = random.standard_normal((60, 32)) * 10
    return (centres[random.integers(60, size=count)] + 0.3 * normal(count, 32)).astype(np.float32)


def empty(values: Floats) -> Any:
    index = faiss.IndexHNSWFlat(values.shape[1], M)
    index.hnsw.efConstruction = EF
    return index


def built(values: Floats, threads: int = 2) -> Any:
    index = empty(values)
    scales, centre = np.ones(len(values), np.float32), values.mean(axis=0)
    assert fill_graph(index, values, scales, centre, M, BuildBudget(threads))
    index.storage.add(values)
    return index


def test_threads_make_the_same_graph() -> None:
    values = normal(5_000, 16)
    one, two = built(values, 1), built(values, 2)
    first, second = (faiss.vector_to_array(each.hnsw.neighbors) for each in (one, two))
    assert np.array_equal(first, second)


def test_links_stay_on_their_level_and_name_each_row_once() -> None:
    index = built(normal(5_000, 16))
    hnsw = index.hnsw
    levels, neighbors = faiss.vector_to_array(hnsw.levels), faiss.vector_to_array(hnsw.neighbors)
    offsets = faiss.vector_to_array(hnsw.offsets)
    begins = faiss.vector_to_array(hnsw.cum_nneighbor_per_level)
    assert levels.max() == hnsw.max_level + 1
    for row in range(5_000):
        for level in range(levels[row]):
            start = int(offsets[row])
            links = neighbors[start + begins[level] : start + begins[level + 1]]
            named = links[: int(np.argmax(np.append(links, -1) < 0))]
            assert np.all(links[len(named) :] == -1)
            assert len(set(named.tolist())) == len(named)
            assert row not in named
            assert np.all(levels[named] > level)


@pytest.mark.parametrize("values", [np.ones((9_000, 4), np.float32), clusters(9_000)])
@pytest.mark.parametrize("fan", [1, 6])
def test_every_row_is_in_so_many_leaves_none_of_them_too_large(values: Floats, fan: int) -> None:
    entries = kernel_access.kernels(600, BuildBudget(1))
    assert entries is not None
    leaves = Partition(entries, lambda rows: values[rows], lambda: None).leaves(len(values), fan)
    seen = np.zeros((len(values), fan), np.int32)
    for leaf in leaves:
        assert len(leaf.members) <= LARGEST
        np.add.at(seen, (leaf.members, leaf.places), 1)
    assert np.all(seen == 1)


def test_very_many_rows_are_divided_in_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitioning, "_IN_ONE_STEP", 4_000)
    values = normal(9_000, 32)
    values[::5] *= 1e4  # whoever leads among these leads nobody else
    entries = kernel_access.kernels(600, BuildBudget(1))
    assert entries is not None
    leaves = Partition(entries, lambda rows: values[rows], lambda: None).leaves(9_000, 6)
    seen = np.zeros((9_000, 6), np.int32)
    for leaf in leaves:
        assert len(leaf.members) <= TOGETHER
        np.add.at(seen, (leaf.members, leaf.places), 1)
    assert seen.max() == 1
    assert np.all(seen[:, 0] == 1)
    assert np.all(seen[:, 3] == 1)
    assert seen.mean() > 0.5


def test_a_build_that_is_given_up_stops() -> None:
    values = normal(5_000, 16)
    asked = 0

    def keep_going(_: float) -> bool:
        nonlocal asked
        asked += 1
        return asked < 5

    with pytest.raises(BuildStoppedError):
        fill_graph(
            *(empty(values), values, np.ones(5_000, np.float32), values[0], M),
            BuildBudget(1, keep_going),
        )


def test_nothing_is_done_where_kernels_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaf_graph, "kernels", lambda *_: None)
    index, values = empty(normal(5, 4)), normal(5, 4)
    scales = np.ones(5, np.float32)
    assert not fill_graph(index, values, scales, values[0], M, BuildBudget(1))
    assert index.ntotal == 0


@pytest.mark.parametrize("m", [2, 8, 16, 30, 64])
@pytest.mark.parametrize("ef", [1, 100, 200, 500, 100_000])
def test_slots_hold_all_links_of_a_row(m: int, ef: int) -> None:
    for lowest in (True, False):
        shape = shape_of(50_000, m, ef, lowest=lowest)
        assert shape.leaves * shape.width >= shape.degree
        assert shape.degree == (2 * m if lowest else m)
        assert shape.leaves % 2 == 0
