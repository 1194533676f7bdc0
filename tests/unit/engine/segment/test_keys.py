"""From a key to its newest row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiomilvus.engine.segment.keys import KeyIndex, sort_order
from tests.support.batches import keys

INTS = st.one_of(st.integers(-3, 3), st.sampled_from([-(2**63), 2**63 - 1]))
TEXTS = st.text("aß\U0001f600", max_size=3)


def newest(stored, wanted):
    return [max((i for i, k in enumerate(stored) if k == key), default=-1) for key in wanted]


@pytest.mark.parametrize("values", [INTS, TEXTS], ids=["ints", "texts"])
@given(data=st.data())
def test_each_key_is_found_in_its_newest_row(values, data):
    stored = data.draw(st.lists(values, max_size=20))
    # More than a few go another way than a few do.
    wanted = data.draw(st.lists(values, min_size=1, max_size=30))
    column = keys(stored) if stored else keys(wanted).slice(0, 0)
    index = KeyIndex(column, sort_order(column))
    assert index.find(keys(wanted)).tolist() == newest(stored, wanted)


def test_keys_that_arrive_in_order_are_not_copied():
    column = keys(list(range(100)))
    index = KeyIndex(column, sort_order(column))
    index.find(keys([5]))
    assert np.shares_memory(index._sorted, column.arrays()["values"])
