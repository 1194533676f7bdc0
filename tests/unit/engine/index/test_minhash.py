import numpy as np
import pytest

from aiomilvus.engine.index.minhash import LshParams, MinHashLsh, lsh_params, similarity
from aiomilvus.errors import DataCorruptedError, ParamError
from aiomilvus.model.columns import SparseColumn, VectorColumn


def column(elements, valid=None):
    return VectorColumn(np.array(elements, "<u4").view(np.uint8), valid)


ROWS = column([[1, 2, 3, 4], [1, 2, 9, 9], [9, 2, 3, 9], [5, 6, 7, 8]])


def test_similarity_is_the_share_of_equal_elements():
    assert similarity(ROWS.values[0], ROWS.values).tolist() == [1.0, 0.5, 0.5, 0.0]
    assert similarity(ROWS.values[0], ROWS.values, 64).tolist() == [1.0, 0.5, 0.0, 0.0]


def test_rows_that_share_a_band_are_found_and_ranked():
    queries = column([[1, 2, 3, 4]])
    pairs = MinHashLsh.build(ROWS, LshParams(bands=2)).search(queries, 4, {}, None)
    assert pairs.rows.tolist() == [[0, 1, -1, -1]]
    assert pairs.scores.tolist() == [[1.0, 0.5, 0.0, 0.0]]
    singles = MinHashLsh.build(ROWS, LshParams(bands=4)).search(queries, 4, {}, None)
    assert singles.rows.tolist() == [[0, 1, 2, -1]]


def test_masks_and_nulls_hide_rows():
    index = MinHashLsh.build(ROWS, LshParams(bands=2))
    mask = np.array([False, True, True, True])
    assert index.search(column([[1, 2, 3, 4]]), 1, {}, mask).rows.tolist() == [[1]]
    nulls = column([[1, 2, 3, 4], [1, 2, 3, 4]], np.array([False, True]))
    found = MinHashLsh.build(nulls, LshParams(bands=2)).search(nulls.slice(0, 1), 2, {}, None)
    assert found.rows.tolist() == [[1, -1]]


def test_range_search_excludes_the_radius():
    index = MinHashLsh.build(ROWS, LshParams(bands=4))
    found = index.range_search(column([[1, 2, 3, 4], [0, 0, 0, 0]]), 0.5, None, {}, None)
    assert found.offsets.tolist() == [0, 1, 1]
    assert found.rows.tolist() == [0]
    assert index.range_search(column([[1, 2, 3, 4]]), 0.2, 0.5, {}, None).rows.tolist() == [1, 2]


def test_an_index_is_the_same_after_storing():
    index = MinHashLsh.build(ROWS, LshParams(bands=2))
    arrays, meta = index.to_arrays()
    opened = MinHashLsh.from_arrays(arrays, meta, ROWS)
    assert (
        opened.search(ROWS, 2, {}, None).rows.tolist()
        == index.search(ROWS, 2, {}, None).rows.tolist()
    )
    with pytest.raises(DataCorruptedError, match="format 5"):
        MinHashLsh.from_arrays(arrays, {**meta, "format": 5}, ROWS)


def test_similar_rows_are_found_among_many():
    rng = np.random.default_rng(1)
    elements = rng.integers(0, 2**32, (5000, 64), np.uint32)
    near = elements[17].copy()
    near[::5] = 0
    index = MinHashLsh.build(column(elements), LshParams(bands=16))
    found = index.search(column(near[None]), 1, {}, None)
    assert found.rows.tolist() == [[17]]
    assert found.scores[0, 0] == pytest.approx((64 - 13) / 64)


def test_parameters_are_checked():
    assert lsh_params({"mh_lsh_band": "4", "mh_element_bit_width": "64"}, 512) == (4, 64)
    assert lsh_params({}, 128) == (4, 32)
    for wrong in ({"mh_element_bit_width": 16}, {"mh_lsh_band": 17}, {"mh_lsh_band": "x"}):
        with pytest.raises(ParamError):
            lsh_params(wrong, 512)
    with pytest.raises(ParamError, match="divide the dimension"):
        lsh_params({}, 40)


def test_other_vectors_are_refused():
    empty = SparseColumn(np.zeros(2, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32))
    with pytest.raises(ParamError, match="binary vectors"):
        MinHashLsh.build(ROWS, LshParams(bands=1)).search(empty, 1, {}, None)
