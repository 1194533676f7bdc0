"""Answers as tables say what their rows say, and can be inserted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from aiomilvus import DataNotMatchException, DataType

if TYPE_CHECKING:
    from tests.behaviour.conftest import Door

BARE = {"id": 4, "vector": [1.0, 0.0]}
ROWS: list[dict[str, Any]] = [
    {"id": 1, "vector": [1.0, 0.0], "number": 1, "word": "one", "flag": True, "mixed": 1},
    {"id": 2, "vector": [1.0, 0.0], "word": "two", "mixed": "x"},
    {"id": 3, "vector": [1.0, 0.0], "number": None, "other": 1.5},
    BARE,
]
ASKED = ["number", "word", "flag", "mixed", "absent"]
TABLES = ["to_pandas", "to_polars", "to_arrow"]


async def stocked(client: Door) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", ROWS)


async def test_a_row_without_dynamic_keys_is_null_in_their_columns(client: Door) -> None:
    await stocked(client)
    rows = await client.query("c", "id > 0", output_fields=ASKED)
    (hits,) = answer = await client.search("c", [[1.0, 0.0]], limit=4, output_fields=ASKED)
    for found in (rows, hits, answer):
        columns = found.to_arrow().to_pydict()
        assert columns["number"] == [1, None, None, None]
        assert columns["word"] == ["one", "two", None, None]
        assert columns["flag"] == [True, None, None, None]
        assert columns["mixed"] == ["1", '"x"', None, None]
        assert columns["absent"] == [None] * 4
        kinds = {field.name: str(field.type) for field in found.to_arrow().schema}
        assert (kinds["number"], kinds["word"], kinds["flag"]) == ("int64", "string", "bool")
        polars = found.to_polars()
        assert polars.schema["number"] == pl.Int64
        assert polars["absent"].null_count() == 4
        frame = found.to_pandas()
        assert frame["number"].dtype == np.float64
        assert frame["word"].isna().tolist() == [False, False, True, True]
    wanted = pd.DataFrame(list(rows))[["number", "word"]]
    shown = rows.to_pandas()[["number", "word"]]
    assert shown.astype(object).fillna("").equals(wanted.astype(object).fillna(""))


@pytest.mark.parametrize("table", TABLES)
async def test_a_table_of_an_answer_can_be_inserted_again(client: Door, table: str) -> None:
    schema = client.raw.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("half", DataType.FLOAT16_VECTOR, dim=2)
    schema.add_field("bits", DataType.BINARY_VECTOR, dim=8)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("doc", DataType.JSON, nullable=True)
    schema.add_field("when", DataType.TIMESTAMPTZ, nullable=True)
    schema.add_field("where", DataType.GEOMETRY, nullable=True)
    schema.add_field(
        "tags", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=5, max_length=5
    )
    params = client.raw.prepare_index_params()
    for name, metric in (("vector", "L2"), ("half", "L2"), ("bits", "HAMMING"), ("sparse", "IP")):
        params.add_index(name, "AUTOINDEX", metric_type=metric)
    await client.create_collection("all", schema=schema, index_params=params)
    more = {"half": np.ones(2, np.float16), "bits": b"\x05", "sparse": {3: 0.5}, "tags": ["a"]}
    rows = [{**row, **more} for row in ROWS]
    rows[0] |= {"doc": {"a": [1]}, "when": "2025-01-02T03:04:05Z", "where": "POINT (1 2)"}
    await client.insert("all", rows)
    before = await client.query("all", "id > 0", output_fields=["*"])
    again = getattr(before, table)()
    assert "$meta" in (again.column_names if table == "to_arrow" else list(again.columns))
    await client.delete("all", filter="id > 0")
    assert (await client.insert("all", again))["insert_count"] == 4
    after = await client.query("all", "id > 0", output_fields=["*"])
    assert list(after) == list(before)
    assert [row.get("word") for row in after] == ["one", "two", None, None]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('{"a": 1}', {"a": 1}),
        ("{}", {}),
        ("null", {}),
        (None, {}),
        ({"a": 1}, {"a": 1}),
        ('{"big": 123456789012345678901234567890}', {"big": 123456789012345678901234567890}),
    ],
)
async def test_the_dynamic_field_may_be_given_whole_as_an_object_or_its_text(
    client: Door, given: object, kept: dict[str, object]
) -> None:
    await stocked(client)
    for row in ({**BARE, "$meta": given}, {**BARE, "$meta": given, "own": 2}):
        await client.upsert("c", [row])
        own = {"own": 2} if "own" in row else {}
        assert await client.get("c", [4]) == [{**BARE, **kept, **own}]


@pytest.mark.parametrize("given", ["[1]", '"a"', "5", 5])
async def test_a_dynamic_field_that_is_no_object_is_refused(client: Door, given: object) -> None:
    await stocked(client)
    with pytest.raises(DataNotMatchException, match=r"\{\$meta\} field should be a json"):
        await client.insert("c", [{**BARE, "$meta": given}])


async def test_a_gap_in_a_table_is_no_dynamic_key_and_a_null_in_a_row_is_one(client: Door) -> None:
    await client.create_collection("c", dimension=2)
    vectors = [[1.0, 0.0]] * 3
    keys = {"id": [1, 2, 3], "vector": vectors}
    gaps = [0.5, float("nan"), None]
    tables: list[Any] = [
        pd.DataFrame({**keys, "x": gaps}),
        pd.DataFrame({**keys, "x": pd.array([1, None, None], "Int64")}),
        pl.DataFrame({**keys, "x": gaps}, strict=False),
        {**keys, "x": gaps},
        {**keys, "x": np.array([0.5, np.nan, np.nan], np.float32)},
    ]
    for table in tables:
        await client.upsert("c", table)
        found = await client.query("c", "id > 0", output_fields=["$meta"])
        assert ["x" in row for row in found] == [True, False, False]
    await client.upsert("c", [{"id": 1, "vector": [1.0, 0.0], "x": float("nan")}])
    assert await client.get("c", [1], output_fields=["$meta"]) == [{"id": 1, "x": None}]
