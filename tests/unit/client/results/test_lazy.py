"""LazyList behaves as the list it stands for, whatever is done with it first."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import msgspec
import numpy as np
import pytest

from aiomilvus.client.results.lazy import LazyList, MadeList


class Squares(MadeList[int]):
    __slots__ = ("made",)

    def __init__(self, count: int) -> None:
        super().__init__()
        self.made = 0

    def _make_between(self, start: int, stop: int) -> list[int]:
        self.made += stop - start
        return [index * index + 1 for index in range(start, stop)]


class LazySquares(LazyList[int], Squares):
    __slots__ = ()
    _filled_class = Squares

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self._leave_open(count)


PLAIN = [1, 2, 5, 10]
USES: list[Any] = [
    len,
    bool,
    list,
    tuple,
    sorted,
    sum,
    json.dumps,
    copy.copy,
    copy.deepcopy,
    lambda x: pickle.loads(pickle.dumps(x)),  # noqa: S301 - our own bytes
    lambda x: x[0],
    lambda x: x[-1],
    lambda x: x[np.int64(2)],
    lambda x: x[1:3],
    lambda x: x[::-1],
    lambda x: x == [1, 2, 5, 10],
    lambda x: [1, 2, 5, 10] == x,  # noqa: SIM300 - the other side's turn
    lambda x: x != [1],
    lambda x: x + [7],  # noqa: RUF005 - the operator is what is tested
    lambda x: [7] + x,  # noqa: RUF005 - as above
    lambda x: [*x],
    lambda x: x * 2,
    lambda x: 5 in x,
    lambda x: x.index(10),
    lambda x: x.count(2),
    lambda x: x.pop(),
    lambda x: list(reversed(x)),
    lambda x: [7].__add__(list(x)),
    lambda x: x.append(3) or list(x),
    lambda x: x.sort(reverse=True) or list(x),
    lambda x: isinstance(x, list),
    lambda x: np.array(x).tolist(),
]


@pytest.mark.parametrize("use", USES)
def test_it_answers_as_a_list_does(use: Any) -> None:
    assert use(LazySquares(4)) == use(list(PLAIN))


def test_an_item_is_made_when_it_is_touched_and_stays_the_same() -> None:
    lazy = LazySquares(1000)
    assert len(lazy) == 1000
    assert lazy.made == 0
    assert lazy[999] == 999 * 999 + 1
    assert lazy.made == 1
    assert lazy[999] is lazy[-1]


@pytest.mark.parametrize("index", [4, -5])
def test_an_index_beyond_the_ends_is_an_error(index: int) -> None:
    with pytest.raises(IndexError):
        LazySquares(4)[index]


def test_a_reader_in_c_is_refused_before_it_is_made_and_served_afterwards() -> None:
    lazy = LazySquares(4)
    with pytest.raises(TypeError, match="CallMaterializeFirst"):
        msgspec.json.encode(lazy)
    lazy.materialize()
    assert msgspec.json.encode(lazy) == b"[1,2,5,10]"
    assert type(lazy) is Squares
