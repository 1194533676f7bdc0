"""Random schemas and rows at the client's door, against a dict of rows by key."""

from __future__ import annotations

import tempfile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aiomilvus import DataType, MilvusClient
from tests.support.examples import examples

TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
VALUES: dict[DataType, st.SearchStrategy[Any]] = {
    DataType.BOOL: st.booleans(),
    DataType.INT8: st.integers(-(2**7), 2**7 - 1),
    DataType.INT64: st.integers(-(2**63), 2**63 - 1),
    DataType.FLOAT: FLOATS,
    DataType.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    DataType.VARCHAR: TEXTS,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | FLOATS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
).filter(lambda value: value is not None)


@st.composite
def contents(draw: st.DrawFn) -> tuple[list[tuple[str, DataType]], list[list[dict[str, Any]]]]:
    """Return fields as (kind, type) pairs, and batches of rows of them."""
    kinds = st.sampled_from(["plain", "array", "struct", "json"])
    fields = draw(st.lists(st.tuples(kinds, st.sampled_from(list(VALUES))), max_size=4))
    rows: dict[str, Any] = {"id": st.integers(0, 6)}
    for at, (kind, dtype) in enumerate(fields):
        values = VALUES[dtype]
        whole = {
            "plain": values,
            "array": st.lists(values, max_size=3),
            "struct": st.lists(st.fixed_dictionaries({"s": values}), max_size=3),
            "json": JSON,
        }[kind]
        rows[f"f{at}"] = st.none() | whole
    batch = st.lists(st.fixed_dictionaries(rows), max_size=4, unique_by=lambda row: row["id"])
    return fields, draw(st.lists(batch, min_size=1, max_size=4))


def _add(client: MilvusClient, schema: Any, name: str, kind: str, dtype: DataType) -> None:
    options: dict[str, Any] = {"max_length": 40} if dtype is DataType.VARCHAR else {}
    if kind == "struct":
        struct = client.create_struct_field_schema()
        struct.nullable = True
        struct.add_field("s", dtype, **options)
        options = {"element_type": DataType.STRUCT, "struct_schema": struct}
    elif kind == "array":
        options = {"element_type": dtype, **options}
    if kind in ("struct", "array"):
        schema.add_field(name, DataType.ARRAY, max_capacity=3, nullable=True, **options)
    else:
        shown = DataType.JSON if kind == "json" else dtype
        schema.add_field(name, shown, nullable=True, **({} if kind == "json" else options))


@settings(max_examples=examples(40), deadline=None)
@given(contents())
def test_what_was_upserted_last_is_read(
    given_contents: tuple[list[tuple[str, DataType]], list[list[dict[str, Any]]]],
) -> None:
    fields, batches = given_contents
    with tempfile.TemporaryDirectory() as folder, MilvusClient(f"{folder}/db") as client:
        schema = client.create_schema()
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
        for at, (kind, dtype) in enumerate(fields):
            _add(client, schema, f"f{at}", kind, dtype)
        indexes = client.prepare_index_params()
        indexes.add_index("v", index_type="FLAT", metric_type="L2")
        client.create_collection("c", schema=schema, index_params=indexes)
        names = [f"f{at}" for at in range(len(fields))]
        held: dict[int, dict[str, Any]] = {}
        for number, batch in enumerate(batches):
            if batch:
                client.upsert("c", [{**row, "v": [0.0, 0.0]} for row in batch])
            held.update({row["id"]: row for row in batch})
            if number % 2:
                client.flush("c")
            found = client.query("c", filter="id >= 0", output_fields=["id", *names])
            assert {row["id"]: row for row in found} == held
