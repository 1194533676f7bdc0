"""Batches to repeated FieldData and back, and what pymilvus itself writes."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymilvus.client.prepare import Prepare
from pymilvus.client.types import DataType as PymilvusType

from aiomilvus.errors import FieldNotFoundError, ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn, ListColumn, VectorColumn
from aiomilvus.model.schema import Field, Schema, StructSpec
from aiomilvus.model.types import DataType
from aiomilvus.wire.codec.batches import read_batch, read_reply_batch, write_batch
from aiomilvus.wire.proto import messages
from aiomilvus.wire.splice import join
from tests.support.columns import ELEMENTS, SCALARS, VECTORS, facts, offsets_of, plain
from tests.support.examples import examples

KEY = Field(id=100, name="id", dtype=DataType.INT64, is_primary=True)
META = Field(id=102, name="$meta", dtype=DataType.JSON, is_dynamic=True)


def inserted(schema, batch):
    """The batch as the server sees it in an InsertRequest."""
    head = messages.InsertRequest(num_rows=len(batch)).SerializeToString()
    pieces = write_batch(schema, batch, 5, reply=False)
    return messages.InsertRequest.FromString(join([head, *pieces]))


def queried(schema, batch):
    """The batch as the client sees it in QueryResults."""
    return messages.QueryResults.FromString(join(write_batch(schema, batch, 2, reply=True)))


@st.composite
def batches(draw):
    rows = draw(st.integers(0, 4))
    fields = [KEY]
    columns: dict[str, Column] = {"id": FixedColumn(np.arange(rows))}
    for i, dtype in enumerate(draw(st.lists(st.sampled_from([*SCALARS, *VECTORS]), max_size=3))):
        field = Field(name=f"f{i}", dtype=dtype, dim=8 if dtype.is_vector else 0)
        fields.append(field)
        columns[field.name] = draw(plain(dtype, 8, rows))
    structs = []
    if draw(st.booleans()):
        lengths = draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows))
        structs.append(StructSpec(name="s", max_capacity=9))
        for i, element in enumerate(draw(st.lists(st.sampled_from(ELEMENTS), min_size=1))):
            field = Field(name=f"s[{i}]", dtype=DataType.ARRAY, element_type=element, struct="s")
            fields.append(field)
            child = draw(plain(element, 0, sum(lengths)))
            columns[field.name] = ListColumn(offsets_of(lengths), child)
    if draw(st.booleans()):
        fields.append(META)
        columns["$meta"] = BytesColumn.of([b"{}"] * rows)
    schema = Schema(fields=tuple(fields), structs=tuple(structs), enable_dynamic_field=True)
    return schema, ColumnBatch(rows, columns)


def all_facts(batch):
    return {name: facts(column) for name, column in batch.columns.items()}


@settings(max_examples=examples(60))
@given(batches())
def test_a_batch_survives_a_request(made):
    schema, batch = made
    read = read_batch(schema, inserted(schema, batch).fields_data, len(batch))
    assert len(read) == len(batch)
    assert all_facts(read) == all_facts(batch)


@settings(max_examples=examples(60))
@given(batches())
def test_a_batch_survives_a_reply_and_its_order_is_kept(made):
    schema, batch = made
    found, read = read_reply_batch(schema, queried(schema, batch).fields_data)
    assert found == schema
    assert all_facts(read) == all_facts(batch)
    plain_names = [name for name in batch.columns if not name.startswith("s[")]
    assert [name for name in read.columns if not name.startswith("s[")] == plain_names


@settings(max_examples=examples(60))
@given(batches())
def test_a_reply_describes_itself(made):
    schema, batch = made
    nothing_known = Schema(fields=())
    found, read = read_reply_batch(nothing_known, queried(schema, batch).fields_data)
    assert all_facts(read) == all_facts(batch)
    for name in batch.columns:
        expected, described = schema.by_name[name], found.by_name[name]
        assert described.dtype == expected.dtype
        assert described.element_type == expected.element_type
        assert described.struct == expected.struct
        assert described.is_dynamic == expected.is_dynamic


def test_a_column_of_no_field_is_refused():
    request = messages.InsertRequest()
    request.fields_data.add(field_name="what", type=DataType.INT64)
    with pytest.raises(FieldNotFoundError, match=r"fieldName\(what\) not found"):
        read_batch(Schema(fields=(KEY,)), request.fields_data, 0)


def test_a_dynamic_column_needs_a_dynamic_field():
    request = messages.InsertRequest()
    request.fields_data.add(is_dynamic=True, field_name="$meta", type=DataType.JSON)
    with pytest.raises(FieldNotFoundError):
        read_batch(Schema(fields=(KEY,)), request.fields_data, 0)


def test_the_dynamic_column_needs_no_name():
    request = messages.InsertRequest()
    column = request.fields_data.add(is_dynamic=True, type=DataType.JSON)
    column.scalars.json_data.data.append(b"{}")
    assert "$meta" in read_batch(Schema(fields=(KEY, META)), request.fields_data, 1)


def test_structs_that_come_as_arrays_are_read():
    request = messages.InsertRequest()
    column = request.fields_data.add(field_name="s", type=DataType.ARRAY)
    inner = column.struct_arrays.fields.add(field_name="x", type=DataType.ARRAY)
    inner.scalars.array_data.data.add().long_data.data.extend([1, 2])
    field = Field(name="s[x]", dtype=DataType.ARRAY, element_type=DataType.INT64, struct="s")
    batch = read_batch(Schema(fields=(field,)), request.fields_data, 1)
    read = batch.columns["s[x]"]
    assert isinstance(read, ListColumn)
    assert isinstance(read.child, FixedColumn)
    assert read.child.values.tolist() == [1, 2]


def test_a_field_that_comes_twice_is_refused():
    request = messages.InsertRequest()
    for _ in range(2):
        request.fields_data.add(field_name="id").scalars.long_data.data.append(1)
    with pytest.raises(ParamError, match="duplicated field name: field id comes twice"):
        read_batch(Schema(fields=(KEY,)), request.fields_data, 1)


def test_replies_with_columns_of_different_length_are_refused():
    reply = messages.QueryResults()
    reply.fields_data.add(field_name="a", type=5).scalars.long_data.data.append(1)
    reply.fields_data.add(field_name="b", type=5).scalars.long_data.data.extend([1, 2])
    with pytest.raises(ParamError, match=r"num_rows \(2\) of field \(b\)"):
        read_reply_batch(Schema(fields=()), reply.fields_data)


@pytest.mark.parametrize("kind", [0, 200, 201, 999, 31_337])
def test_a_reply_column_of_unknown_type_is_refused(kind):
    reply = messages.QueryResults()
    outer = reply.fields_data.add(field_name="s", type=DataType.ARRAY_OF_STRUCT)
    outer.struct_arrays.fields.add(field_name="x", type=kind)
    with pytest.raises(ParamError, match=r"field s\[x\] has (an unknown|no) type"):
        read_reply_batch(Schema(fields=()), reply.fields_data)


# ------------------------------------------------------------ written by pymilvus itself

FIELDS = [
    Field(id=100, name="id", dtype=DataType.INT64, is_primary=True),
    Field(id=101, name="text", dtype=DataType.VARCHAR, max_length=100, nullable=True),
    Field(id=102, name="score", dtype=DataType.FLOAT, default=1.5),
    Field(id=103, name="flags", dtype=DataType.ARRAY, element_type=DataType.BOOL),
    Field(id=104, name="words", dtype=DataType.ARRAY, element_type=DataType.VARCHAR),
    Field(id=105, name="json", dtype=DataType.JSON, nullable=True),
    Field(id=106, name="dense", dtype=DataType.FLOAT_VECTOR, dim=4),
    Field(id=107, name="half", dtype=DataType.FLOAT16_VECTOR, dim=4),
    Field(id=108, name="bits", dtype=DataType.BINARY_VECTOR, dim=16),
    Field(id=109, name="bytes", dtype=DataType.INT8_VECTOR, dim=4),
    Field(id=110, name="sparse", dtype=DataType.SPARSE_FLOAT_VECTOR),
    Field(id=111, name="$meta", dtype=DataType.JSON, is_dynamic=True),
    Field(id=112, name="s[n]", dtype=DataType.ARRAY, element_type=DataType.INT32, struct="s"),
    Field(
        id=113,
        name="s[v]",
        dtype=DataType.ARRAY_OF_VECTOR,
        element_type=DataType.FLOAT_VECTOR,
        dim=2,
        struct="s",
    ),
]
SCHEMA = Schema(
    fields=tuple(FIELDS),
    structs=(StructSpec(name="s", max_capacity=5),),
    enable_dynamic_field=True,
)
ROWS = [
    {
        "id": 1,
        "text": "eins",
        "flags": [True, False],
        "words": [],
        "json": {"a": [1, "ü"]},
        "dense": [1.0, 2.0, 3.0, 4.0],
        "half": np.array([1, 2, 3, 4], np.float16),
        "bits": b"\x01\xff",
        "bytes": np.array([-1, 0, 1, 2], np.int8),
        "sparse": {7: 0.5, 2: 1.5},
        "s": [{"n": 5, "v": [0.5, 1.5]}, {"n": 6, "v": [2.5, 3.5]}],
        "extra": "dynamic",
    },
    {
        "id": 2,
        "text": None,
        "score": -4.0,
        "flags": [],
        "words": ["a", "b"],
        "json": None,
        "dense": [5.0, 6.0, 7.0, 8.0],
        "half": np.array([5, 6, 7, 8], np.float16),
        "bits": b"\x80\x00",
        "bytes": np.array([3, 4, 5, -6], np.int8),
        "sparse": {0: 2.5},
        "s": [],
    },
]


def as_pymilvus_describes(field):
    described = {
        "name": field.name if not field.struct else field.name[2:-1],
        "type": PymilvusType(field.dtype),
        "params": {"dim": field.dim} if field.dim else {},
        "is_primary": field.is_primary,
        "nullable": field.nullable,
        "element_type": PymilvusType(field.element_type),
    }
    if field.has_default:
        described["default_value"] = {"float_data": field.default}
    if field.max_length:
        described["params"]["max_length"] = field.max_length
    return described


def written_by_pymilvus():
    fields = [as_pymilvus_describes(f) for f in FIELDS if not (f.struct or f.is_dynamic)]
    structs = [
        {
            "name": "s",
            "type": PymilvusType._ARRAY_OF_STRUCT,
            "fields": [as_pymilvus_describes(f) for f in FIELDS if f.struct],
        }
    ]
    request = Prepare.row_insert_param(
        "c", ROWS, "", fields, struct_fields_info=structs, enable_dynamic=True
    )
    return messages.InsertRequest.FromString(request.SerializeToString())


def test_rows_that_pymilvus_packs_are_read():
    request = written_by_pymilvus()
    batch: Any = read_batch(SCHEMA, request.fields_data, request.num_rows)
    assert set(batch.columns) == {field.name for field in FIELDS}
    valid = {name: c.valid.tolist() for name, c in batch.columns.items() if c.valid is not None}
    assert valid == {"text": [True, False], "json": [True, False], "score": [False, True]}

    assert list(batch["text"]) == [b"eins", b""]
    assert batch["score"].values.tolist() == [0.0, -4.0]
    assert [msgspec.json.decode(batch["json"].raw(0))] == [{"a": [1, "ü"]}]
    assert msgspec.json.decode(batch["$meta"].raw(0)) == {"extra": "dynamic"}
    assert batch["flags"].item(0).values.tolist() == [True, False]
    assert list(batch["words"].item(1)) == [b"a", b"b"]
    assert batch["dense"].values.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert batch["half"].values.dtype == np.float16
    assert batch["half"].values.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert batch["bits"].values.tolist() == [[1, 255], [128, 0]]
    assert batch["bytes"].values.tolist() == [[-1, 0, 1, 2], [3, 4, 5, -6]]
    indices, values = batch["sparse"].row(0)
    assert (indices.tolist(), values.tolist()) == ([2, 7], [1.5, 0.5])
    assert batch["s[n]"].item(0).values.tolist() == [5, 6]
    assert batch["s[v]"].item(0).values.tolist() == [[0.5, 1.5], [2.5, 3.5]]
    assert len(batch["s[n]"].item(1)) == 0


def without_extras(column):
    """The column without what we tell beyond pymilvus: ids, element types, sparse dimensions."""
    plain = messages.FieldData()
    plain.CopyFrom(column)
    plain.ClearField("field_id")
    if plain.HasField("scalars") and plain.scalars.HasField("array_data"):
        plain.scalars.array_data.ClearField("element_type")
    if plain.HasField("vectors") and plain.vectors.HasField("sparse_float_vector"):
        plain.vectors.sparse_float_vector.ClearField("dim")
    inner = [without_extras(field) for field in plain.struct_arrays.fields]
    if inner:
        del plain.struct_arrays.fields[:]
        plain.struct_arrays.fields.extend(inner)
    return plain


def test_what_we_write_is_what_pymilvus_writes():
    request = written_by_pymilvus()
    batch = read_batch(SCHEMA, request.fields_data, request.num_rows)
    ours = {c.field_name: without_extras(c) for c in inserted(SCHEMA, batch).fields_data}
    theirs = {c.field_name: without_extras(c) for c in request.fields_data}
    assert ours == theirs


def test_vector_batches_share_the_memory_of_the_request():
    vectors = np.arange(8, dtype=np.float32).reshape(2, 4)
    field = Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=4)
    pieces = write_batch(
        Schema(fields=(field,)), ColumnBatch(2, {"v": VectorColumn(vectors)}), 5, reply=False
    )
    views = [piece for piece in pieces if isinstance(piece, memoryview)]
    assert len(views) == 1
    assert np.shares_memory(np.frombuffer(views[0], np.uint8), vectors)
