"""What may be indexed how, and in which words the rest is refused."""

from __future__ import annotations

import numpy as np
import pytest

from aiomilvus.engine.contracts import IndexSpec
from aiomilvus.engine.index.registry import build_index, check_index
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.expr import predicate as p
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

VECTOR = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=8)
BITS = Field(name="b", dtype=DataType.BINARY_VECTOR, dim=8)


def test_an_index_without_a_metric_gets_the_default_of_its_type():
    assert check_index(VECTOR, {})["metric_type"] == "COSINE"
    assert check_index(VECTOR, {})["index_type"] == "AUTOINDEX"
    assert check_index(BITS, {"index_type": "BIN_FLAT"})["metric_type"] == "HAMMING"


@pytest.mark.parametrize(
    ("field", "params", "text"),
    [
        (VECTOR, {"index_type": "NOPE"}, "invalid index type: NOPE"),
        (VECTOR, {"metric_type": "X"}, "float vector index does not support metric type: X"),
        (VECTOR, {"index_type": "IVF_FLAT", "nlist": "0"}, "nlist"),
        (VECTOR, {"index_type": "HNSW", "M": "five"}, "M"),
        (VECTOR, {"index_type": "IVF_PQ", "m": "3"}, "Dimension:8, m:3"),
        (VECTOR, {"index_type": "HNSW_SQ", "sq_type": "SQ9"}, "sq_type"),
        (VECTOR, {"index_type": "BIN_FLAT"}, "invalid index type: BIN_FLAT"),
        (BITS, {"index_type": "BIN_IVF_FLAT", "metric_type": "SUBSTRUCTURE"}, "SUBSTRUCTURE"),
    ],
)
def test_wrong_parameters_are_refused_in_milvus_words(field, params, text):
    with pytest.raises(ParamError, match=text) as raised:
        check_index(field, params)
    assert raised.value.code == 1100


@pytest.mark.parametrize("kind", ["GPU_CAGRA", "HNSW_PRQ", "AISAQ"])
def test_types_that_are_not_served_are_refused(kind):
    with pytest.raises(NotSupportedError, match=kind):
        check_index(VECTOR, {"index_type": kind})


def scalar_index(dtype: DataType, column: Column):
    field = Field(name="x", dtype=dtype)
    spec = IndexSpec(id=1, name="x", field="x", params={"index_type": "INVERTED"})
    return build_index(spec, field, column, threads=1)


def test_an_index_of_numbers_answers_comparisons_and_leaves_nulls_out():
    values = np.array([3, 1, 2, 3, 0], np.int64)
    index = scalar_index(
        DataType.INT64, FixedColumn(values, np.array([True, True, True, True, False]))
    )
    operand = p.Column("x", DataType.INT64)
    rows = {
        p.Compare(operand, "==", 3): [0, 3],
        p.Compare(operand, "!=", 3): [1, 2],
        p.Compare(operand, "<=", 2): [1, 2],
        p.In(operand, (1, 7, 3)): [0, 1, 3],
        p.Range(operand, 1, False, 3, True): [0, 2, 3],
    }
    for leaf, wanted in rows.items():
        assert np.flatnonzero(index.lookup(leaf)).tolist() == wanted


def test_an_index_of_texts_answers_comparisons_and_patterns():
    column = BytesColumn.of([b"beta", b"alpha", b"", None, "älph".encode(), b"alphabet"])
    index = scalar_index(DataType.VARCHAR, column)
    operand = p.Column("x", DataType.VARCHAR)
    rows = {
        p.Compare(operand, "==", "alpha"): [1],
        p.Compare(operand, "<", "alphabet"): [1, 2],
        p.In(operand, ("beta", "", "zeta")): [0, 2],
        p.Match(operand, p.MatchKind.PREFIX, "alph"): [1, 5],
        p.Match(operand, p.MatchKind.SUFFIX, "a"): [0, 1],
        p.Match(operand, p.MatchKind.INFIX, "lph"): [1, 4, 5],
    }
    for leaf, wanted in rows.items():
        assert np.flatnonzero(index.lookup(leaf)).tolist() == wanted
    assert index.lookup(p.Match(operand, p.MatchKind.REGEX, "a.*")) is None
