"""Every kind of build asks again and again whether it is still wanted, and ends where it is not."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.contract import BuildBudget, BuildStoppedError
from aiomilvus.engine.index.registry import build_index, check_index
from aiomilvus.model.columns import (
    BytesColumn,
    Column,
    FixedColumn,
    ListColumn,
    SparseColumn,
    VectorColumn,
)
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType

ROWS = 5_000


def field(dtype: DataType, **more: int) -> Field:
    return Field(name="f", dtype=dtype, **more)  # type: ignore[arg-type] # dim, element_type


def documents() -> BytesColumn:
    return BytesColumn.of([b'{"a": {"b": %d, "c": "x%d"}}' % (i, i) for i in range(ROWS)])


def texts() -> BytesColumn:
    return BytesColumn.of([f"text number {i}".encode() for i in range(ROWS)])


def arrays() -> ListColumn:
    return ListColumn(np.arange(0, 2 * ROWS + 1, 2), FixedColumn(np.arange(2 * ROWS)))


def sparse() -> SparseColumn:
    random = np.random.default_rng(7)
    indices = random.integers(0, 1_000, (ROWS, 8), np.uint32)
    indices.sort(axis=1)
    values = random.random(8 * ROWS, np.float32) + np.float32(0.1)
    return SparseColumn(np.arange(0, 8 * ROWS + 1, 8), indices.ravel(), values)


def points() -> BytesColumn:
    from shapely import to_wkb
    from shapely.geometry import Point

    return BytesColumn.of([to_wkb(Point(i, i)) for i in range(ROWS)])


def bits() -> VectorColumn:
    return VectorColumn(np.random.default_rng(7).integers(0, 256, (ROWS, 32), np.uint8))


def floats() -> VectorColumn:
    return VectorColumn(np.random.default_rng(7).random((ROWS, 8), np.float32))


JSON = {"index_type": "INVERTED", "json_cast_type": "JSON", "json_path": "f"}
PATH = {"index_type": "INVERTED", "json_cast_type": "DOUBLE", "json_path": 'f["a"]["b"]'}
GRAMS = {"index_type": "NGRAM", "min_gram": "2", "max_gram": "3"}
MINHASH = {"index_type": "MINHASH_LSH", "metric_type": "MHJACCARD", "mh_lsh_band": "4"}
BUILDS: dict[str, tuple[Field, dict[str, str], Column]] = {
    "numbers": (field(DataType.INT64), {"index_type": "STL_SORT"}, FixedColumn(np.arange(ROWS))),
    "text": (field(DataType.VARCHAR, max_length=50), {"index_type": "INVERTED"}, texts()),
    "n-grams": (field(DataType.VARCHAR, max_length=50), GRAMS, texts()),
    "documents": (field(DataType.JSON), JSON, documents()),
    "a path": (field(DataType.JSON), PATH, documents()),
    "arrays": (
        field(DataType.ARRAY, element_type=DataType.INT64, max_capacity=5),
        {"index_type": "INVERTED"},
        arrays(),
    ),
    "geometries": (field(DataType.GEOMETRY), {"index_type": "RTREE"}, points()),
    "sparse": (
        field(DataType.SPARSE_FLOAT_VECTOR),
        {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP"},
        sparse(),
    ),
    "signatures": (field(DataType.BINARY_VECTOR, dim=256), MINHASH, bits()),
    "lists of bits": (
        field(DataType.BINARY_VECTOR, dim=256),
        {"index_type": "BIN_IVF_FLAT", "metric_type": "HAMMING", "nlist": "16"},
        bits(),
    ),
    **{
        kind: (
            field(DataType.FLOAT_VECTOR, dim=8),
            {"index_type": kind, "metric_type": "L2", "nlist": "16", **more},
            floats(),
        )
        for kind, more in {"IVF_FLAT": {}, "IVF_SQ8": {}, "IVF_PQ": {"m": "4"}}.items()
    },
}


@pytest.mark.parametrize("kind", BUILDS)
def test_a_build_ends_wherever_it_learns_that_nobody_wants_it(kind: str):
    of, params, column = BUILDS[kind]
    spec = IndexSpec(id=1, name="i", field="f", params=check_index(of, params))
    asked: list[float] = []

    def build(answers: int) -> object:
        """Build with a budget that lets the work go on so many times."""
        asked.clear()

        def keep_going(seconds: float) -> bool:
            asked.append(seconds)
            return len(asked) <= answers

        return build_index(spec, of, column, BuildBudget(1, keep_going))

    assert build(1_000) is not None
    times = len(asked)
    assert times >= 2
    assert asked[0] == inf, "what is not begun has no known end"
    for answers in {0, times // 2, times - 1}:
        with pytest.raises(BuildStoppedError):
            build(answers)
        assert len(asked) == answers + 1
