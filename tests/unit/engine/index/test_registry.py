"""What may be indexed how, and in which words the rest is refused."""

from __future__ import annotations

import pytest

from aiomilvus.engine.index.registry import check_index
from aiomilvus.errors import NotSupportedError, ParamError
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


@pytest.mark.parametrize("kind", ["GPU_CAGRA", "AISAQ"])
def test_types_that_are_not_served_are_refused(kind):
    with pytest.raises(NotSupportedError, match=kind):
        check_index(VECTOR, {"index_type": kind})
