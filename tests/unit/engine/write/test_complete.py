"""Batches are completed to the schema, or refused before anything is written."""

from typing import Any

import msgspec
import numpy as np
import pytest

from aiomilvus.engine.write.complete import complete
from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, FixedColumn, ListColumn
from aiomilvus.model.schema import Field, Schema, StructSpec
from aiomilvus.model.types import DataType
from tests.support.batches import batch, keys, schema

NOTE = Field(name="note", dtype=DataType.VARCHAR, max_length=9)
STARS = Field(name="stars", dtype=DataType.INT8, default=3)
MOOD = Field(name="mood", dtype=DataType.INT32, nullable=True)
META = Field(name="$meta", dtype=DataType.JSON, is_dynamic=True)


def completed(to: Schema, rows: ColumnBatch, *, upsert: bool = False, **properties: str):
    return complete(to, rows, upsert=upsert, properties=properties)


def test_fields_left_out_get_their_default_null_or_an_empty_object():
    rows = completed(schema(STARS, MOOD, META), batch([1, 2]))
    assert list(rows.columns) == ["id", "v", "stars", "mood", "$meta"]
    assert rows["stars"].arrays()["values"].tolist() == [3, 3]
    assert rows["mood"].is_null(0)
    assert list(rows["$meta"]) == [b"{}", b"{}"]


def test_nulls_become_the_default_where_there_is_one():
    given = FixedColumn(np.array([9, 0], np.int8), np.array([True, False]))
    rows = completed(schema(STARS), batch([1, 2], stars=given))
    assert rows["stars"].arrays()["values"].tolist() == [9, 3]
    assert rows["stars"].valid is None


def test_a_mask_without_nulls_is_dropped():
    given = FixedColumn(np.array([9, 8], np.int8), np.array([True, True]))
    assert completed(schema(STARS), batch([1, 2], stars=given))["stars"].valid is None


def test_the_callers_batch_is_not_changed():
    given = batch([1, 2])
    before = dict(given.columns)
    completed(schema(STARS, META), given)
    assert given.columns == before


REFUSED = [
    (schema(NOTE), batch([1]), "fieldSchema(note) has no corresponding fieldData pass in"),
    (schema(), batch([1], extra=keys([1])), "unexpected field `extra`"),
    (schema(NOTE), batch([1, 2], note=BytesColumn.of([b"x", None])), "row 1 is null"),
    (schema(NOTE), batch([1, 2], note=BytesColumn.of([b"x"])), "the num_rows (1) of field (note)"),
    (schema(auto_id=True), batch([1]), "auto id"),
    (schema(Field(name="o", dtype=DataType.INT8, is_function_output=True)),
     batch([1], o=keys([1])), "output of a function"),
]  # fmt: skip


@pytest.mark.parametrize(("to", "rows", "text"), REFUSED)
def test_a_batch_that_does_not_fit_is_refused(to: Schema, rows: ColumnBatch, text: str):
    with pytest.raises(MilvusException) as raised:
        completed(to, rows)
    assert text in raised.value.message


def test_generated_keys_are_left_to_the_writer():
    whole = batch([1])
    rows = completed(schema(auto_id=True), whole.select(["v"]))
    assert "id" not in rows


def test_an_upsert_names_the_row_to_replace_by_its_generated_key():
    assert "id" in completed(schema(auto_id=True), batch([1]), upsert=True)


def test_a_property_allows_to_give_generated_keys():
    for value in ("true", "T", "1"):
        assert "id" in completed(schema(auto_id=True), batch([1]), allow_insert_auto_id=value)


def lists(offsets: list[int], valid: list[bool] | None = None) -> ListColumn:
    values = FixedColumn(np.arange(offsets[-1], dtype=np.int64))
    there = None if valid is None else np.array(valid, np.bool_)
    return ListColumn(np.array(offsets, np.int64), values, there)


def structs(*, nullable: bool = False) -> Schema:
    fields = [
        Field(
            name=f"s[{name}]",
            dtype=DataType.ARRAY,
            element_type=DataType.INT64,
            max_capacity=9,
            struct="s",
            nullable=nullable,
        )
        for name in "abc"
    ]
    spec = StructSpec(name="s", max_capacity=9, nullable=nullable)
    return msgspec.structs.replace(schema(*fields), structs=(spec,))


def test_sub_fields_of_a_struct_have_as_many_elements_in_every_row():
    parts: dict[str, Any] = {f"s[{name}]": lists([0, 2, 3]) for name in "abc"}
    assert completed(structs(), batch([1, 2], **parts))["s[c]"].arrays()["offsets"].tolist() == [
        0,
        2,
        3,
    ]
    parts["s[c]"] = lists([0, 2, 4])
    with pytest.raises(ParamError, match="struct s have different numbers of elements in row 1"):
        completed(structs(), batch([1, 2], **parts))


def test_sub_fields_of_a_struct_are_null_together():
    parts: dict[str, Any] = {f"s[{name}]": lists([0, 2, 2], [True, False]) for name in "abc"}
    rows = completed(structs(nullable=True), batch([1, 2], **parts))
    assert rows["s[b]"].is_null(1)
    parts["s[b]"] = lists([0, 2, 2])
    with pytest.raises(ParamError, match="struct s have different numbers of elements in row 1"):
        completed(structs(nullable=True), batch([1, 2], **parts))
