"""Iterators: one snapshot from the first page to the last, and where they can go on."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from aiomilvus.errors import CollectionNotLoadedError, ParamError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.collections import DropCollection
from aiomilvus.model.operations.data import Search, SearchIteratorState
from aiomilvus.model.operations.loading import ReleaseCollection
from tests.support.tables import NAME, Table, values

ZERO = VectorColumn(np.zeros((1, 4), np.float32))


def page(table, size, state=None, **asked):
    state = state or SearchIteratorState(batch_size=size)
    found = table.do(Search(collection=NAME, data=ZERO, iterator=state, **asked))
    after = SearchIteratorState(
        batch_size=size, token=found.iterator.token, last_bound=found.iterator.last_bound
    )
    return values(found.ids), after


def rows(table, cursor=None, snapshot=0, size=3):
    found = table.query(
        filter="id >= 0", limit=size, cursor=cursor, snapshot=snapshot, iterator=True
    )
    return values(found.batch["id"]), found.snapshot


def test_a_query_iterator_stays_on_its_first_pages_rows(table):
    table.insert([4, 1, 3, 6], partition="a")
    first, snapshot = rows(table)
    assert first == [1, 3, 4]
    table.delete([6])
    table.insert([5, 7], partition="b")
    table.seal()
    assert rows(table, 4, snapshot) == ([6], snapshot)
    assert rows(table, 6, snapshot) == ([], snapshot)
    assert rows(table)[0] == [1, 3, 4]
    assert rows(table, 4)[0] == [5, 7]


def test_a_query_iterator_goes_on_behind_any_key(table):
    table.insert(range(10))
    assert rows(table, 6)[0] == [7, 8, 9]
    assert rows(table, -5, size=2)[0] == [0, 1]


def test_a_query_iterator_of_a_released_collection_ends_in_an_error(table):
    table.insert(range(5))
    _, snapshot = rows(table)
    table.do(ReleaseCollection(collection=NAME))
    with pytest.raises(CollectionNotLoadedError):
        rows(table, 2, snapshot)


def test_a_search_iterator_gives_the_very_hits_of_its_first_page(table):
    table.insert(range(7))
    first, state = page(table, 3)
    table.delete([3, 4])
    table.insert([10], -1.0)
    second, state = page(table, 3, state)
    third, state = page(table, 3, state)
    assert [first, second, third] == [[0, 1, 2], [3, 4, 5], [6]]
    assert page(table, 3, state)[0] == []


def test_filters_and_partitions_hold_for_every_page(table):
    table.insert(range(6), partition="a")
    table.insert(range(6, 12), partition="b")
    first, state = page(table, 2, partitions=("b",), filter="id != 7")
    second, state = page(table, 2, state, partitions=("b",), filter="id != 7")
    assert (first, second) == ([6, 8], [9, 10])


def test_a_range_ends_the_iteration(table):
    table.insert(range(6))
    first, state = page(table, 4, radius=5.5)
    assert first == [0, 1, 2]
    assert page(table, 4, state, radius=5.5)[0] == []


def test_an_iteration_that_is_no_longer_kept_goes_on_behind_its_last_hit(table):
    table.insert(range(6))
    _, state = page(table, 2)
    table.database.rankings.forget()
    assert page(table, 2, state)[0] == [2, 3]


@pytest.mark.parametrize("size", [0, 16_385])
def test_batches_have_a_sensible_size(table, size):
    with pytest.raises(ParamError, match="batch size"):
        page(table, size)


def test_an_iteration_has_one_query(table):
    two = VectorColumn(np.zeros((2, 4), np.float32))
    state = SearchIteratorState(batch_size=2)
    with pytest.raises(ParamError, match="one query vector"):
        table.do(Search(collection=NAME, data=two, iterator=state))


def test_an_empty_collection_is_iterated_at_once(table):
    assert page(table, 3)[0] == []
    assert rows(table)[0] == []


def test_an_iteration_at_its_end_keeps_no_hits_and_then_nothing(table):
    table.insert(range(6))
    _, state = page(table, 6)
    assert len(table.database.rankings) == 1
    assert page(table, 6, state)[0] == []
    assert len(table.database.rankings) == 0


@pytest.mark.parametrize("way", [page, rows], ids=["search", "query"])
def test_files_of_a_dropped_collection_go_though_an_iterator_was_given_up(tmp_path, way):
    table = Table(path=tmp_path / "db")
    table.insert(range(6))
    table.seal()
    table.database.wait_idle()
    assert list(tmp_path.glob("db/collection-*/segment-*"))
    way(table, 2)
    table.do(DropCollection(collection=NAME))
    gc.collect()
    assert list(tmp_path.glob("db/collection-*/segment-*")) == []
    table.close()
