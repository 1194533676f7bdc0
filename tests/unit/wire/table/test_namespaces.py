"""Requests that name a namespace are refused, whatever they ask for."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus.errors import ParamError
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table import querying, searching, writing

SCHEMA = Schema(
    fields=(
        Field(name="id", dtype=DataType.INT64, is_primary=True),
        Field(name="v", dtype=DataType.FLOAT_VECTOR, dim=2),
    )
)
REQUESTS = {
    "Insert": pb.InsertRequest,
    "Upsert": pb.UpsertRequest,
    "Delete": pb.DeleteRequest,
    "Query": pb.QueryRequest,
    "Search": pb.SearchRequest,
    "HybridSearch": pb.HybridSearchRequest,
}


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("namespace", ["tenant", ""])
def test_a_namespace_is_refused_as_by_a_collection_without(name: str, namespace: str) -> None:
    routes: tuple[Any, ...] = (*writing.ROUTES, *querying.ROUTES, *searching.ROUTES)
    route = next(route for route in routes if route.name == name)
    message = REQUESTS[name](collection_name="c", namespace=namespace)
    with pytest.raises(
        ParamError, match=r"^<.*namespace data is set but namespace disabled"
    ) as told:
        route.read_request(message, SCHEMA)
    assert told.value.code == 1100
