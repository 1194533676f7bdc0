"""Each parameter of Milvus' index types runs, or is listed as one that changes nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aiomilvus import DataType, MilvusClient
from aiomilvus.errors import MilvusException, NotSupportedError
from tests.support.milvus_parameters import BUILD, REFUSED, SEARCH, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "indexes.md"
ROWS, DIM = 40, 16
VECTORS = np.random.default_rng(3).standard_normal((ROWS, DIM)).astype(np.float32)
QUERIES: dict[DataType, Any] = {
    DataType.FLOAT_VECTOR: VECTORS[0],
    DataType.BINARY_VECTOR: bytes(16),
    DataType.SPARSE_FLOAT_VECTOR: {1: 1.0, 2: 0.5},
}


@pytest.fixture
def client() -> Iterator[MilvusClient]:
    with MilvusClient(":memory:") as opened:
        yield opened


def indexed(client: MilvusClient, case: Parameter, given: dict[str, object]) -> None:
    schema = client.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    dim = {DataType.FLOAT_VECTOR: DIM, DataType.BINARY_VECTOR: 128}.get(case.field)
    schema.add_field("v", case.field, **({} if dim is None else {"dim": dim}))
    index = client.prepare_index_params(
        "v", index_type=case.kind, metric_type=case.metric, params={**dict(case.with_it), **given}
    )
    client.create_collection("c", schema=schema, index_params=index)


def fill(client: MilvusClient, field: DataType) -> None:
    values: list[Any] = list(VECTORS)
    if field is DataType.BINARY_VECTOR:
        values = [row.tobytes() for row in VECTORS.view(np.uint8)[:, :16]]
    elif field is DataType.SPARSE_FLOAT_VECTOR:
        values = [{1: 1.0 + row, 2: 2.0} for row in range(ROWS)]
    client.insert("c", [{"id": row, "v": value} for row, value in enumerate(values)])


@pytest.mark.parametrize("case", BUILD, ids=lambda case: f"{case.kind}-{case.name}")
def test_an_index_takes_what_milvus_takes_and_refuses_the_rest_by_name(client, case):
    if case.bad is not None:
        with pytest.raises(MilvusException, match=re.escape(case.name)) as refused:
            indexed(client, case, {case.name: case.bad})
        assert refused.value.code == 1100
        client.drop_collection("c")
    indexed(client, case, {case.name: case.good})
    told = client.describe_index("c", "v")
    assert told is not None
    assert str(told[case.name]).lower() == str(case.good).lower()
    fill(client, case.field)
    client.flush("c")
    assert len(client.search("c", data=[QUERIES[case.field]], limit=3)[0]) > 0


@pytest.mark.parametrize("case", SEARCH, ids=lambda case: f"{case.kind}-{case.name}")
def test_a_search_takes_what_milvus_takes_and_refuses_the_rest_by_name(client, case):
    indexed(client, case, {})
    fill(client, case.field)

    def search(value: object) -> int:
        query = [QUERIES[case.field]]
        params = {case.name: value}
        return len(client.search("c", data=query, limit=3, search_params=params)[0])

    assert search(case.good) > 0
    if case.bad is not None:
        words = f"{case.name}|search algorithm"
        with pytest.raises(MilvusException, match=words) as refused:
            search(case.bad)
        assert refused.value.code == 1100


@pytest.mark.parametrize("kind", REFUSED)
def test_a_type_that_is_not_served_is_refused_by_name(client, kind):
    with pytest.raises(NotSupportedError, match=kind):
        indexed(client, Parameter(kind, "", None, None), {})


def test_what_changes_nothing_is_a_parameter_that_is_walked_here():
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition("## Parameters that change nothing")[2].partition("\n## ")[0]
    first_columns = " ".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))
    listed = set(re.findall(r"`([a-z_0-9]+)`", first_columns))
    assert listed
    assert listed <= {case.name for case in (*BUILD, *SEARCH)}
