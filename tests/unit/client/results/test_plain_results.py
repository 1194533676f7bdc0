"""Rows and hits are plain data for every library that reads lists, in C or in Python."""

from __future__ import annotations

import copy
import json
import pickle
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx
import msgpack
import msgspec
import numpy as np
import orjson
import pyarrow as pa
import pydantic
import pytest
import ujson
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from aiomilvus.client.results import lazy
from aiomilvus.client.results.extra_list import ExtraList
from aiomilvus.client.results.search import SearchResult
from aiomilvus.model import results
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import BytesColumn, FixedColumn, VectorColumn
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = Schema(
    fields=(
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="text", dtype=DataType.VARCHAR, max_length=100),
        Field(name="vector", dtype=DataType.FLOAT_VECTOR, dim=4),
    )
)
NAMES = ("id", "text", "vector")


def batch(rows: int) -> ColumnBatch:
    ids = FixedColumn(np.arange(rows))
    texts = BytesColumn.of([f"text {row}".encode() for row in range(rows)])
    vectors = VectorColumn(np.arange(4 * rows, dtype=np.float32).reshape(rows, 4))
    return ColumnBatch(rows, {"id": ids, "text": texts, "vector": vectors})


def rows_found(rows: int) -> results.QueryResult:
    return results.QueryResult(batch=batch(rows), schema=SCHEMA, output_fields=NAMES)


def hits_found(queries: int, limit: int) -> results.SearchResult:
    hits = queries * limit
    return results.SearchResult(
        offsets=np.arange(queries + 1) * limit,
        ids=FixedColumn(np.arange(hits)),
        scores=np.arange(hits).astype(np.float32),
        schema=SCHEMA,
        primary_name="id",
        output_fields=NAMES,
        batch=batch(hits),
    )


def plain_rows(rows: int) -> list[dict[str, Any]]:
    return [
        {"id": row, "text": f"text {row}", "vector": [4.0 * row + i for i in range(4)]}
        for row in range(rows)
    ]


def plain_hits(queries: int, limit: int) -> list[list[dict[str, Any]]]:
    rows = plain_rows(queries * limit)
    hits = [{"id": row["id"], "distance": float(row["id"]), "entity": row} for row in rows]
    return [hits[i * limit : (i + 1) * limit] for i in range(queries)]


def through_fastapi(answer: Any, **options: Any) -> Any:
    """Return what a client of an endpoint reads that returns `answer`."""
    app = FastAPI()
    options.setdefault("response_model", None)
    app.get("/", **options)(lambda: answer)
    return fetched(app)


def through_annotated_fastapi(answer: Any) -> Any:
    app = FastAPI()

    @app.get("/")
    def endpoint() -> list[Any]:
        return answer  # type: ignore[no-any-return]

    return fetched(app)


class OrjsonResponse(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


def fetched(app: FastAPI) -> Any:
    import asyncio

    async def get() -> Any:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get("/")).json()

    return asyncio.run(get())


READERS: dict[str, Callable[[Any], Any]] = {
    "orjson": lambda x: orjson.loads(orjson.dumps(x)),
    "msgspec json": lambda x: msgspec.json.decode(msgspec.json.encode(x)),
    "msgspec msgpack": lambda x: msgspec.msgpack.decode(msgspec.msgpack.encode(x)),
    "msgspec to_builtins": msgspec.to_builtins,
    "ujson": lambda x: ujson.loads(ujson.dumps(x)),
    "msgpack": lambda x: msgpack.unpackb(msgpack.packb(x)),
    "json": lambda x: json.loads(json.dumps(x)),
    "json with indent": lambda x: json.loads(json.dumps(x, indent=1)),
    "pydantic validation": pydantic.TypeAdapter(list[Any]).validate_python,
    "pydantic serialization": lambda x: orjson.loads(pydantic.TypeAdapter(Any).dump_json(x)),
    "arrow": lambda x: pa.array(x).to_pylist(),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),  # noqa: S301 - our own bytes
    "fastapi": through_fastapi,
    "fastapi with an annotated return": through_annotated_fastapi,
    "fastapi with a response model": lambda x: through_fastapi(x, response_model=list[Any]),
    "fastapi with JSONResponse": lambda x: through_fastapi(JSONResponse(x)),
    "fastapi with orjson": lambda x: through_fastapi(OrjsonResponse(x)),
}
ANSWERS: dict[str, tuple[Callable[[], Any], Any]] = {
    "no row": (lambda: ExtraList(rows_found(0)), plain_rows(0)),
    "three rows": (lambda: ExtraList(rows_found(3)), plain_rows(3)),
    "rows of several steps": (lambda: ExtraList(rows_found(1500)), plain_rows(1500)),
    "one query": (lambda: SearchResult(hits_found(1, 3)), plain_hits(1, 3)),
    "no query": (lambda: SearchResult(hits_found(0, 0)), []),
    "no hit": (lambda: SearchResult(hits_found(2, 0)), [[], []]),
    "two queries": (lambda: SearchResult(hits_found(2, 3)), plain_hits(2, 3)),
    "many queries": (lambda: SearchResult(hits_found(250, 5)), plain_hits(250, 5)),
    "queries of several steps": (lambda: SearchResult(hits_found(3, 700)), plain_hits(3, 700)),
    "the hits of one query": (lambda: SearchResult(hits_found(2, 3))[1], plain_hits(2, 3)[1]),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_reader_sees_what_was_found(reader: str, answer: str) -> None:
    make, expected = ANSWERS[answer]
    assert READERS[reader](make()) == expected


LOUD = [
    orjson.dumps,
    msgspec.json.encode,
    msgspec.msgpack.encode,
    pydantic.TypeAdapter(Any).dump_json,
    pydantic.TypeAdapter(list[dict[str, Any]] | list[list[dict[str, Any]]]).validate_python,
]


@pytest.fixture
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("extra_list", "search"):
        monkeypatch.setattr(f"aiomilvus.client.results.{module}.MOST_FILLED", 0)
        monkeypatch.setattr(f"aiomilvus.client.results.{module}.FILLED_AT_ONCE", 1)


@pytest.mark.usefixtures("all_are_large")
@pytest.mark.parametrize("write", LOUD)
def test_of_a_large_answer_readers_in_c_see_all_or_say_what_to_do(write: Any) -> None:
    for answer, expected in (
        (ExtraList(rows_found(3)), plain_rows(3)),
        (SearchResult(hits_found(2, 3)), plain_hits(2, 3)),
    ):
        with pytest.raises((TypeError, ValueError), match=r"CallMaterializeFirst|not made yet"):
            write(answer)
        answer.materialize()
        assert json.loads(json.dumps(answer)) == expected
        write(answer)


@pytest.mark.usefixtures("all_are_large")
@pytest.mark.parametrize("reader", ["json", "copy", "deepcopy", "pickle", "fastapi"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_readers_in_python_see_a_large_answer(reader: str, answer: str) -> None:
    make, expected = ANSWERS[answer]
    assert READERS[reader](make()) == expected


def test_an_answer_is_made_in_steps_none_of_which_is_large() -> None:
    rows = ExtraList(rows_found(5000), at_once=False)
    seen = [0]
    seen.extend(len(rows) for _ in rows.filling())
    assert seen[-1] == 5000
    assert max(b - a for a, b in pairwise(seen)) <= lazy.FILLED_AT_ONCE // 6


def test_long_vectors_are_printed_by_their_ends() -> None:
    schema = Schema(fields=(Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=768),))
    one = ColumnBatch(1, {"v": VectorColumn(np.zeros((1, 768), np.float32))})
    rows = ExtraList(results.QueryResult(batch=one, schema=schema, output_fields=("v",)))
    assert repr(rows) == "data: [\"{'v': [0.0, 0.0, 0.0, ..., 0.0] (768 numbers)}\"]"
