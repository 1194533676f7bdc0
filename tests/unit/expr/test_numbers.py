"""Numbers, booleans, moments: comparison, arithmetic, nulls, limits."""

from __future__ import annotations

import numpy as np
import pytest

from aiomilvus.expr.bind.binder import bind
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.parser import parse
from aiomilvus.expr.source import MemorySource
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType
from tests.support.filters import passing

ROWS: list[dict[str, object]] = [
    {"small": -128, "middle": 1, "big": 2**63 - 1, "single": 0.1, "double": 0.1, "flag": True},
    {"small": 127, "middle": 2, "big": -(2**63), "single": 1.5, "double": 1.5, "flag": False},
    {"small": None, "middle": 3, "big": None, "single": None, "double": None, "flag": None},
    {"small": 0, "middle": -7, "big": 0, "single": -2.0, "double": 1e300, "flag": True},
]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("middle > 1", [1, 2]),
        ("middle != 2", [0, 2, 3]),
        ("small >= 0", [1, 3]),
        ("big == 9223372036854775807", [0]),
        ("big < -9223372036854775807", [1]),
        ("big > 9223372036854775806", [0]),
        ("-128 <= small < 127", [0, 3]),
        ("small in [127, 0]", [1, 3]),
        ("small not in [127, 0]", [0]),
        ("small in [-128, 127]", [0, 1]),
        ("middle in [1, 2, 3, 4, 5, 6]", [0, 1, 2]),
        ("middle in [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]", [0, 1, 2]),
        ("single in [0.1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1.5]", [0, 1]),
        ("middle in []", []),
        ("middle not in []", [0, 1, 2, 3]),
        ("small in []", []),
        ("small not in []", [0, 1, 3]),
        ("flag == true", [0, 3]),
        ("flag != true", [1]),
        ("flag in [false]", [1]),
        ("flag in [true, false]", [0, 1, 3]),
        # a FLOAT field is compared in 32 bits, a DOUBLE in 64
        ("single == 0.1", [0]),
        ("single > 0.1", [1]),
        ("single in [0.1, 1.5, 7.0, 8.0, 9.0, 10.0]", [0, 1]),
        ("double == 0.1", [0]),
        ("double in [0.1, 1e300, 7.0, 8.0, 9.0, 10.0]", [0, 3]),
        ("single < 1e300", [0, 1, 3]),
        ("single > -1e300", [0, 1, 3]),
        ("double == 1", []),
        ("0 < double < 2", [0, 1]),
        # between fields
        ("small < middle", [0]),
        ("middle <= double", [3]),
        ("single == double", [1]),
        ("big > small", [0]),
        ("flag == flag", [0, 1, 3]),
    ],
)
def test_comparisons(text: str, wanted: list[int]) -> None:
    assert passing(text, ROWS) == wanted


@pytest.mark.parametrize(
    "text",
    ["small > 0", "small == 0", "small in [0]", "-1 < small < 1", "small + 1 > 0", "small % 2 == 0",
     "big * 2 < 0", "single > 0", "flag == true", "small < middle"],
)  # fmt: skip
def test_a_null_passes_neither_a_filter_nor_its_negation(text: str) -> None:
    passed, negated = passing(text, ROWS), passing(f"not ({text})", ROWS)
    assert 2 not in passed + negated
    assert sorted(passed + negated) == [0, 1, 3]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("middle / 2 == 1", [1, 2]),
        ("middle / 2 == -3", [3]),
        ("middle % 2 == 1", [0, 2]),
        ("middle % 2 == -1", [3]),
        ("7 / middle == -1", [3]),
        ("7 % middle == 1", [1, 2]),
        ("(middle & 1) == 1", [0, 2, 3]),
        ("(middle | 4) == 7", [2]),
        ("(middle ^ 1) == 2", [2]),
        ("~middle == 6", [3]),
        ("middle << 1 == 4", [1]),
        ("middle >> 1 == -4", [3]),
        ("1 << middle == 8", [2]),
        ("middle + small == 129", [1]),
        ("middle * middle == 49", [3]),
        ("double * 2 == 3", [1]),
        ("double / 2 < 0.1", [0]),
        ("1.5 - double == 0", [1]),
        ("single + 0.1 == 0.2", [0]),
        ("single * 10 == 1", [0]),
        ("middle + double > 1e299", [3]),
        ("(middle + 1) * (small - 1) < 0", [0]),
    ],
)
def test_arithmetic(text: str, wanted: list[int]) -> None:
    assert passing(text, ROWS) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("big + 1 > 0", [0, 3]),
        ("big - 1 < 0", [1, 3]),
        ("big * 2 > 0", [0]),
        ("big * middle < 0", [1]),
        ("big * middle + middle > 9223372036854775807", [0]),
        ("big * 2 < 0", [1]),
        ("big * big > 9223372036854775807", [0, 1]),
        ("big + big > big", [0]),
        ("big * 9223372036854775807 / 9223372036854775807 == big", [0, 1, 3]),
        ("(big + big) / 2 == big", [0, 1, 3]),
        ("(big + middle) % 10 == 8", [0]),
        ("-big > 9223372036854775807", [1]),
        ("big / -1 > 0", [1]),
        ("big % -1 == 0", [0, 1, 3]),
        ("big + big > double", [0]),
        ("((big * big) & 1) == 1", [0]),
    ],
)
def test_integers_never_overflow(text: str, wanted: list[int]) -> None:
    assert passing(text, ROWS) == wanted


def test_an_integer_divided_by_a_field_that_is_zero_is_unknown() -> None:
    rows: list[dict[str, object]] = [{"middle": 0, "big": 4}, {"middle": 2, "big": 4}]
    for text in ("big / middle == 2", "big % middle == 0", "1 << (middle - 2) == 1"):
        assert passing(text, rows) == [1]
        assert passing(f"not ({text})", rows) == []


def test_a_double_divided_by_a_field_that_is_zero_is_infinite() -> None:
    rows: list[dict[str, object]] = [{"middle": 0, "double": 4.0}, {"middle": 2, "double": 4.0}]
    assert passing("double / middle > 1e300", rows) == [0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("moment >= iso '2024-01-31T00:00:00Z'", [0, 1]),
        ("moment == iso '2024-01-31T01:00:00+01:00'", [0]),
        ("moment != iso '2024-01-31'", [1, 3]),
        ("iso '2024-01-30' < moment < iso '2024-02-01'", [0]),
        ("moment in [iso '2024-01-31', iso '1969-12-31T23:59:59.5Z']", [0, 3]),
        ("moment + interval 'PT24H' == iso '2024-02-01'", [0]),
        # the 31st of a month that has 29 days is the 2nd of the next
        ("moment + interval 'P1M' == iso '2024-03-02'", [0]),
        ("moment + interval 'P1M1D' == iso '2024-03-03'", [0]),
        ("moment - interval 'P1Y' == iso '2023-01-31'", [0]),
        ("moment - interval 'P2M' == iso '2023-12-01'", [0]),
        ("moment + interval 'P1M' == iso '1970-01-31T23:59:59.5Z'", [3]),
        ("not (moment + interval 'P1M' == iso '2024-03-02')", [1, 3]),
        ("moment is null", [2]),
    ],
)
def test_moments(text: str, wanted: list[int]) -> None:
    day = 86_400_000_000
    start = 19_753 * day  # 2024-01-31
    rows: list[dict[str, object]] = [
        {"moment": start},
        {"moment": start + 400 * day},
        {"moment": None},
        {"moment": -500_000},
    ]
    assert passing(text, rows) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("single is null", [2]), ("single is not null", [0, 1, 3]), ("middle is null", []),
     ("not (single is null)", [0, 1, 3]), ("middle is not null", [0, 1, 2, 3])],
)  # fmt: skip
def test_null_tests_are_never_unknown(text: str, wanted: list[int]) -> None:
    assert passing(text, ROWS) == wanted


def test_an_impossible_product_of_a_sum_stays_unknown_where_either_field_is_null():
    schema = Schema(
        fields=(
            Field(name="id", dtype=DataType.INT64, is_primary=True),
            Field(name="a", dtype=DataType.INT8, nullable=True),
            Field(name="b", dtype=DataType.INT32),
        )
    )
    columns = {
        "id": FixedColumn(np.arange(2)),
        "a": FixedColumn(np.array([0, 1], np.int8), np.array([False, True])),
        "b": FixedColumn(np.array([1, 2], np.int32)),
    }
    predicate = bind(parse("not (3 * (a + b) == 4)"), schema)
    assert evaluate(predicate, MemorySource(columns)).tolist() == [False, True]
