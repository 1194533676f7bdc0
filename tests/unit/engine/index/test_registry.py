"""What may be indexed how, and in which words the rest is refused."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget, BuildStoppedError, VectorIndex
from aiomilvus.engine.index.dense.index_types import RECIPES
from aiomilvus.engine.index.registry import build_index, check_index
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

VECTOR = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=8)
BITS = Field(name="b", dtype=DataType.BINARY_VECTOR, dim=8)
BYTES = Field(name="i", dtype=DataType.INT8_VECTOR, dim=8)


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
        (
            VECTOR,
            {"index_type": "BIN_FLAT"},
            "data type FloatVector can't build with this index BIN_FLAT",
        ),
        (BITS, {"index_type": "BIN_IVF_FLAT", "metric_type": "SUBSTRUCTURE"}, "SUBSTRUCTURE"),
        (BYTES, {"index_type": "FLAT"}, "data type Int8Vector can't build with this index FLAT"),
        (BYTES, {"index_type": "DISKANN"}, "can't build with this index DISKANN"),
        (BYTES, {"index_type": "AISAQ"}, "can't build with this index AISAQ"),
        (VECTOR, {"index_type": "FAISS"}, "needs faiss_index_name"),
        (
            VECTOR,
            {"index_type": "FAISS", "faiss_index_name": "IVF99999,Flat"},
            r"out of range \[1, 65536\]",
        ),
        (
            VECTOR,
            {"index_type": "FAISS", "faiss_index_name": "IDMap,Flat"},
            "none that this engine lets",
        ),
        (VECTOR, {"index_type": "FAISS", "faiss_index_name": "Flat", "ef": "5"}, "'ef' is not"),
        (
            VECTOR,
            {"index_type": "FAISS", "faiss_index_name": "HNSW1,Flat"},
            "out of range .2, 2048",
        ),
        (VECTOR, {"index_type": "FAISS", "faiss_index_name": "NSG8,Flat"}, "none that this engine"),
        (VECTOR, {"index_type": "FAISS", "faiss_index_name": "PQ3"}, "makes no index of 8"),
        (VECTOR, {"index_type": "SINDI"}, "an inverted_index_algo of SPARSE_INVERTED_INDEX"),
    ],
)
def test_wrong_parameters_are_refused_in_milvus_words(field, params, text):
    with pytest.raises(ParamError, match=text) as raised:
        check_index(field, params)
    assert raised.value.code == 1100


@pytest.mark.parametrize("kind", ["GPU_CAGRA", "SVS_VAMANA", "SVS_VAMANA_LVQ"])
def test_types_that_are_not_served_are_refused(kind):
    with pytest.raises(NotSupportedError, match=kind):
        check_index(VECTOR, {"index_type": kind})


@pytest.mark.parametrize("kind", [*RECIPES, "BIN_IVF_FLAT"])
@pytest.mark.parametrize("rows", [1, 30, 300])
def test_indexes_of_few_rows_are_built_without_a_word(kind, rows, capfd):
    field = BITS if kind == "BIN_IVF_FLAT" else VECTOR
    rng = np.random.default_rng(rows)
    if field is BITS:
        values = rng.integers(0, 256, (rows, 1), np.uint8)
    else:
        values = rng.random((rows, 8), np.float32)
    given = {"m": "4"} if kind == "IVF_PQ" else {}
    params = check_index(field, {"index_type": kind, **given})
    spec = IndexSpec(id=1, name="i", field=field.name, params=params)
    index = cast(
        "VectorIndex | None", build_index(spec, field, VectorColumn(values), BuildBudget(1))
    )
    if index is not None:
        found = index.search(VectorColumn(values[:1]), 1, {}, None)
        assert found.rows.shape == (1, 1)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("kind", "parts"), [("HNSW", 40), ("HNSW_SQ", 3)])
def test_a_build_that_nobody_waits_for_any_more_is_given_up_between_its_parts(
    kind: str, parts: int
) -> None:
    values = np.random.default_rng(1).random((33_000, 8), np.float32)
    params = check_index(VECTOR, {"index_type": kind, "M": "2", "efConstruction": "2"})
    spec = IndexSpec(id=1, name="i", field="v", params=params)
    told: list[float] = []

    def keep_going(seconds: float) -> bool:
        told.append(seconds)
        # On a busy machine it may be asked often before a first part has told what is left.
        return seconds == float("inf") or len(told) < parts

    with pytest.raises(BuildStoppedError):
        build_index(spec, VECTOR, VectorColumn(values), BuildBudget(2, keep_going))
    assert told[0] == float("inf"), "what is not begun has no known end"
    assert 0 < told[-1] < 60
