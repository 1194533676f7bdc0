"""Graphs of growing rows go on serving the rows that are sealed."""

import numpy as np
import pytest

from aiomilvus.engine.maintenance.growing_graphs import _same_rows


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ([0, 1, 2], [0, 1, 2]),
        ([0, 2, 5], [0, 2, 5]),
        ([], []),
        ([-1, 0, 1], []),
        ([0, 3, -1, 4], [0, 3]),
        ([1, 2, 2, 3], [1, 2]),
        ([4, 1, 2], [4]),
    ],
)
def test_rows_are_the_same_as_long_as_each_key_is_found_once_in_its_place(
    found: list[int], kept: list[int]
) -> None:
    assert _same_rows(np.array(found, np.int64)).tolist() == kept
