"""What a sparse search is taken to cost: by the postings it passes, once there are kernels."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from aiomilvus.engine.index import costs
from aiomilvus.engine.index.sparse import index as sparse_index
from aiomilvus.engine.index.sparse import kernel_access
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.sparse_params import BuildParams
from aiomilvus.model.columns import SparseColumn

ROWS = 40_000


def made(terms: int, params: BuildParams | None = None) -> SparseIndex:
    """Return an index of rows with one value each, in lists of the same length."""
    column = SparseColumn(
        np.arange(ROWS + 1), (np.arange(ROWS) % terms).astype(np.uint32), np.ones(ROWS, np.float32)
    )
    return SparseIndex.build(column, params=params)


def cost(index: SparseIndex, terms: float = 8.0) -> float:
    return index.plan_prepared(terms, None).microseconds


def test_a_search_costs_by_the_length_of_its_lists_and_not_by_rows() -> None:
    assert kernel_access.kernels() is not None
    assert cost(made(1_000)) < costs.SPARSE_CALL * 1.1
    assert cost(made(2)) == costs.SPARSE_CALL + 8 * (ROWS / 2) / costs.POSTINGS_PASSED
    assert cost(made(2), terms=2) < cost(made(2), terms=8)


def test_where_nothing_may_be_skipped_postings_cost_more() -> None:
    assert kernel_access.kernels() is not None
    plain = made(2, BuildParams(algorithm="TAAT_NAIVE"))
    assert cost(plain) == costs.SPARSE_CALL + 8 * (ROWS / 2) / costs.POSTINGS_SUMMED


def test_without_kernels_every_row_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_index, "kernels_if_ready", lambda: None)
    assert cost(made(1_000)) == costs.SCAN_CALL + ROWS / costs.SPARSE_ROWS
