"""Search results to the wire and back, and as pymilvus shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pymilvus.client.search_result import SearchResult as Shown
from pymilvus.grpc_gen import milvus_pb2

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn, VectorColumn
from aiomilvus.model.results import Bucket, BucketHit, IteratorPage, SearchResult
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType
from aiomilvus.wire.codec.hits import read_hits, write_hits
from aiomilvus.wire.proto import messages
from tests.support.columns import facts, offsets_of
from tests.support.examples import examples

FIELDS = (
    Field(id=100, name="id", dtype=DataType.INT64, is_primary=True),
    Field(id=101, name="text", dtype=DataType.VARCHAR, nullable=True),
    Field(id=102, name="v", dtype=DataType.FLOAT_VECTOR, dim=2),
    Field(id=103, name="$meta", dtype=DataType.JSON, is_dynamic=True),
)
SCHEMA = Schema(fields=FIELDS, enable_dynamic_field=True)
TEXT_KEYS = Schema(fields=(Field(id=100, name="id", dtype=DataType.VARCHAR, is_primary=True),))


@st.composite
def results(draw):
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    hits = sum(lengths)
    as_text = draw(st.booleans())
    ids: Column = FixedColumn(draw(hnp.arrays(np.int64, hits)))
    if as_text:
        ids = BytesColumn.of([f"k{i}".encode() for i in range(hits)])
    texts = BytesColumn.of([b"x"] * hits)
    valid = draw(hnp.arrays(np.bool_, hits))
    columns = {
        "text": BytesColumn(texts.offsets, texts.data).take(np.arange(hits)),
        "v": VectorColumn(draw(hnp.arrays(np.float32, (hits, 2)))),
    }
    if hits and not valid.all():
        kept = BytesColumn.of([b"x" if is_valid else b"" for is_valid in valid])
        columns["text"] = BytesColumn(kept.offsets, kept.data, valid)
    group = ColumnBatch(hits, {"text": columns["text"]})
    both = ColumnBatch(hits, {"text": columns["text"], "v": columns["v"]})
    marked = {"text": {"fragments": ["<em>a</em>"], "scores": [0.5]}}
    return SearchResult(
        offsets=offsets_of(lengths),
        ids=ids,
        scores=draw(hnp.arrays(np.float32, hits)),
        schema=SCHEMA if not as_text else Schema(fields=(TEXT_KEYS.primary, *FIELDS[1:])),
        primary_name="id",
        output_fields=draw(st.sampled_from([(), ("text", "v")])),
        batch=draw(st.sampled_from([None, ColumnBatch(hits, columns)])),
        group_by=draw(st.sampled_from([None, group, both])),
        element_indices=draw(st.sampled_from([None, np.arange(1, hits + 1)])) if hits else None,
        recalls=draw(st.sampled_from([(), (0.5, 1.0)])),
        highlights=draw(st.sampled_from([None, tuple(dict(marked) for _ in range(hits))]))
        if hits
        else None,
        iterator=draw(st.sampled_from([None, IteratorPage(token="t", last_bound=0.25)])),
        timestamp=draw(st.integers(0, 2**63)),
        cost=draw(st.integers(0, 9)),
        all_search_count=draw(st.integers(0, 99)),
    )


def all_facts(batch):
    return None if batch is None else {n: facts(c) for n, c in batch.columns.items()}


def exchanged(result):
    """The reply as a client sees it, parsed and written by pymilvus' classes in between."""
    theirs = milvus_pb2.SearchResults.FromString(write_hits(result, "c"))
    return messages.SearchResults.FromString(theirs.SerializeToString())


@settings(max_examples=examples(80))
@given(results())
def test_hits_survive_the_way_through_pymilvus(result):
    reply = exchanged(result)
    assert reply.collection_name == "c"
    read = read_hits(reply, result.schema)
    assert read.offsets.tolist() == result.offsets.tolist()
    assert facts(read.ids) == facts(result.ids)
    assert read.scores.tobytes() == result.scores.tobytes()
    assert all_facts(read.batch) == all_facts(result.batch)
    assert all_facts(read.group_by) == all_facts(result.group_by)
    if result.element_indices is None:
        assert read.element_indices is None
    else:
        assert read.element_indices is not None
        assert read.element_indices.tolist() == result.element_indices.tolist()
    for name in (
        "primary_name",
        "output_fields",
        "recalls",
        "highlights",
        "iterator",
        "timestamp",
        "cost",
        "all_search_count",
        "schema",
    ):
        assert getattr(read, name) == getattr(result, name), name


def some_result(**more):
    made: dict[str, Any] = {
        "offsets": np.array([0, 2, 3]),
        "ids": FixedColumn(np.array([7, 8, 9])),
        "scores": np.array([0.5, 0.25, 1.0], np.float32),
        "schema": SCHEMA,
        "primary_name": "id",
    }
    return SearchResult(**(made | more))


def test_pymilvus_shows_the_hits():
    text = BytesColumn.of([b"a", b"", "ü".encode()])
    batch = ColumnBatch(
        3,
        {
            "text": BytesColumn(text.offsets, text.data, np.array([True, False, True])),
            "v": VectorColumn(np.array([[1, 2], [3, 4], [5, 6]], np.float32)),
            "$meta": BytesColumn.of([b'{"color":"red","n":1}', b"{}", b'{"n":2}']),
        },
    )
    result = some_result(batch=batch, output_fields=("text", "v", "color"), cost=4)
    reply = milvus_pb2.SearchResults.FromString(write_hits(result))
    shown = Shown(reply.results, status=reply.status, session_ts=reply.session_ts)
    assert [[hit["id"] for hit in hits] for hits in shown] == [[7, 8], [9]]
    assert [[hit["distance"] for hit in hits] for hits in shown] == [[0.5, 0.25], [1.0]]
    assert dict(shown[0][0]["entity"]) == {"text": "a", "v": [1.0, 2.0], "color": "red"}
    assert dict(shown[0][1]["entity"]) == {"text": None, "v": [3.0, 4.0]}
    assert dict(shown[1][0]["entity"]) == {"text": "ü", "v": [5.0, 6.0]}
    assert shown.extra == {"cost": 4}


def test_no_hits_at_all():
    empty = some_result(
        offsets=np.zeros(3, np.int64),
        ids=BytesColumn.of([]),
        scores=np.empty(0, np.float32),
        schema=TEXT_KEYS,
    )
    read = read_hits(exchanged(empty), TEXT_KEYS)
    assert read.offsets.tolist() == [0, 0, 0]
    assert isinstance(read.ids, BytesColumn)


def test_a_server_may_leave_out_the_counts_of_nothing():
    reply = messages.SearchResults()
    reply.results.num_queries = 2
    read = read_hits(reply, TEXT_KEYS)
    assert read.offsets.tolist() == [0, 0, 0]
    assert isinstance(read.ids, BytesColumn)
    assert isinstance(read_hits(reply, SCHEMA).ids, FixedColumn)


def drop_score(found):
    found.scores[0] = found.scores[0][:-4]


def add_key(found):
    found.ids.int_id.data.append(1)


def more_hits(found):
    found.topks[0] = 99


def fewer_rows(found):
    column = found.fields_data.add(type=DataType.INT64, field_name="id")
    column.scalars.long_data.data.append(1)


def fewer_highlights(found):
    found.highlight_results.add(field_name="text").datas.add()


@pytest.mark.parametrize("damage", [drop_score, add_key, more_hits, fewer_rows, fewer_highlights])
def test_counts_that_do_not_agree_are_refused(damage):
    reply = exchanged(some_result())
    damage(reply.results)
    with pytest.raises(MilvusException, match="malformed search results"):
        read_hits(reply, SCHEMA)


@pytest.mark.parametrize("topks", [[-1], [2**62, 2**62], [-(2**63)]])
def test_absurd_counts_are_refused(topks):
    reply = messages.SearchResults()
    reply.results.topks.extend(topks)
    with pytest.raises(MilvusException, match="malformed search results"):
        read_hits(reply, SCHEMA)


@pytest.mark.parametrize("count", [-1, 2**62])
def test_an_absurd_number_of_queries_is_refused(count):
    reply = messages.SearchResults()
    reply.results.num_queries = count
    with pytest.raises(MilvusException, match="malformed search results"):
        read_hits(reply, SCHEMA)


def test_buckets_come_back_as_they_were_written():
    hit = BucketHit(
        key="k", score=0.5, fields={"a": 1, "b": "x", "c": True}, field_ids={"a": 1, "b": 2, "c": 3}
    )
    inner = Bucket(key=(("colour", 5, None),), count=1, metrics={"n": 1})
    outer = Bucket(
        key=(("brand", 4, "A"), ("size", 6, 7)),
        count=2,
        metrics={"sum": 3, "mean": 1.5, "least": None, "last": "z"},
        hits=(hit,),
        buckets=(inner,),
    )
    buckets = ((outer, inner), (), (inner,))
    found = messages.SearchResults.FromString(write_hits(some_result(buckets=buckets)))
    assert read_hits(found, SCHEMA).buckets == buckets


def test_buckets_that_are_not_as_many_as_counted_are_refused():
    reply = messages.SearchResults()
    reply.results.agg_buckets.add()
    assert read_hits(reply, SCHEMA).buckets == ((Bucket(key=(), count=0),),)
    reply.results.agg_topks.append(2)
    with pytest.raises(MilvusException, match="1 buckets, counted"):
        read_hits(reply, SCHEMA)


@settings(max_examples=examples(200))
@given(results(), st.data())
def test_a_damaged_reply_is_read_or_refused(result, data):
    sent = bytearray(write_hits(result))
    for _ in range(data.draw(st.integers(1, 3))):
        if sent:
            at = data.draw(st.integers(0, len(sent) - 1))
            sent[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    try:
        reply = messages.SearchResults.FromString(bytes(sent))
    except DecodeError:
        return
    try:
        read = read_hits(reply, SCHEMA)
    except (MilvusException, ParamError):
        return
    assert len(read.scores) == len(read.ids) == read.offsets[-1]
