"""Indexes that faiss' factory makes of a text: stored, filtered, searched by faiss' names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import faiss
import numpy as np
import pytest

from aiomilvus.engine.index.contract import BuildBudget, BuildStoppedError
from aiomilvus.engine.index.dense.exact import exact_search
from aiomilvus.engine.index.dense.factory import (
    check_factory,
    check_factory_search,
    empty_index,
    search_names,
    train_rotations,
)
from aiomilvus.engine.index.dense.factory_index import (
    FactoryIndex,
    build_factory,
    open_factory,
)
from aiomilvus.errors import DataCorruptedError, ParamError
from aiomilvus.model.columns import VectorColumn

if TYPE_CHECKING:
    from aiomilvus.engine.index.dense.faiss_library import FaissObject

ROWS, DIM = 1_500, 16
VALUES = np.random.default_rng(0).standard_normal((ROWS, DIM)).astype(np.float32)
COLUMN = VectorColumn(VALUES)
QUERIES = COLUMN.slice(0, 20)
TEXTS: dict[str, dict[str, object]] = {
    "Flat": {},
    "IVF16,Flat": {"nprobe": 16},
    "IVF16,PQ8x4fs,RFlat": {"nprobe": 16, "k_factor": 20},
    "IVF16_HNSW8,SQ8": {"nprobe": 16, "max_codes": 0},
    "HNSW16,SQ8": {"efSearch": 80},
    "HNSW16,Flat": {"efSearch": 80, "bounded_queue": True},
    "RR16,IVF8,RaBitQ,Refine(SQfp16)": {"nprobe": 8, "k_factor": 30},
    "PQ16x4np,RFlat": {"k_factor": 20},
}


def built(text: str, metric: str) -> FactoryIndex:
    index = build_factory(COLUMN, metric, {"faiss_index_name": text}, BuildBudget(1))
    assert index is not None
    return index


@pytest.mark.parametrize("metric", ["L2", "IP", "COSINE"])
@pytest.mark.parametrize("text", TEXTS)
def test_an_index_finds_the_nearest_rows_after_it_was_stored(text, metric):
    opened = open_factory(COLUMN, metric, *built(text, metric).to_arrays())
    even = np.arange(ROWS) % 2 == 0
    for mask in (None, even):
        found = opened.search(QUERIES, 10, TEXTS[text], mask)
        wanted = exact_search(QUERIES, COLUMN, 10, metric, mask)
        same = [len(set(a) & set(b)) for a, b in zip(found.rows, wanted.rows, strict=True)]
        assert sum(same) >= 0.9 * 10 * len(same)
        assert mask is None or mask[found.rows].all()
        best = found.rows[:, 0] == wanted.rows[:, 0]
        assert np.allclose(found.scores[best, 0], wanted.scores[best, 0], atol=1e-4)


def test_null_vectors_are_never_hits():
    valid = np.arange(ROWS) >= 5
    column = VectorColumn(VALUES, valid)
    index = build_factory(column, "L2", {"faiss_index_name": "IVF4,Flat"}, BuildBudget(1))
    assert index is not None
    assert (index.search(QUERIES, 3, {"nprobe": 4}, None).rows >= 5).all()


def test_what_was_set_at_build_counts_until_a_search_says_otherwise():
    params = {"faiss_index_name": "IVF64,Flat", "nprobe": "64"}
    index = build_factory(COLUMN, "L2", params, BuildBudget(1))
    assert index is not None
    wanted = exact_search(QUERIES, COLUMN, 10, "L2", None).rows
    assert (index.search(QUERIES, 10, {}, None).rows == wanted).all()
    assert not (index.search(QUERIES, 10, {"nprobe": 1}, None).rows == wanted).all()


def test_lists_that_hold_too_few_rows_do_not_make_hits_missing():
    found = built("IVF64,Flat", "L2").search(QUERIES, 500, {"nprobe": 1}, None)
    assert (found.rows >= 0).all()


def test_a_segment_with_too_few_rows_to_train_on_gets_no_index():
    params = {"faiss_index_name": "IVF4000,Flat"}
    assert build_factory(COLUMN, "L2", params, BuildBudget(1)) is None


@pytest.mark.parametrize("text", ["OPQ4,Flat", "Pad400,OPQ4,Flat", "PCA250,Flat,RFlat"])
def test_transforms_are_not_trained_on_fewer_rows_than_they_make_dimensions(text):
    wide = np.random.default_rng(0).standard_normal((200, 320)).astype(np.float32)
    params = {"faiss_index_name": text}
    assert build_factory(VectorColumn(wide), "L2", params, BuildBudget(1)) is None


@pytest.mark.parametrize(
    ("dim", "text", "why"),
    [
        (8, "OPQ3,Flat", "no multiple of 3"),
        (8, "RR65536,Flat", "may make 1024 at most"),
        (8, "OPQ4_4096,PQ4", "may make 1024 at most"),
        (8, "Pad65536,PCA8,Flat", "may make 1024 at most"),
        (32_768, "PQ1x16", "8192 MiB"),
        (2_048, "IVF4,PQ1x16,RFlat", "512 MiB"),
        (8, "HNSW8,PQ4x16", "65536 MiB"),
    ],
)
def test_texts_that_take_much_memory_are_refused_before_faiss_allocates_it(dim, text, why):
    with pytest.raises(ParamError, match=why):
        check_factory(dim, "L2", {"faiss_index_name": text})


@pytest.mark.parametrize(
    ("dim", "text"), [(16, "OPQ4_64,PQ4"), (768, "PCA128,PQ16x10"), (1_536, "OPQ64,IVF64,PQ64")]
)
def test_usual_transforms_and_codes_are_allowed(dim, text):
    check_factory(dim, "L2", {"faiss_index_name": text})


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("HNSW8,Flat", {"efSearch": 2_000_000_000}),
        ("SQ8,RFlat", {"k_factor": 2_000_000_000}),
        ("SQ8,RFlat", {"k_factor": 0}),
        ("IVF4,Flat", {"nprobe": 0}),
        ("PQ4x4", {"search_type": 77}),
    ],
)
def test_search_parameters_that_faiss_would_follow_blindly_are_refused(text, given):
    built_with = {"faiss_index_name": text}
    with pytest.raises(ParamError, match="out of range"):
        check_factory_search(DIM, "L2", built_with, given, frozenset())
    with pytest.raises(ParamError, match="out of range"):
        built(text, "L2").search(QUERIES, 5, given, None)


def test_what_only_faiss_can_refuse_is_told_as_a_parameter():
    with pytest.raises(ParamError, match=r"can't be searched with .*search_type.*nbits"):
        built("PQ4x4", "L2").search(QUERIES, 5, {"search_type": 3}, None)


def test_a_family_without_search_parameters_takes_the_factor_of_what_refines_it():
    found = built("PQ8x4fs,RFlat", "L2").search(QUERIES, 5, {"k_factor": 30}, None)
    assert (found.rows[:, 0] == np.arange(len(QUERIES))).all()


def test_the_names_of_a_family_are_read_through_what_wraps_it():
    index = built("RR16,IVF16,PQ8x4fs,RFlat", "L2")
    assert search_names(index._index) == {"nprobe", "max_codes", "k_factor"}


def test_an_index_of_another_format_is_refused():
    arrays, meta = built("Flat", "L2").to_arrays()
    with pytest.raises(DataCorruptedError, match="FAISS index format 9, expected 1"):
        open_factory(COLUMN, "L2", arrays, {**meta, "format": 9})


def rotated(text: str) -> tuple[FaissObject, FaissObject]:
    """Return an index that begins with OPQ, of few turns, and that transform."""
    index = empty_index(DIM, "L2", text)
    chain = index.chain
    (rotation,) = (
        each
        for each in (faiss.downcast_VectorTransform(chain.at(at)) for at in range(chain.size()))
        if isinstance(each, faiss.OPQMatrix)
    )
    rotation.niter, rotation.niter_pq_0 = 4, 5
    return index, rotation


@pytest.mark.parametrize("text", ["OPQ2,Flat", "L2norm,OPQ2_8,IVF4,Flat", "RR12,OPQ2,Flat"])
def test_opq_finds_in_steps_what_faiss_finds_at_once(text):
    index, rotation = rotated(text)
    shares: list[float] = []
    train_rotations(index, VALUES[:600], shares.append)
    index.train(VALUES[:600])
    whole, expected = rotated(text)
    whole.train(VALUES[:600])
    assert shares == [0, 0.25, 0.5, 0.75]
    assert np.array_equal(faiss.vector_to_array(rotation.A), faiss.vector_to_array(expected.A))
    assert np.array_equal(index.search(VALUES[:5], 9)[1], whole.search(VALUES[:5], 9)[1])


def test_opq_can_be_given_up_between_its_steps():
    asked = iter([True, True, False])
    budget = BuildBudget(1, keep_going=lambda _: next(asked))
    with pytest.raises(BuildStoppedError):
        build_factory(COLUMN, "L2", {"faiss_index_name": "OPQ2,Flat"}, budget)
