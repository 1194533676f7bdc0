"""Row times are runs, and behave as one time for each row would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aiomilvus.engine.segment.times import GrowingTimes, RowTimes

if TYPE_CHECKING:
    from collections.abc import Callable


def times(*stamps: int) -> RowTimes:
    growing = GrowingTimes()
    for row, stamp in enumerate(stamps, 1):
        growing.append(stamp, row)
    return growing.known()


def expanded(given: RowTimes) -> list[int]:
    return np.repeat(given.stamps, np.diff(given.ends, prepend=0)).tolist()


def test_neighbours_of_one_write_share_a_run() -> None:
    made = times(5, 5, 5, 7, 7)
    assert made.ends.tolist() == [3, 5]
    assert expanded(made) == [5, 5, 5, 7, 7]
    assert len(made) == 5


@pytest.mark.parametrize("rows", [[], [0], [4, 0, 1], [2, 3, 4], [0, 1, 2, 3, 4]])
def test_rows_are_taken_in_their_order(rows: list[int]) -> None:
    stamps = [5, 5, 6, 7, 7]
    taken = times(*stamps).take(np.array(rows, np.int64))
    assert expanded(taken) == [stamps[row] for row in rows]


def test_parts_are_laid_end_to_end() -> None:
    assert expanded(RowTimes.concat([times(1, 1), times(), times(2, 3)])) == [1, 1, 2, 3]
    assert len(RowTimes.concat([])) == 0


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 9])
def test_a_prefix_is_cut_anywhere(rows: int) -> None:
    assert expanded(times(1, 1, 2, 2).first(rows)) == [1, 1, 2, 2][:rows]


def test_what_is_old_and_what_comes_next_is_told() -> None:
    made = times(3, 3, 9, 4)
    assert made.until((2, 2), 99, 4) is None
    old = made.until((4, 4), 99, 3)
    assert old is not None
    assert old.tolist() == [True, True, False]
    assert made.first_between(3, 99) == 4
    assert made.first_between(9, 99) is None


def test_times_from_some_moment_on_have_a_limit_of_their_own() -> None:
    made = times(3, 3, 9, 4)
    old = made.until((3, 9), 9, 4)
    assert old is not None
    assert old.tolist() == [True, True, True, False]
    assert made.first_between(3, 4) is None
    assert made.first_between(4, 10) == 9


def test_arrays_bring_times_back() -> None:
    assert expanded(RowTimes.of(times(1, 2, 2).arrays())) == [1, 2, 2]


class Interrupted(list[int]):
    """A list to which another thread adds just after its length was asked for."""

    def __init__(self, values: list[int], note: Callable[[], None]) -> None:
        super().__init__(values)
        self._note = note

    def __len__(self) -> int:
        length = super().__len__()
        note, self._note = self._note, lambda: None
        note()
        return length


def test_times_are_told_while_more_are_noted() -> None:
    growing = GrowingTimes()
    growing.append(1, 5)
    growing._ends = Interrupted(growing._ends, lambda: growing.append(2, 9))
    known = growing.known()
    assert (known.ends.tolist(), known.stamps.tolist()) == ([5], [1])
    assert growing.known().ends.tolist() == [5, 9]
