"""Masks: what readers were shown never changes, and every row of a key is found."""

import numpy as np

from aiomilvus.engine.segment.growing import GrowingSegment
from aiomilvus.engine.segment.row_masks import Masks, MaskTable
from tests.support.batches import batch, keys, schema

SCHEMA = schema()


def segment(*batches: list[int]) -> GrowingSegment:
    made = GrowingSegment(1, 2, SCHEMA)
    for ids in batches:
        made.append(SCHEMA, batch(ids))
    return made


def test_published_masks_do_not_change():
    table = MaskTable()
    rows = segment([1, 2, 3])
    table.delete(rows, keys([1]))
    shown = table.published(rows, 3)
    table.delete(rows, keys([2]))
    assert shown.deleted is not None
    assert shown.deleted.tolist() == [True, False, False]
    now = table.published(rows, 3)
    assert now.deleted is not None
    assert now.deleted.tolist() == [True, True, False]


def test_masks_follow_a_segment_that_grows():
    table = MaskTable()
    rows = segment([1, 2])
    table.delete(rows, keys([2]))
    rows.append(SCHEMA, batch([3, 4]))
    table.delete(rows, keys([4]))
    deleted = table.published(rows, 4).deleted
    assert deleted is not None
    assert deleted.tolist() == [False, True, False, True]


def test_deleting_a_key_deletes_its_shadowed_rows_too_and_counts_it_once():
    table = MaskTable()
    rows = segment([1, 2], [1], [1])
    table.shadow(rows, np.array([0, 2]), rows.partition_id)
    table.delete(rows, keys([1]))
    deleted = table.published(rows, 4).deleted
    assert deleted is not None
    assert deleted.tolist() == [True, False, True, True]


def test_deleting_again_or_nothing_changes_nothing():
    table = MaskTable()
    rows = segment([1, 2])
    table.delete(rows, keys([9]))
    assert table.published(rows, 2) == Masks()
    table.delete(rows, keys([1, 1]))
    once = table.published(rows, 2)
    table.delete(rows, keys([1]))
    assert table.published(rows, 2).deleted is once.deleted
