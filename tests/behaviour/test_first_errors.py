"""Errors that a user meets first: Milvus' words, one class at every door, and the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import (
    AnnSearchRequest,
    AsyncMilvusClient,
    DataType,
    MilvusClient,
    MilvusException,
    ParamError,
)
from aiomilvus import errors as kinds
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.behaviour.conftest import Door

QUERY = [[0.0, 1.0]]


async def _photos(client: Door) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("price", DataType.DOUBLE)
    schema.add_field("title", DataType.VARCHAR, max_length=20)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    await client.create_collection("photos", schema=schema, index_params=_index(client))
    await client.create_collection("bare", schema=schema)
    await client.insert("photos", {"id": 1, "price": 1.0, "title": "x", "vector": QUERY[0]})


def _index(client: Door, **given: Any) -> Any:
    params = client.raw.prepare_index_params()
    params.add_index(**{"field_name": "vector", "index_type": "HNSW", "metric_type": "L2", **given})
    return params


def _part(**param: Any) -> list[AnnSearchRequest]:
    return [AnnSearchRequest(QUERY, "vector", param, 1)]


P, E = ParamError, kinds.ExpressionError
Case = tuple[str, tuple[Any, ...], dict[str, Any], type[MilvusException], str, str]
CASES: list[Case] = [
    # method, arguments, options, class, how the message begins, how it ends
    ("query", ("photos", "id > 0", ["titel"]), {}, P,
     "parse output field name failed: titel: field titel not exist", "did you mean 'title'?"),
    ("search", ("photos", QUERY), {"anns_field": "vectro"}, P,
     "failed to create query plan: failed to get field schema by name: fieldName(vectro) not found",
     "did you mean 'vector'?: invalid parameter"),
    ("query", ("phtoos", "id > 0"), {}, kinds.CollectionNotExistException,
     "can't find collection[database=default][collection=phtoos]", "did you mean 'photos'?"),
    ("insert", ("photo", {"id": 1}), {}, kinds.CollectionNotExistException,
     "can't find collection[database=default][collection=photo]", "did you mean 'photos'?"),
    ("query", ("photos", "id > 0"), {"partition_names": ["_defalt"]}, MilvusException,
     "partition name _defalt not found", "did you mean '_default'?"),
    ("insert", ("photos", {"id": 2, "price": 1, "title": "", "vector": QUERY[0]}),
     {"partition_name": "_defalt"}, kinds.PartitionNotExistException,
     "partition not found[partition=_defalt]", "did you mean '_default'?"),
    ("use_database", ("defalt",), {}, kinds.DatabaseNotExistException,
     "database not found[database=defalt]", "did you mean 'default'?"),
    ("query", ("photos", "titel == 'x'"), {}, E, "failed to create query plan: cannot parse",
     "did you mean 'title'?"),
    ("query", ("photos", "price between 1 and 2"), {}, E, "failed to create query plan: cannot",
     "write: low <= field <= high"),
    ("query", ("photos", "title == sunrise"), {}, E, "failed to create query plan: cannot parse",
     "if it is a text, quote it: 'sunrise'"),
    ("delete", ("photos",), {"filter": "title == None"}, E, "failed to create delete plan: cannot",
     "write: field is null, or field is not null"),
    ("query", ("photos", "title is None"), {}, E, "failed to create query plan: cannot parse",
     "write: field is null, or field is not null"),
    ("search", ("photos", QUERY), {"limit": 50, "search_params": {"params": {"ef": 10}}},
     MilvusException, "out of range in json: ef(10) should be larger than k(50)",
     "ef has to be at least limit + offset"),
    ("search", ("photos", QUERY), {"search_params": {"params": {"eff": 10}}}, P,
     "unknown parameter 'eff'", "did you mean 'ef'?: invalid parameter"),
    ("search", ("photos", QUERY), {"search_params": {"radus": 1.0}}, P,
     "unknown parameter 'radus'", "did you mean 'radius'?: invalid parameter"),
    ("load_collection", ("bare",), {}, kinds.IndexNotExistException,
     "index not found[collection=bare]",
     "call create_index for each of the vector fields ['vector'] first"),
    ("search", ("bare", QUERY), {}, kinds.CollectionNotLoadedError,
     "failed to search: collection not loaded[collection=bare]",
     "call load_collection('bare') first"),
    ("delete", ("photos",), {}, kinds.DataTypeNotMatchException,
     "The type of expr must be string ,but <class 'NoneType'> is given.",
     "Give ids, or a filter, of the rows to delete."),
    ("delete", ("photos",), {"ids": []}, kinds.DataTypeNotMatchException,
     "The type of expr must be string ,but <class 'NoneType'> is given.",
     "The list of ids is empty: give at least one key, or leave the call out."),
    ("delete", ("photos",), {"filter": " "}, P,
     "delete plan can't be empty or always true : invalid parameter",
     "truncate_collection deletes all"),
    ("query", ("photos", "id > 0"), {"offset": -1}, P, "invalid max query result window",
     "offset [-1] is invalid, should be gte than 0: invalid parameter"),
    ("hybrid_search", ("photos", _part(offset=1)), {}, P, "offset of an AnnSearchRequest",
     "give it to hybrid_search: invalid parameter"),
    ("hybrid_search", ("photos", _part(group_by_field="title")), {}, P,
     "group_by_field of an AnnSearchRequest", "give it to hybrid_search: invalid parameter"),
    ("hybrid_search", ("photos", _part(order_by="title")), {}, P,
     "order_by of an AnnSearchRequest", "give it to hybrid_search: invalid parameter"),
    ("alter_collection_properties", ("photos", 3), {}, P, "`properties` value 3 is illegal",
     "should be a dict"),
    ("alter_database_properties", ("default", "x"), {}, P, "`properties` value 'x' is illegal",
     "should be a dict"),
]  # fmt: skip


async def test_an_error_says_the_next_step_behind_what_milvus_says(client: Door) -> None:
    await _photos(client)
    for method, given, options, kind, beginning, end in CASES:
        with pytest.raises(MilvusException) as caught:
            await getattr(client, method)(*given, **options)
        assert type(caught.value) is kind, caught.value
        assert caught.value.message.startswith(beginning), caught.value
        assert caught.value.message.endswith(end), caught.value


async def test_an_index_that_can_not_be_made_names_what_can(client: Door) -> None:
    await _photos(client)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"index_type": "HNWS"}, "index type: HNWS]; did you mean 'HNSW'?"),
        ({"metric_type": "COSIN"}, "HNSW takes one of ['COSINE', 'IP', 'L2']"),
        ({"efConstrution": 99}, "'efConstrution': did you mean 'efConstruction'?"),
        ({"params": {"ef_construction": 99}}, "did you mean 'efConstruction'?"),
        ({"field_name": "vectr"}, "non-exist field: vectr; did you mean 'vector'?"),
    ]
    for given, told in cases:
        with pytest.raises(MilvusException) as caught:
            await client.create_index("bare", _index(client, **given))
        assert type(caught.value) is ParamError
        assert told in caught.value.message


async def test_a_parameter_of_another_index_type_is_ignored(client: Door) -> None:
    await _photos(client)
    params = {"nprobe": 8, "search_list": 50, "something_else": 1}
    assert len((await client.search("photos", QUERY, search_params={"params": params}))[0]) == 1


async def test_an_external_table_elsewhere_is_refused_by_name(client: Door) -> None:
    spec = '{"format": "parquet"}'
    schema = client.raw.create_schema(external_source="s3://bucket/rows", external_spec=spec)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    with pytest.raises(kinds.NotSupportedError, match="external_source 's3://bucket/rows'"):
        await client.create_collection("c", schema=schema)


async def test_a_closed_client_says_that_it_is_closed(client: Door) -> None:
    await client.close()
    with pytest.raises(kinds.ConnectionNotExistException, match="This client is closed"):
        await client.query("photos", "id > 0")


def test_a_server_that_is_not_there_is_told_in_plain_words() -> None:
    with pytest.raises(kinds.ConnectError) as caught:
        MilvusClient("http://127.0.0.1:9", timeout=5).list_collections()
    message = caught.value.message
    assert message.startswith("Fail connecting to server on 127.0.0.1:9, illegal connection params")
    assert "nothing listens there; start the server (aiomilvus serve)" in message
    assert "UNAVAILABLE" not in message


async def test_https_to_a_server_without_it_is_told_in_plain_words(tmp_path: Path) -> None:
    with serving(tmp_path / "a.db") as uri:
        async with AsyncMilvusClient(uri.replace("http://", "https://"), timeout=10) as client:
            with pytest.raises(kinds.ConnectError, match="write http:// in place of https://"):
                await client.list_collections()
