"""Which rows are read: partitions, keys inserted several times, deletions, samples."""

from __future__ import annotations

import numpy as np
import pytest

from aiomilvus.engine.query.filtering.scope import views_of
from aiomilvus.engine.query.scan.deletions import rows_to_delete
from aiomilvus.errors import (
    CollectionNotLoadedError,
    ExpressionError,
    MilvusException,
    ParamError,
    PartitionNotExistException,
    PartitionNotLoadedError,
)
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.data import Delete, Search
from aiomilvus.model.operations.loading import (
    LoadPartitions,
    ReleaseCollection,
    ReleasePartitions,
)
from aiomilvus.model.operations.maintenance import Compact
from tests.support.tables import NAME


def tags(table, *partitions, **asked):
    """The tag of each key's row that a query of the partitions shows, by key."""
    asked = asked or {"filter": "id >= 0"}
    batch = table.query(output_fields=("id", "v"), partitions=partitions, **asked).batch
    shown = zip(batch["id"].values.tolist(), batch["v"].values[:, 0].tolist(), strict=True)
    found = list(shown)
    assert len(dict(found)) == len(found)
    return dict(found)


def hits(table, *partitions):
    """The same by search."""
    data = VectorColumn(np.zeros((1, 4), np.float32))
    found = table.do(
        Search(collection=NAME, data=data, limit=20, partitions=partitions, output_fields=("v",))
    )
    tag = found.batch["v"].values[:, 0].tolist()
    return dict(zip(found.ids.values.tolist(), tag, strict=True))


def sealed_or_not(table, how):
    """Bring what was inserted to rest: sealed, sealed and merged, or neither."""
    if how != "growing":
        table.seal()
    if how == "merged":
        table.do(Compact(collection=NAME))
        table.database.wait_idle()


@pytest.mark.parametrize("how", ["growing", "sealed", "merged"])
def test_a_partition_alone_shows_its_newest_row_of_a_key(table, how):
    table.insert([1, 2], 1.0, "a")
    sealed_or_not(table, how)
    table.insert([1], 2.0, "a")
    table.insert([1, 3], 3.0, "b")
    sealed_or_not(table, how)
    table.insert([2], 4.0)
    sealed_or_not(table, how)
    for read in (tags, hits):
        assert read(table) == {1: 3.0, 2: 4.0, 3: 3.0}
        assert read(table, "a") == {1: 2.0, 2: 1.0}
        assert read(table, "b") == {1: 3.0, 3: 3.0}
        assert read(table, "a", "b") == {1: 3.0, 2: 1.0, 3: 3.0}
        assert read(table, "_default", "a") == {1: 2.0, 2: 4.0}
    assert tags(table, "a", ids=[1, 2, 3]) == {1: 2.0, 2: 1.0}


@pytest.mark.parametrize("how", ["growing", "sealed", "merged"])
def test_of_partitions_without_the_newest_row_the_newer_one_counts(table, how):
    for tag, partition in ((1.0, "b"), (2.0, "a"), (3.0, "")):
        table.insert([7], tag, partition)
        sealed_or_not(table, how)
    assert tags(table, "a", "b") == {7: 2.0}
    assert tags(table, "b", "a") == hits(table, "b", "a") == {7: 2.0}


def test_deletions_reach_rows_in_all_partitions_and_upserts_those_of_one(table):
    table.insert([1, 2], 1.0, "a")
    table.insert([1, 2], 2.0, "b")
    table.upsert([1], 3.0)
    table.delete([2])
    assert (tags(table, "a"), tags(table, "b")) == ({1: 1.0}, {1: 2.0})
    assert tags(table) == tags(table, "_default") == {1: 3.0}


def test_a_released_partition_hides_nothing(table):
    table.insert([1], 1.0, "a")
    table.insert([1], 2.0, "b")
    table.do(ReleasePartitions(collection=NAME, partitions=("b",)))
    assert tags(table) == {1: 1.0}
    table.do(LoadPartitions(collection=NAME, partitions=("b",)))
    assert tags(table) == {1: 2.0}


def test_counts_include_every_row_of_the_partitions_read(table):
    table.insert([1, 1, 2], 1.0, "a")
    table.insert([1], 2.0, "b")
    for partitions, count in (((), 4), (("a",), 3), (("b",), 1), (("a", "b"), 4)):
        assert table.query(output_fields=("count(*)",), partitions=partitions).count == count


def test_views_without_keys_from_elsewhere_are_the_snapshots_own(table):
    table.insert([1, 1], 1.0, "a")
    snapshot = table.database.snapshot("", NAME)
    assert views_of(snapshot, ("a",)) == snapshot.views
    assert views_of(snapshot, ("a",))[0] is snapshot.views[0]


def test_partitions_that_can_not_be_read_are_refused(table):
    with pytest.raises(MilvusException, match="partition name x not found") as raised:
        tags(table, "x")
    assert raised.value.code == 65535
    table.do(ReleasePartitions(collection=NAME, partitions=("a",)))
    with pytest.raises(PartitionNotLoadedError):
        tags(table, "a")
    table.do(ReleaseCollection(collection=NAME))
    with pytest.raises(CollectionNotLoadedError):
        tags(table)


def test_deletions_from_a_partition_that_is_not_there_say_so(table):
    snapshot = table.database.snapshot("", NAME)
    with pytest.raises(PartitionNotExistException, match="x") as raised:
        rows_to_delete(snapshot, "id > 0", {}, "x")
    assert raised.value.code == 200


def test_deletions_by_filter_keep_to_their_partition(table):
    table.insert([1, 2], 1.0, "a")
    table.insert([3], 1.0, "b")
    table.do(Delete(collection=NAME, filter="id > 1", partition="a"))
    assert tags(table) == {1: 1.0, 3: 1.0}


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("id >", ExpressionError, "failed to create delete plan: cannot parse expression: id >"),
        ("size > 1", ExpressionError, "failed to create delete plan: .*field size not exist"),
        ("random_sample(0.5)", ParamError, "random_sample can't choose what to delete"),
        ("id > 0 and random_sample(0.5)", ParamError, "random_sample can't choose"),
        ("true or id == 1", ParamError, "delete plan can't be empty or always true"),
        ("  ", ParamError, "delete plan can't be empty or always true"),
    ],
)
def test_filters_that_may_not_delete_are_refused_and_nothing_is_lost(table, text, error, words):
    table.insert([1, 2, 3])
    with pytest.raises(error, match=words):
        table.do(Delete(collection=NAME, filter=text))
    assert sorted(tags(table)) == [1, 2, 3]


@pytest.mark.parametrize("sealed", [False, True])
def test_a_sample_is_drawn_from_rows_that_are_shown(table, sealed):
    table.insert(range(100))
    table.insert(range(10), 5.0)
    if sealed:
        table.seal()
    table.delete(range(10, 100))
    for _ in range(5):
        found = tags(table, filter="random_sample(0.5)")
        assert len(found) == 5
        assert set(found.values()) == {5.0}
    assert len(tags(table, filter="id < 4 and random_sample(0.5)")) == 2
    assert table.query(filter="random_sample(0.5)", output_fields=("count(*)",)).count == 10


def test_a_sample_has_the_size_asked_for_and_passes_the_filter_before_it(table):
    table.insert(range(40))
    drawn = [frozenset(tags(table, filter="id >= 20 and random_sample(0.25)")) for _ in range(20)]
    assert all(len(sample) == 5 for sample in drawn)
    assert all(sample <= set(range(20, 40)) for sample in drawn)
    assert len(set(drawn)) > 1


def test_a_sample_is_never_empty_unless_nothing_passes(table):
    table.insert(range(3))
    assert len(tags(table, filter="random_sample(0.01)")) == 1
    assert tags(table, filter="id < 0 and random_sample(0.9)") == {}
