"""What segments, views and snapshots keep goes with them; nothing outlives what it describes."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from aiomilvus import DataType, MilvusClient
from aiomilvus.engine.caches import KEPT_MASKS, KEPT_SEARCHES, SegmentCache, ViewCache
from aiomilvus.engine.index.contract import UNLIMITED, Found
from aiomilvus.engine.index.dense.kernel_access import kernels
from aiomilvus.engine.index.graph_build.kernel_access import kernels as graph_kernels
from aiomilvus.engine.opening import open_database
from aiomilvus.engine.query.candidates import single
from aiomilvus.engine.segment.byte_strings import hash_of, hashes
from aiomilvus.expr.bind.binder import compile_filter
from aiomilvus.model.columns import BytesColumn
from aiomilvus.model.operations.indexes import DropIndex
from aiomilvus.model.operations.loading import ReleaseCollection
from tests.support.batches import schema
from tests.support.tables import NAME, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROWS, WIDTH = 5_000, 2_000


@pytest.fixture
def table() -> Iterator[Table]:
    made = Table()
    yield made
    made.database.close()


def fill(client: MilvusClient, name: str, rows: int) -> None:
    """Make a collection with a field younger than its rows, and read it in many ways."""
    given = client.create_schema()
    given.add_field("id", DataType.INT64, is_primary=True)
    given.add_field("v", DataType.FLOAT_VECTOR, dim=4)
    index = client.prepare_index_params("v", index_type="HNSW", metric_type="L2")
    client.create_collection(name, schema=given, index_params=index)
    values = np.random.default_rng(0).standard_normal((rows, 4), np.float32)
    whole: list[dict[str, Any]] = [{"id": n, "v": values[n]} for n in range(rows)]
    client.insert(name, whole[: rows // 2])
    client.flush(name)
    client.insert(name, whole[rows // 2 :])
    client.add_collection_field(
        name, "note", DataType.VARCHAR, max_length=WIDTH, nullable=True, default_value="x" * WIDTH
    )
    for text in ("", 'note like "x%"', "id > 7"):
        client.search(name, data=values[:1], filter=text, limit=3, output_fields=["note"])
        client.query(name, filter=text or "id >= 0", output_fields=["count(*)"])
    assert client.query(name, ids=[rows - 1], output_fields=["note"])[0]["note"] == "x" * WIDTH
    iterator = client.search_iterator(name, data=values[:1], batch_size=1000, limit=2000)
    assert len(iterator.next() or ()) == 1000
    iterator.close()


def test_the_memory_of_a_collection_is_back_when_it_is_dropped_and_closed(tmp_path: Path) -> None:
    graph_kernels(600, UNLIMITED)  # what many rows have loaded
    kernels()
    with MilvusClient(str(tmp_path / "small.db")) as client:
        fill(client, "c", 2_000)  # what is loaded once, is loaded
        client.drop_collection("c")
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        path = tmp_path / "large.db"
        with MilvusClient(str(path)) as client:
            fill(client, "c", ROWS)
            assert tracemalloc.get_traced_memory()[0] - before > ROWS * WIDTH
            database = open_database(path)
            client.drop_collection("c")
            database.local.wait_idle()
            database.close()
        del client, database
        gc.collect()
        left = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert left < ROWS * WIDTH / 20


def test_growing_rows_share_the_column_of_a_younger_field_until_a_row_has_it(table: Table) -> None:
    table.insert([1, 2, 3])
    (view,) = table.database.snapshot("", NAME).views
    younger = msgspec.structs.replace(schema().fields[1], id=900, name="note", default="x")
    younger = msgspec.structs.replace(younger, dtype=DataType.VARCHAR, dim=0, max_length=9)
    first = view.segment.column(younger)
    assert view.segment.column(younger) is first
    assert list(view.segment.cache.filled) == [900]
    table.insert([4])
    assert len(view.segment.column(younger)) == 4


def test_a_changed_copy_of_a_view_or_snapshot_has_a_cache_of_its_own(table: Table) -> None:
    table.insert([1, 2])
    snapshot = table.database.snapshot("", NAME)
    (view,) = snapshot.views
    for each in (view, snapshot):
        assert msgspec.structs.replace(each).cache is not each.cache
    assert view.row_cache is view.cache.rows, "growing rows become more"
    table.seal()
    (sealed,) = table.database.snapshot("", NAME).views
    assert sealed.row_cache is sealed.segment.cache.rows


def test_masks_and_prepared_searches_are_few() -> None:
    cache: ViewCache[object] = ViewCache()
    for number in range(5 * KEPT_MASKS):
        cache.keep_mask((f"id > {number}",), np.ones(1, np.bool_))
        assert len(cache.masks) <= KEPT_MASKS
    assert cache.mask_of(f"id > {5 * KEPT_MASKS - 1}") is not None
    assert cache.mask_of("id > 0") is None
    assert KEPT_SEARCHES


def test_what_was_kept_for_an_index_goes_when_it_is_dropped(table: Table) -> None:
    table.insert([1])
    (view,) = table.database.snapshot("", NAME).views
    cache = view.segment.cache
    (spec,) = table.database.snapshot("", NAME).indexes.values()
    graph: Any = object()
    cache.graphs[spec.id] = cache.graph_searchers[spec.id] = graph
    table.do(ReleaseCollection(collection=NAME))
    table.do(DropIndex(collection=NAME, name="v"))
    assert not cache.graphs
    assert not cache.graph_searchers


def test_a_segment_keeps_what_belongs_to_fields_and_indexes_that_are_there() -> None:
    cache = SegmentCache()
    kept: Any = object()
    by_field = (cache.text, cache.statistics, cache.growing_terms, cache.filled, cache.rows.json)
    for each in by_field:
        each.update({1: kept, 2: kept})
    by_index = (cache.sparse, cache.graphs, cache.graph_searchers, cache.rows.converted)
    for other in by_index:
        other.update({7: kept, 8: kept})
    cache.retain_only({1}, {8})
    assert [*cache.text, *cache.statistics, *cache.growing_terms] == [1, 1, 1]
    assert [*cache.filled, *cache.rows.json] == [1, 1]
    assert [*cache.sparse, *cache.graphs, *cache.graph_searchers, *cache.rows.converted] == [8] * 4


def test_compiled_filters_go_with_their_schema() -> None:
    given = schema()
    predicate = compile_filter("id > 1", given)
    assert compile_filter("id > 1", given) is predicate
    long = f"id in [{', '.join(map(str, range(5_000)))}]"
    assert compile_filter(long, given) is not compile_filter(long, given)
    gone, kept = weakref.ref(given), weakref.ref(predicate.columns)
    del given, predicate
    gc.collect()
    assert gone() is None
    assert kept() is None


@pytest.mark.parametrize(("hits", "is_kept"), [(10, True), (100_000, False)])
def test_arrays_as_long_as_a_collection_are_not_kept(hits: int, is_kept: bool) -> None:
    found = Found(np.zeros((1, hits), np.float32), np.arange(hits).reshape(1, -1))
    assert (single(found).owners is single(found).owners) is is_kept


def test_long_keys_have_the_same_hash_as_short_ones_and_are_not_kept() -> None:
    values = [b"a", b"b" * 10_000]
    assert hashes(BytesColumn.of(values)).tolist() == [hash_of(value) for value in values]


@pytest.mark.parametrize(
    "end",
    [
        lambda client: client.flush("c"),
        lambda client: client.drop_partition("c", "p"),
        lambda client: client.truncate_collection("c"),
    ],
    ids=["flush", "drop_partition", "truncate_collection"],
)
def test_the_masks_of_growing_rows_go_with_these(
    tmp_path: Path, end: Callable[[MilvusClient], object]
) -> None:
    path = tmp_path / "a.db"
    with MilvusClient(str(path)) as client:
        client.create_collection("c", dimension=2)
        client.create_partition("c", "p")
        client.release_partitions("c", ["p"])
        client.insert("c", [{"id": n, "vector": [n, 1]} for n in range(9)], partition_name="p")
        client.delete("c", ids=[1, 2])
        local = open_database(path)
        collection = local.local.collection("", "c")
        (growing,) = collection.growing.values()
        assert collection.masks.get(growing.id).deleted is not None
        end(client)
        local.local.wait_idle()
        there = {segment.id for segment in collection.segments()}
        assert growing.id not in there
        assert collection.masks._masks.keys() | collection.masks._stored.keys() <= there
        local.close()
