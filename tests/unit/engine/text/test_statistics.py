import math

import numpy as np
import pytest

from aiomilvus.engine.text.statistics import CorpusStatistics, GrowingStatistics
from aiomilvus.model.columns import SparseColumn


def column(*rows, valid=None):
    indptr = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    terms = np.array([t for row in rows for t in sorted(row)], np.uint32)
    values = np.array([row[t] for row in rows for t in sorted(row)], np.float32)
    return SparseColumn(indptr, terms, values, valid)


A = column({1: 2, 5: 1}, {}, {5: 3})
B = column({5: 1, 9: 1})


def test_counts_rows_lengths_and_documents():
    found = CorpusStatistics.of(A)
    assert (found.rows, found.total_length, found.average_length) == (3, 6, 2.0)
    assert found.document_frequencies(np.array([1, 2, 5], np.uint32)).tolist() == [1, 0, 2]


def test_idf_is_milvus_formula():
    idf = CorpusStatistics.of(A).idf(np.array([5, 7], np.uint32))
    assert idf.tolist() == pytest.approx(
        [math.log(1 + (3 - 2 + 0.5) / 2.5), math.log(1 + 3.5 / 0.5)], rel=1e-12
    )


def test_sum_and_difference_are_those_of_the_rows():
    both = CorpusStatistics.of(SparseColumn.concat([A, B]))
    assert CorpusStatistics.of(A) + CorpusStatistics.of(B) == both
    assert both - CorpusStatistics.of(B) == CorpusStatistics.of(A)
    assert both != CorpusStatistics.of(A)
    assert both - both == CorpusStatistics()
    assert CorpusStatistics.merged([]) == CorpusStatistics()


def test_nothing_has_no_average_length():
    assert CorpusStatistics().average_length == 0.0
    assert CorpusStatistics().document_frequencies(np.array([1], np.uint32)).tolist() == [0]


def test_nulls_are_not_counted_and_slices_are_respected():
    nulls = column({1: 1}, {}, valid=np.array([True, False]))
    assert CorpusStatistics.of(nulls).rows == 1
    assert CorpusStatistics.of(A.slice(2, 3)) == CorpusStatistics.of(column({5: 3}))


def test_arrays_round_trip():
    whole = CorpusStatistics.of(A) + CorpusStatistics.of(B)
    assert CorpusStatistics.from_arrays(*whole.to_arrays()) == whole
    assert CorpusStatistics.from_arrays(*CorpusStatistics().to_arrays()) == CorpusStatistics()


def test_growing_statistics_follow_the_column_and_serve_older_readers():
    growing = GrowingStatistics()
    assert growing.view_of(A.slice(0, 2)) == CorpusStatistics.of(A.slice(0, 2))
    assert growing.view_of(A) == CorpusStatistics.of(A)
    assert growing.view_of(A.slice(0, 1)) == CorpusStatistics.of(A.slice(0, 1))
