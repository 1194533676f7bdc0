"""Growing segments: readers keep what they saw; keys lead to their newest row."""

import msgspec
import numpy as np
import pytest

from aiomilvus.engine.segment.growing import GrowingSegment
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType
from tests.support.batches import batch, key_values, keys, schema

RATING = Field(id=102, name="rating", dtype=DataType.INT32, default=5)


def grown(schema_: Schema) -> Schema:
    return msgspec.structs.replace(schema_, fields=(*schema_.fields, RATING), version=1)


def test_a_column_taken_before_an_append_stays_as_it_was():
    plain = schema()
    segment = GrowingSegment(1, 2, plain)
    segment.append(plain, batch([1, 2], tag=1))
    before = segment.column(plain.by_name["v"])
    segment.append(plain, batch(list(range(10, 600)), tag=2))
    assert len(before) == 2
    assert before.arrays()["values"][:, 0].tolist() == [1, 1]
    assert key_values(segment.column(plain.primary))[:3] == [1, 2, 10]
    assert segment.num_rows == 592


def test_find_gives_the_newest_row_and_older_leads_back():
    plain = schema()
    segment = GrowingSegment(1, 2, plain)
    segment.append(plain, batch([7, 8]))
    segment.append(plain, batch([7]))
    segment.append(plain, batch([9, 7]))
    assert segment.find(keys([7, 8, 9, 1])).tolist() == [4, 1, 3, -1]
    assert [segment.older(4), segment.older(2), segment.older(0)] == [2, 0, -1]


def test_append_names_the_rows_that_their_own_batch_replaces():
    plain = schema()
    segment = GrowingSegment(1, 2, plain)
    assert segment.append(plain, batch([1, 2])) == []
    assert segment.append(plain, batch([1, 3, 3, 3])) == [3, 4]


@pytest.mark.parametrize("seed", range(20))
def test_many_keys_at_once_are_noted_as_one_by_one(seed: int):
    plain = schema()
    chosen = np.random.default_rng(seed)
    at_once, singly = GrowingSegment(1, 2, plain), GrowingSegment(1, 2, plain)
    for _ in range(4):
        # Of so many keys sometimes all are new, sometimes some are there, or twice in the batch.
        given = chosen.integers(0, 10 ** chosen.integers(1, 7), chosen.integers(1, 60)).tolist()
        before = at_once.num_rows
        doubled = at_once.append(plain, batch(given))
        for key in given:
            singly.append(plain, batch([key]))
        later = {key: row for row, key in enumerate(given, before)}
        again = [row for row, key in enumerate(given, before) if later[key] != row]
        assert sorted(doubled) == again
        for row in range(at_once.num_rows):
            assert at_once.older(row) == singly.older(row)
        assert at_once.find(keys(given)).tolist() == singly.find(keys(given)).tolist()


def test_text_keys_are_found():
    plain = schema(key=DataType.VARCHAR)
    segment = GrowingSegment(1, 2, plain)
    segment.append(plain, batch(["a", "ß"]))
    assert segment.find(keys(["ß", "b", "a"])).tolist() == [1, -1, 0]


def test_rows_from_before_a_field_hold_its_default():
    old = schema()
    new = grown(old)
    segment = GrowingSegment(1, 2, old)
    segment.append(old, batch([1, 2]))
    assert segment.column(RATING).arrays()["values"].tolist() == [5, 5]
    rated = batch([3], rating=FixedColumn(np.array([9], np.int32)))
    segment.append(new, rated)
    assert segment.column(RATING).arrays()["values"].tolist() == [5, 5, 9]


def test_rows_from_after_a_field_was_dropped_hold_its_default():
    new = grown(schema())
    segment = GrowingSegment(1, 2, new)
    segment.append(new, batch([1], rating=FixedColumn(np.array([9], np.int32))))
    segment.append(schema(), batch([2]))
    assert segment.column(RATING).arrays()["values"].tolist() == [9, 5]
