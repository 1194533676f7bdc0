"""pandas' marks of a missing value, and its nullable columns, are nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from aiomilvus.model.columns import BytesColumn, FixedColumn
from aiomilvus.model.rows.batch import batch_of
from aiomilvus.model.schema import DYNAMIC_FIELD, Field, Schema
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.batch import ColumnBatch

SCHEMA = Schema(
    fields=(
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="small", dtype=DataType.INT16, nullable=True),
        Field(name="flag", dtype=DataType.BOOL, nullable=True),
        Field(name="real", dtype=DataType.FLOAT, nullable=True),
        Field(name="text", dtype=DataType.VARCHAR, max_length=9, nullable=True),
        Field(name="when", dtype=DataType.TIMESTAMPTZ, nullable=True),
        Field(name=DYNAMIC_FIELD, dtype=DataType.JSON, is_dynamic=True),
    ),
    enable_dynamic_field=True,
)
FRAME = pd.DataFrame(
    {
        "id": pd.array([1, 2], dtype="Int64"),
        "small": pd.array([7, None], dtype="Int16"),
        "flag": pd.array([True, None], dtype="boolean"),
        "real": pd.array([0.5, None], dtype="Float32"),
        "text": pd.array(["a", None], dtype="string"),
        "when": pd.Series([pd.Timestamp("1970-01-01T00:00:01Z"), pd.NaT]),
        "more": pd.array([3, None], dtype="Int16"),
    }
)


def _nulls(batch: ColumnBatch) -> dict[str, list[bool] | None]:
    return {
        name: None if column.valid is None else column.valid.tolist()
        for name, column in batch.columns.items()
        if name != DYNAMIC_FIELD
    }


@pytest.mark.parametrize("form", ["frame", "rows", "columns", "lists"])
def test_a_nullable_column_keeps_its_values_and_nulls(form: str) -> None:
    forms: dict[str, Any] = {
        "frame": FRAME,
        "rows": FRAME.to_dict("records"),
        "columns": {str(name): FRAME[name] for name in FRAME},
        "lists": {str(name): list(FRAME[name]) for name in FRAME},
    }
    batch = batch_of(forms[form], SCHEMA)
    second_is_null = [True, False]
    assert _nulls(batch) == {"id": None, **dict.fromkeys(list(FRAME)[1:-1], second_is_null)}
    small, when = batch.columns["small"], batch.columns["when"]
    assert isinstance(small, FixedColumn)
    assert isinstance(when, FixedColumn)
    assert (small.values[0], when.values[0]) == (7, 1_000_000)


def test_marks_inside_a_json_value_are_null() -> None:
    batch = batch_of({"id": 1, "more": {"a": pd.NA, "b": [pd.NaT]}}, SCHEMA)
    dynamic = batch.columns[DYNAMIC_FIELD]
    assert isinstance(dynamic, BytesColumn)
    assert dynamic.data.tobytes() == b'{"more":{"a":null,"b":[null]}}'
