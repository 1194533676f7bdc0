"""LazyList behaves as the list it stands for, whatever is done with it first."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from aiomilvus.client.results.lazy import LazyList


class Squares(LazyList[int]):
    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.made = 0

    def _make(self, index: int) -> int:
        self.made += 1
        return index * index + 1


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
    lambda x: x[1:3],
    lambda x: x[::-1],
    lambda x: x == [1, 2, 5, 10],
    lambda x: x == [1, 2, 5, 10],
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
]


@pytest.mark.parametrize("use", USES)
def test_it_answers_as_a_list_does(use: Any) -> None:
    assert use(Squares(4)) == use(list(PLAIN))


def test_an_item_is_made_when_it_is_touched_and_stays_the_same() -> None:
    lazy = Squares(1000)
    assert len(lazy) == 1000
    assert lazy.made == 0
    assert lazy[999] == 999 * 999 + 1
    assert lazy.made == 1
    assert lazy[999] is lazy[-1]


@pytest.mark.parametrize("index", [4, -5])
def test_an_index_beyond_the_ends_is_an_error(index: int) -> None:
    with pytest.raises(IndexError):
        Squares(4)[index]
