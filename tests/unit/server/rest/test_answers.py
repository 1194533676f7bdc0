"""Rows of responses are made some at a time, and are the same."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from aiomilvus.model.columns import VectorColumn
from aiomilvus.model.operations.data import Search
from aiomilvus.model.results import RowElements
from aiomilvus.model.schema import Field
from aiomilvus.model.types import DataType
from aiomilvus.server.rest import answers
from aiomilvus.server.rest.answers import hit_blocks, hit_rows, query_blocks, query_rows
from aiomilvus.server.web.responses import encode
from tests.support.batches import DIM
from tests.support.tables import NAME, Table, texts

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    monkeypatch.setattr(answers, "_BLOCK", 7)
    made = Table(Field(name="kind", dtype=DataType.VARCHAR, max_length=20, nullable=True))
    made.insert(list(range(30)), kind=texts([None, *map(str, range(29))]))
    yield made
    made.close()


@pytest.mark.parametrize("limit", [0, 1, 7, 30])
def test_rows_of_a_query(table: Table, limit: int) -> None:
    found = table.query(filter=f"id < {limit}", output_fields=("*",), limit=100)
    rows = query_rows(found, numbers=True)
    blocks = list(query_blocks(found, numbers=True))
    assert json.loads(encode([*chain.from_iterable(blocks)])) == json.loads(encode(rows))
    assert max(map(len, blocks), default=0) <= 7
    given = {"data": lambda: query_blocks(found, numbers=True)}
    assert json.loads(encode(given)) == {"data": json.loads(encode(rows))}


def test_each_element_that_a_query_found_has_a_row_in_every_block(table: Table) -> None:
    found = table.query(filter="id < 10", output_fields=("kind",), limit=100)
    places = RowElements(np.arange(0, 22, 2), np.tile(np.array([1, 4]), 10))
    found = msgspec.structs.replace(found, elements=places)
    blocks = list(query_blocks(found, numbers=True))
    rows = [*chain.from_iterable(blocks)]
    assert rows == query_rows(found, numbers=True)
    assert [(row["id"], row["offset"]) for row in rows] == [
        (n, at) for n in range(10) for at in (1, 4)
    ]
    assert len(blocks) == 2


def test_a_count_is_one_row(table: Table) -> None:
    found = table.query(output_fields=("count(*)",))
    assert list(query_blocks(found, numbers=True)) == [[{"count(*)": 30}]]


@pytest.mark.parametrize(("limit", "filter_"), [(3, ""), (30, ""), (3, "id < 0"), (3, "id < 2")])
def test_hits_of_a_search(table: Table, limit: int, filter_: str) -> None:
    queries = VectorColumn(np.random.default_rng(1).normal(size=(9, DIM)).astype(np.float32))
    asked: dict[str, Any] = {"filter": filter_, "limit": limit, "output_fields": ("kind",)}
    found = table.do(Search(collection=NAME, data=queries, field="v", **asked))
    blocks = list(hit_blocks(found, numbers=False))
    assert [*chain.from_iterable(blocks)] == hit_rows(found, numbers=False)
    assert max(map(len, blocks)) <= max(limit, 7)
