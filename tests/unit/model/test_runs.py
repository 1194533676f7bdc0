"""Runs are copied as if one by one, however many and however long, in little memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from aiomilvus.model import runs
from aiomilvus.model.columns import BytesColumn, FixedColumn, ListColumn, SparseColumn
from aiomilvus.model.runs import take_runs


def offsets_of(lengths: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


@pytest.mark.parametrize("longest", [0, 1, 3, 40, 600])
@pytest.mark.parametrize("part", [1, 64, 1 << 16])
def test_the_runs_are_those_that_were_asked_for(
    longest: int, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_PART", part)
    random = np.random.default_rng(3)
    lengths = random.integers(0, longest + 1, 200).tolist()
    offsets = offsets_of(lengths)
    numbers, pairs = np.arange(offsets[-1]), random.normal(size=(offsets[-1], 2))
    for rows in (random.integers(0, 200, 300), np.arange(200), np.empty(0, np.int64)):
        ends, taken = take_runs(offsets, rows, [numbers, pairs])
        wanted = [number for row in rows for number in range(offsets[row], offsets[row + 1])]
        assert ends.tolist() == offsets_of([lengths[row] for row in rows]).tolist()
        assert taken[0].tolist() == wanted
        assert np.array_equal(taken[1], pairs[wanted])


@pytest.mark.parametrize("length", [20, 2000])
def test_what_is_taken_needs_little_more_than_its_own_room(length: int) -> None:
    count = (2 << 20) // length
    offsets = np.arange(count + 1, dtype=np.int64) * length
    data, rows = np.zeros(offsets[-1], np.uint8), np.random.default_rng(3).permutation(count)
    texts = BytesColumn(offsets, data)
    lists = ListColumn(offsets, FixedColumn(data))
    vectors = SparseColumn(offsets, data.astype(np.uint32), data.astype(np.float32))
    for column in (texts, lists, vectors):
        tracemalloc.start()
        taken = column.take(rows)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 2 * taken.nbytes + (2 << 20)
