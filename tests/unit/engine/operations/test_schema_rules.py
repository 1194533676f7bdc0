"""Tests for aiomilvus.engine.operations.rules.schema_rules and default_rules."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus.engine.operations.rules.schema_rules import check_schema
from aiomilvus.errors import MilvusException
from aiomilvus.model.schema import Field, FunctionSpec, Schema
from aiomilvus.model.types import DataType, FunctionType

KEY = Field(name="id", dtype=DataType.INT64, is_primary=True)
VECTOR = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=4)
TEXT: dict[str, Any] = {"dtype": DataType.VARCHAR, "max_length": 3}


def _schema(*fields: Field) -> Schema:
    return Schema(fields=(KEY, VECTOR, *fields))


def _refusal(schema: Schema) -> MilvusException:
    with pytest.raises(MilvusException) as caught:
        check_schema("c", schema)
    return caught.value


@pytest.mark.parametrize(
    "name",
    [
        "like",
        "in",
        "TRUE",
        "False",
        "NuLL",
        "TEXT_MATCH",
        "exists",
        "IN",
        "Not",
        "oR",
        "tRue",
        "Exists",
    ],
)
def test_a_word_of_filters_is_no_field_name(name: str) -> None:
    error = _refusal(_schema(Field(name=name, dtype=DataType.INT64)))
    assert error.code == 1701
    assert f"{name} is keyword in milvus." in error.message


@pytest.mark.parametrize("name", ["LIKE", "likely", "nullable", "count"])
def test_a_name_that_only_resembles_such_a_word_is_fine(name: str) -> None:
    check_schema("c", _schema(Field(name=name, dtype=DataType.INT64)))


@pytest.mark.parametrize("name", ["RowID", "Timestamp"])
def test_names_of_system_fields_are_refused(name: str) -> None:
    error = _refusal(_schema(Field(name=name, dtype=DataType.INT64)))
    assert (error.code, "is reserved for internal use" in error.message) == (1701, True)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ({"dtype": DataType.INT8, "default": 300}, "[300 out of range -128 <= value <= 127]"),
        ({"dtype": DataType.INT64, "default": "x"}, "not equal to the type(DataType_VarChar)"),
        ({"dtype": DataType.INT64, "default": 1.5}, "type (Int64) of field (f) is not equal"),
        ({"dtype": DataType.BOOL, "default": 1}, "type (Bool) of field (f) is not equal"),
        ({"dtype": DataType.FLOAT, "default": "1"}, "type (Float) of field (f) is not equal"),
        ({"dtype": DataType.DOUBLE, "default": float("nan")}, "invalid default_value of field f"),
        ({**TEXT, "default": "four"}, "the length (4) of string exceeds max length (3)"),
        ({**TEXT, "default": 5}, "type (VarChar) of field (f) is not equal"),
        ({"dtype": DataType.TIMESTAMPTZ, "default": "soon"}, "default_value"),
        ({"dtype": DataType.GEOMETRY, "default": "POINT"}, "default_value"),
        ({"dtype": DataType.JSON, "default": {}}, "type not support default_value, type:JSON"),
        ({"dtype": DataType.FLOAT_VECTOR, "dim": 2, "default": 1.0}, "type not support default"),
    ],
)
def test_a_default_no_row_could_hold_is_refused(field: dict[str, Any], text: str) -> None:
    error = _refusal(_schema(Field(name="f", **field)))
    assert error.code == 1100
    assert text in error.message


@pytest.mark.parametrize(
    "field",
    [
        {"dtype": DataType.INT8, "default": -128},
        {"dtype": DataType.BOOL, "default": True},
        {"dtype": DataType.FLOAT, "default": 1},
        {"dtype": DataType.TIMESTAMPTZ, "default": "2026-01-02T03:04:05Z"},
        {"dtype": DataType.GEOMETRY, "default": "POINT (1 2)"},
        {**TEXT, "default": "abc"},
        {**TEXT, "default": None, "nullable": True},
    ],
)
def test_a_default_that_a_row_might_hold_is_fine(field: dict[str, Any]) -> None:
    check_schema("c", _schema(Field(name="f", **field)))


def test_a_primary_key_has_no_default() -> None:
    key = Field(name="id", dtype=DataType.INT64, is_primary=True, default=1)
    error = _refusal(Schema(fields=(key, VECTOR)))
    assert (error.code, "primary field not support default_value" in error.message) == (1100, True)


def test_a_partition_key_is_not_nullable() -> None:
    key = Field(name="k", dtype=DataType.INT64, is_partition_key=True, nullable=True)
    assert "partition key field not support nullable" in _refusal(_schema(key)).message


def test_clustering_keys_are_one_scalar_field() -> None:
    def keyed(name: str, dtype: DataType, **more: Any) -> Field:
        return Field(name=name, dtype=dtype, is_clustering_key=True, **more)

    assert _refusal(_schema(keyed("w", DataType.FLOAT_VECTOR, dim=2))).code == 107
    assert _refusal(_schema(keyed("j", DataType.JSON))).code == 105
    assert _refusal(_schema(keyed("a", DataType.INT64), keyed("b", DataType.INT64))).code == 105
    check_schema("c", _schema(keyed("a", DataType.INT64)))


def test_analyzers_are_checked_when_the_collection_is_made() -> None:
    unknown = {"enable_analyzer": "true", "analyzer_params": '{"type": "klingon"}'}
    assert "klingon" in _refusal(_schema(Field(name="t", **TEXT, params=unknown))).message
    matched = {"enable_match": "true"}
    error = _refusal(_schema(Field(name="t", **TEXT, params=matched)))
    assert "field t is set to enable match but not enable analyzer" in error.message


def test_a_sparse_field_has_no_dimension() -> None:
    sparse = Field(name="s", dtype=DataType.SPARSE_FLOAT_VECTOR, dim=4)
    assert "dim should not be specified for sparse" in _refusal(_schema(sparse)).message


def test_a_bm25_function_accepts_no_parameters() -> None:
    text = Field(name="t", **TEXT, params={"enable_analyzer": "true"})
    sparse = Field(name="s", dtype=DataType.SPARSE_FLOAT_VECTOR)
    function = FunctionSpec(
        name="f", type=FunctionType.BM25, inputs=("t",), outputs=("s",), params={"bm25_k1": "2"}
    )
    schema = Schema(fields=(KEY, VECTOR, text, sparse), functions=(function,))
    assert "BM25 function accepts no params: bm25_k1" in _refusal(schema).message


def _bm25(name: str = "f", source: str = "t", target: str = "s") -> FunctionSpec:
    return FunctionSpec(name=name, type=FunctionType.BM25, inputs=(source,), outputs=(target,))


@pytest.mark.parametrize(
    ("functions", "nullable", "text"),
    [
        ((_bm25(""),), False, "function name cannot be empty"),
        ((_bm25(), _bm25(source="u", target="w")), False, "duplicate function name: f"),
        ((_bm25(), _bm25("g", source="u")), False, "field s is filled by two functions: f and g"),
        ((_bm25(),), True, "function output field cannot be nullable: function f, field s"),
    ],
)
def test_functions_have_names_and_outputs_of_their_own(
    functions: tuple[FunctionSpec, ...], nullable: bool, text: str
) -> None:
    analyzed = {"enable_analyzer": "true"}
    fields = (
        KEY,
        VECTOR,
        Field(name="t", **TEXT, params=analyzed),
        Field(name="u", **TEXT, params=analyzed),
        Field(name="s", dtype=DataType.SPARSE_FLOAT_VECTOR, nullable=nullable),
        Field(name="w", dtype=DataType.SPARSE_FLOAT_VECTOR),
    )
    error = _refusal(Schema(fields=fields, functions=functions))
    assert error.code == 1100
    assert text in error.message


def test_an_output_field_is_no_key() -> None:
    text = Field(name="t", **TEXT, params={"enable_analyzer": "true"})
    sparse = Field(name="s", dtype=DataType.SPARSE_FLOAT_VECTOR, is_partition_key=True)
    error = _refusal(Schema(fields=(KEY, VECTOR, text, sparse), functions=(_bm25(),)))
    assert error.code == 1100
