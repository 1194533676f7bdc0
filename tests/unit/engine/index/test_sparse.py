import math

import numpy as np
import pytest

from aiomilvus.engine.index.sparse import kernel_access
from aiomilvus.engine.index.sparse.growing import GrowingSparseIndex
from aiomilvus.engine.index.sparse.index import SparseIndex
from aiomilvus.engine.index.sparse.scoring import bm25
from aiomilvus.engine.index.sparse.searcher import SCORING
from aiomilvus.engine.index.sparse.sparse_params import ALGORITHMS, build_params, search_params
from aiomilvus.engine.text.statistics import CorpusStatistics
from aiomilvus.errors import DataCorruptedError, ParamError
from aiomilvus.model.columns import SparseColumn, VectorColumn


def column(*rows, valid=None):
    indptr = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    terms = np.array([t for row in rows for t in sorted(row)], np.uint32)
    values = np.array([row[t] for row in rows for t in sorted(row)], np.float32)
    return SparseColumn(indptr, terms, values, valid)


ROWS = column({1: 1.0, 7: 2.0}, {}, {7: 1.0, 4294967294: 3.0}, {1: 0.5})
INDEX = SparseIndex.build(ROWS)


def random_column(rng, n_rows, n_terms, most=20, negative=False):
    """Return rows of up to `most` terms, of which those with low numbers are common."""
    owners = np.repeat(np.arange(n_rows), rng.integers(0, most, n_rows))
    drawn = np.minimum(rng.zipf(1.3, len(owners)), n_terms)
    postings = np.unique(owners * (n_terms + 1) + drawn)  # a term once in a row
    owners, terms = np.divmod(postings, n_terms + 1)
    values = rng.random(len(terms)) + 0.1 - (0.6 if negative else 0)
    indptr = np.searchsorted(owners, np.arange(n_rows + 1))
    return SparseColumn(indptr, terms.astype(np.uint32), values.astype(np.float32))


def test_the_best_rows_come_first_and_missing_ones_are_minus_one():
    found = INDEX.search(column({1: 1.0, 7: 1.0}, {5: 1.0}), 4, {}, None)
    assert found.rows.tolist() == [[0, 2, 3, -1], [-1] * 4]
    assert found.scores.tolist() == [[3.0, 1.0, 0.5, 0.0], [0.0] * 4]


def test_a_mask_hides_rows():
    mask = np.array([False, True, True, True])
    assert INDEX.search(column({7: 1.0}), 2, {}, mask).rows.tolist() == [[2, -1]]


def test_ties_go_to_the_lower_row():
    index = SparseIndex.build(column({1: 1.0}, {1: 2.0}, {1: 1.0}, {1: 1.0}))
    assert index.search(column({1: 1.0}), 3, {}, None).rows.tolist() == [[1, 0, 2]]


def test_rows_whose_score_cancels_out_are_no_hits():
    index = SparseIndex.build(column({1: 1.0, 2: -1.0}, {1: -3.0}))
    found = index.search(column({1: 1.0, 2: 1.0}), 2, {}, None)
    assert found.rows.tolist() == [[1, -1]]
    assert found.scores.tolist() == [[-3.0, 0.0]]


def test_range_search_excludes_the_radius_and_includes_the_filter():
    found = INDEX.range_search(column({1: 1.0, 7: 1.0}, {9: 1.0}), 0.5, 3.0, {}, None)
    assert found.offsets.tolist() == [0, 2, 2]
    assert found.rows.tolist() == [0, 2]
    open_end = INDEX.range_search(column({1: 1.0}), -1.0, None, {}, None)
    assert open_end.scores.tolist() == [1.0, 0.5]


def test_dropping_the_smallest_query_values():
    query = column({1: 0.1, 7: 1.0})
    whole = INDEX.search(query, 3, {}, None)
    dropped = INDEX.search(query, 3, {"drop_ratio_search": 0.5}, None)
    assert whole.rows.tolist() == [[0, 2, 3]]
    assert dropped.rows.tolist() == [[0, 2, -1]]
    assert dropped.scores.tolist() == [[2.0, 1.0, 0.0]]


def test_dropping_the_smallest_values_of_the_rows():
    index = SparseIndex.build(ROWS, params=build_params({"drop_ratio_build": 0.4}))
    assert index.n_postings == 4  # 0.5 goes; both 1.0 stand at the edge and stay
    assert index.search(column({1: 1.0}), 2, {}, None).rows.tolist() == [[0, -1]]


@pytest.mark.parametrize("metric", ["IP", "BM25"])
def test_an_index_is_the_same_after_storing_read_only(metric):
    rng = np.random.default_rng(3)
    rows = random_column(rng, 9000, 300)
    statistics = CorpusStatistics.of(rows)
    index = SparseIndex.build(rows, metric, build_params({"bm25_k1": 0.9}))
    arrays, meta = index.to_arrays()
    for array in arrays.values():
        array.flags.writeable = False
    opened = SparseIndex.from_arrays(arrays, meta)
    assert (opened.metric, opened.params, opened.num_rows) == (metric, index.params, 9000)
    params = {SCORING: bm25(statistics, 0.9)}
    kernel_access.kernels()
    queries = random_column(rng, 5, 300)
    before, after = (each.search(queries, 7, params, None) for each in (index, opened))
    assert np.array_equal(before.rows, after.rows)
    assert np.array_equal(before.scores, after.scores)


def test_a_foreign_format_is_refused():
    arrays, meta = INDEX.to_arrays()
    with pytest.raises(DataCorruptedError, match="format 2"):
        SparseIndex.from_arrays(arrays, {**meta, "format": 2})


def test_bm25_by_hand():
    rows = column({1: 2.0, 2: 1.0}, {2: 1.0}, {})
    statistics = CorpusStatistics.of(rows)
    index = SparseIndex.build(rows, "BM25")
    found = index.search(column({1: 1.0}), 1, {SCORING: bm25(statistics)}, None)
    idf = math.log(1 + (3 - 1 + 0.5) / 1.5)
    length = 1.2 * (1 - 0.75 + 0.75 * 3 / (4 / 3))
    assert found.scores[0, 0] == pytest.approx(idf * 2 * 2.2 / (2 + length), rel=1e-6)


def test_bm25_without_statistics_is_refused():
    with pytest.raises(ParamError, match="statistics"):
        SparseIndex.build(ROWS, "BM25").search(column({1: 1.0}), 1, {}, None)


def test_dense_queries_are_refused():
    with pytest.raises(ParamError, match="vector vectors"):
        INDEX.search(VectorColumn(np.zeros((1, 4), np.float32)), 1, {}, None)


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_finds_what_plain_scoring_finds(algorithm, negative):
    rng = np.random.default_rng(5)
    rows = random_column(rng, 6000, 200, negative=negative)
    index = SparseIndex.build(rows, params=build_params({"inverted_index_algo": algorithm}))
    queries = random_column(rng, 20, 250, negative=negative)
    assert kernel_access.kernels() is not None
    fast = index.search(queries, 10, {}, None)
    for query in range(len(queries)):
        assert_found(fast.rows[query], fast.scores[query], rows, queries.row(query), k=10)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 1.0])
def test_masks_of_any_share_leave_results_exact(share):
    rng = np.random.default_rng(7)
    rows = random_column(rng, 8000, 100)
    index = SparseIndex.build(rows)
    mask = rng.random(8000) < share
    queries = random_column(rng, 10, 100)
    kernel_access.kernels()
    fast = index.search(queries, 10, {}, mask)
    for query in range(len(queries)):
        assert_found(
            fast.rows[query], fast.scores[query], rows, queries.row(query), k=10, mask=mask
        )


def test_without_compiled_kernels_results_are_the_same(monkeypatch):
    rng = np.random.default_rng(8)
    rows = random_column(rng, 6000, 100)
    index, queries = SparseIndex.build(rows), random_column(rng, 10, 100)
    kernel_access.kernels()
    fast = index.search(queries, 10, {}, None)
    monkeypatch.setattr("aiomilvus.engine.index.sparse.index.kernels_if_ready", lambda: None)
    plain = index.search(queries, 10, {}, None)
    assert np.array_equal(fast.rows, plain.rows)
    assert np.array_equal(fast.scores, plain.scores)


def test_a_low_bound_ratio_returns_valid_scores():
    rng = np.random.default_rng(9)
    rows = random_column(rng, 6000, 100)
    index, query = SparseIndex.build(rows), random_column(rng, 1, 100, most=40)
    kernel_access.kernels()
    found = index.search(query, 10, {"dim_max_score_ratio": 0.5}, None)
    exact = dense_scores(rows, query.row(0))
    hit = found.rows[0] >= 0
    assert found.scores[0][hit] == pytest.approx(exact[found.rows[0][hit]], rel=1e-5)


def test_a_growing_index_shows_each_reader_its_rows():
    rng = np.random.default_rng(11)
    rows = random_column(rng, 9000, 100)
    queries = random_column(rng, 3, 100)
    growing = GrowingSparseIndex()
    for seen in (1, 3, 700, 5000, 5001, 4000, 0, 9000, 2048):
        view = growing.view_of(rows.slice(0, seen))
        assert view.num_rows == seen
        mask = rng.random(seen) < 0.7
        found = view.search(queries, 6, {}, mask)
        for query in range(3):
            piece = rows.slice(0, seen)
            assert_found(
                found.rows[query], found.scores[query], piece, queries.row(query), k=6, mask=mask
            )
        inside = view.range_search(queries, 0.0, None, {}, None)
        sealed = SparseIndex.build(rows.slice(0, seen)).range_search(queries, 0.0, None, {}, None)
        assert np.array_equal(inside.rows, sealed.rows)


def test_growing_bm25_scores_as_sealed_does():
    rng = np.random.default_rng(12)
    rows = random_column(rng, 5000, 100)
    rows = SparseColumn(rows.indptr, rows.indices, np.ceil(rows.values * 4).astype(np.float32))
    params = {SCORING: bm25(CorpusStatistics.of(rows))}
    queries = random_column(rng, 4, 100)
    sealed = SparseIndex.build(rows, "BM25").search(queries, 10, params, None)
    grown = GrowingSparseIndex("BM25").view_of(rows).search(queries, 10, params, None)
    assert np.array_equal(sealed.rows, grown.rows)
    assert sealed.scores == pytest.approx(grown.scores, rel=1e-6)


def test_bounds_follow_statistics_that_drift_and_other_parameters():
    rng = np.random.default_rng(13)
    rows = random_column(rng, 7000, 80)
    index = SparseIndex.build(rows, "BM25")
    own = CorpusStatistics.of(rows)
    queries = random_column(rng, 6, 80)
    kernel_access.kernels()
    for longer in (0.2, 0.85, 1.2, 9.0):
        other = CorpusStatistics(own.rows, int(own.total_length * longer), own._layers)
        for k1, b in ((1.2, 0.75), (0.5, 0.2), (0.0, 1.0)):
            scoring = bm25(other, k1, b)
            fast = index.search(queries, 10, {SCORING: scoring}, None)
            plain = index.range_search(queries, -1.0, None, {SCORING: scoring}, None)
            for query in range(len(queries)):
                span = slice(
                    plain.offsets[query], min(plain.offsets[query] + 10, plain.offsets[query + 1])
                )
                got = fast.rows[query][fast.rows[query] >= 0]
                assert got.tolist() == plain.rows[span].tolist()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"inverted_index_algo": "FASTEST"},
            r"FASTEST not found or not supported, supported: \[TAAT",
        ),
        ({"drop_ratio_build": 1.0}, r"drop_ratio_build: 1.0, should be in range \[0, 1\)"),
        ({"drop_ratio_build": "x"}, "drop_ratio_build"),
        ({"bm25_k1": 3.5}, r"bm25_k1: 3.5, should be in range \[0, 3\]"),
        ({"bm25_b": -0.1}, "bm25_b"),
        ({"bm25_b": True}, "bm25_b"),
    ],
)
def test_wrong_index_parameters_are_refused(params, message):
    with pytest.raises(ParamError, match=message) as caught:
        build_params(params)
    assert caught.value.code == 1100


@pytest.mark.parametrize(
    "params",
    [{"drop_ratio_search": 1}, {"drop_ratio_search": math.nan}, {"dim_max_score_ratio": 1.4}],
)
def test_wrong_search_parameters_are_refused(params):
    with pytest.raises(ParamError, match="should be in range"):
        search_params(params)


def test_parameters_may_come_as_strings():
    assert build_params({"bm25_k1": "1.5", "metric_type": "BM25"}).k1 == 1.5
    assert search_params({"drop_ratio_search": "0.25"}).drop_ratio == 0.25


def dense_scores(rows, query):
    """Return the product of each row and the query, from a table of the query's weights."""
    terms, values = query
    inside = slice(rows.indptr[0], rows.indptr[-1])  # of arrays that a slice shares
    postings = rows.indices[inside]
    weights = np.zeros(int(max(postings.max(initial=0), terms.max(initial=0))) + 1)
    weights[terms] = values
    owners = np.repeat(np.arange(len(rows)), np.diff(rows.indptr))
    return np.bincount(owners, weights[postings] * rows.values[inside], len(rows))


def assert_found(rows, scores, column, query, *, k, mask=None):
    """Check hits against scores computed row by row, allowing any order within ties."""
    exact = dense_scores(column, query).astype(np.float32)
    if mask is not None:
        exact[~mask] = 0.0
    expected = np.sort(exact[exact != 0])[::-1][:k]
    hits = rows >= 0
    assert len(set(rows[hits].tolist())) == hits.sum() == len(expected)
    assert scores[hits] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert scores[hits] == pytest.approx(exact[rows[hits]], rel=1e-5, abs=1e-6)
