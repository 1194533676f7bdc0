"""Schema builders: what pymilvus accepts, refuses and writes down."""

from __future__ import annotations

from typing import Any

import pymilvus
import pytest

import aiomilvus
from aiomilvus import (
    AutoIDException,
    CollectionSchema,
    DataType,
    FieldSchema,
    Function,
    FunctionType,
    ParamError,
    PrimaryKeyException,
)
from aiomilvus.client.inputs.schema.freeze import freeze


def built(library: Any) -> Any:
    """Build one schema with either library."""
    schema = library.MilvusClient.create_schema(enable_dynamic_field=True, description="d")
    types = library.DataType
    schema.add_field("id", types.INT64, is_primary=True, auto_id=True)
    schema.add_field("text", types.VARCHAR, max_length=99, enable_analyzer=True, nullable=True)
    schema.add_field("tags", types.ARRAY, element_type=types.INT64, max_capacity=8)
    schema.add_field("key", types.INT64, is_partition_key=True)
    schema.add_field("vector", types.FLOAT_VECTOR, dim=4)
    schema.add_field("sparse", types.SPARSE_FLOAT_VECTOR)
    schema.add_function(library.Function("bm25", library.FunctionType.BM25, ["text"], ["sparse"]))
    return schema


def test_the_plain_form_is_pymilvus_plain_form() -> None:
    ours, theirs = built(aiomilvus), built(pymilvus)
    assert ours.to_dict() == theirs.to_dict()
    assert repr(ours.fields[4]) == repr(theirs.fields[4])


def test_a_schema_survives_its_plain_form() -> None:
    schema = built(aiomilvus)
    assert CollectionSchema.construct_from_dict(schema.to_dict()) == schema
    assert schema != CollectionSchema.construct_from_dict({**schema.to_dict(), "description": ""})


def test_fields_are_numbered_in_order_and_the_dynamic_one_is_added() -> None:
    frozen = freeze(built(aiomilvus))
    assert [(field.id, field.name) for field in frozen.fields] == [
        (100, "id"),
        (101, "text"),
        (102, "tags"),
        (103, "key"),
        (104, "vector"),
        (105, "sparse"),
        (106, "$meta"),
    ]
    assert frozen.by_name["text"].max_length == 99
    assert frozen.by_name["text"].params == {"enable_analyzer": "true"}
    assert frozen.by_name["sparse"].is_function_output
    assert frozen.functions[0].outputs == ("sparse",)


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (PrimaryKeyException, []),
        (PrimaryKeyException, [("a", DataType.FLOAT, {"is_primary": True})]),
        (
            PrimaryKeyException,
            [("a", DataType.INT64, {"is_primary": True})] * 1
            + [("b", DataType.INT64, {"is_primary": True})],
        ),
        (PrimaryKeyException, [("a", DataType.INT64, {"auto_id": True})]),
        (AutoIDException, [("a", DataType.INT64, {"is_primary": True, "auto_id": 1})]),
        (ParamError, [("a", DataType.INT64, {"default_value": None})]),
    ],
)
def test_roles_that_do_not_fit_are_refused(error: type[Exception], fields: list[Any]) -> None:
    def build() -> None:
        schema = CollectionSchema([], check_fields=False)
        for name, dtype, options in fields:
            schema.add_field(name, dtype, **options)
        schema.verify()

    with pytest.raises(error):
        build()


def test_a_bm25_function_needs_text_in_and_sparse_out() -> None:
    schema = CollectionSchema([FieldSchema("id", DataType.INT64, is_primary=True)])
    schema.add_field("number", DataType.INT64)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("f", FunctionType.BM25, "number", "sparse"))
    with pytest.raises(ParamError, match="BM25 function input field must be VARCHAR"):
        schema.verify()
