"""What searches have in common is kept between requests, and never mixed up."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from aiomilvus.errors import ParamError
from aiomilvus.model.columns import BytesColumn, FixedColumn, VectorColumn
from aiomilvus.model.operations.data import Search
from aiomilvus.model.schema import Field, Schema
from aiomilvus.model.types import DataType
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table import search_cache
from aiomilvus.wire.table.lookup import BY_RPC
from aiomilvus.wire.table.writing import read_keys_expression

SEARCH = BY_RPC["Search"]
VECTORS = np.random.default_rng(5).random((9, 4), np.float32)


def schema_of(dim: int = 4) -> Schema:
    return Schema(
        fields=(
            Field(id=100, name="id", dtype=DataType.INT64, is_primary=True),
            Field(id=101, name="vector", dtype=DataType.FLOAT_VECTOR, dim=dim),
        ),
    )


SCHEMA = schema_of()


def search(at: int, **options: Any) -> Search:
    return Search(
        collection="things", field="vector", data=VectorColumn(VECTORS[at : at + 1]), **options
    )


def there_and_back(op: Search, schema: Schema = SCHEMA) -> Any:
    content = SEARCH.encode_request(op, schema)
    return SEARCH.decode_request(pb.SearchRequest.FromString(content), schema)


def without_data(op: Search) -> Search:
    return msgspec.structs.replace(op, data=None)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"limit": 3},
        {"filter": "id > 3"},
        {"filter": "id > 4"},
        {"params": {"ef": 64}},
        {"params": {"ef": 64.0}},
        {"params": {"ef": True}},
        {"params": {"ef": 1}},
        {"output_fields": ("id",)},
        {"radius": 0.5},
        {"offset": 2},
        {"guarantee_timestamp": 77},
        {"ignore_growing": True},
        {"round_decimal": 3},
    ],
)
def test_every_option_arrives_whatever_was_sent_before(options: dict[str, Any]) -> None:
    for at in range(3):
        for op in (search(at), search(at, **options), search(at, **options)):
            read = there_and_back(op)
            assert np.array_equal(read.data.values, VECTORS[at : at + 1])
            assert without_data(read).params == op.params
            assert repr(read.params) == repr(op.params)
            for name in ("filter", "limit", "output_fields", "radius", "offset", "round_decimal"):
                assert getattr(read, name) == getattr(op, name)
            assert read.guarantee_timestamp == op.guarantee_timestamp
            assert read.ignore_growing == op.ignore_growing


def test_several_queries_arrive_as_many() -> None:
    op = msgspec.structs.replace(search(0), data=VectorColumn(VECTORS))
    message = pb.SearchRequest.FromString(SEARCH.encode_request(op, SCHEMA))
    assert message.nq == len(VECTORS)
    assert np.array_equal(there_and_back(op).data.values, VECTORS)


def test_a_new_schema_is_read_anew() -> None:
    message = pb.SearchRequest.FromString(SEARCH.encode_request(search(0), SCHEMA))
    SEARCH.decode_request(pb.SearchRequest.FromString(message.SerializeToString()), SCHEMA)
    with pytest.raises(ParamError, match="dimension mismatch"):
        SEARCH.decode_request(message, schema_of(dim=8))


def test_a_request_without_queries_is_refused_though_its_rest_is_known() -> None:
    there_and_back(search(0))
    message = pb.SearchRequest.FromString(SEARCH.encode_request(search(0), SCHEMA))
    message.ClearField("placeholder_group")
    with pytest.raises(ParamError, match="nq"):
        SEARCH.decode_request(message, SCHEMA)


def test_what_is_kept_stays_small() -> None:
    for number in range(3 * search_cache.MOST):
        there_and_back(search(0, filter=f"id > {number}"))
    long = f"id in {[*range(search_cache.LONGEST)]}"
    assert there_and_back(search(0, filter=long)).filter == long
    for memory in (search_cache._written, search_cache._read):
        kept = memory._kept
        assert 0 < len(kept) <= search_cache.MOST
        assert all(held.common.filter != long for held in kept.values())


NUMBER = Field(name="id", dtype=DataType.INT64)
TEXT = Field(name="id", dtype=DataType.VARCHAR)


@pytest.mark.parametrize(
    ("text", "field", "keys"),
    [
        ("id in [1, 22]", NUMBER, [1, 22]),
        (" id in [-5]", NUMBER, [-5]),
        ("id in ['a','b c']", TEXT, [b"a", b"b c"]),
        ('id in ["a","it\'s"]', TEXT, None),
        ('id in ["ä"]', TEXT, ["ä".encode()]),
    ],
)
def test_filters_of_keys_alone_become_keys(text: str, field: Field, keys: list[Any] | None) -> None:
    found = read_keys_expression(text, field)
    if keys is None:
        assert found is None
    elif field is TEXT:
        assert isinstance(found, BytesColumn)
        assert list(found) == keys
    else:
        assert isinstance(found, FixedColumn)
        assert found.values.tolist() == keys


@pytest.mark.parametrize(
    "text",
    [
        "id in []",
        "id in [1, 1]",
        "id in [1.0]",
        "id in [true]",
        "id in ['1']",
        "id in [9223372036854775808]",
        "id in [1] or price > 2",
        "id in [1] and id in [2]",
        "not id in [1]",
        "price in [1]",
        "id == 1",
        "id in {keys}",
    ],
)
def test_other_filters_stay_filters(text: str) -> None:
    assert read_keys_expression(text, NUMBER) is None
