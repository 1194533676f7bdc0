"""The namespace that requests name, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

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
REQUESTS: dict[str, Any] = {
    "Insert": pb.InsertRequest,
    "Upsert": pb.UpsertRequest,
    "Delete": pb.DeleteRequest,
    "Query": pb.QueryRequest,
    "Search": pb.SearchRequest,
    "HybridSearch": pb.HybridSearchRequest,
}


ROUTES: tuple[Any, ...] = (*writing.ROUTES, *querying.ROUTES, *searching.ROUTES)


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("namespace", ["tenant", "", None])
def test_a_namespace_travels_both_ways_and_none_is_not_an_empty_one(
    name: str, namespace: str | None
) -> None:
    route = next(route for route in ROUTES if route.name == name)
    message = REQUESTS[name](collection_name="c", namespace=namespace)
    if name == "Search":
        message.ids.int_id.data.append(1)
    read = route.read_request(message, SCHEMA)
    assert read.namespace == namespace
    written = route.request(read, SCHEMA)
    if isinstance(written, bytes):
        written = REQUESTS[name].FromString(written)
    assert written.HasField("namespace") is (namespace is not None)
    assert written.namespace == (namespace or "")
