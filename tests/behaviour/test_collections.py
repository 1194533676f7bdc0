"""Collections: made, described, found, renamed, dropped."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import (
    AnnSearchRequest,
    CollectionNotExistException,
    CollectionNotLoadedError,
    DataType,
    LoadState,
    MilvusException,
    ParamError,
    RRFRanker,
)
from aiomilvus.errors import ResourceGroupNotFoundError

GROUP = "__default_resource_group"


async def test_a_simple_collection_is_described_as_milvus_does(client: Any) -> None:
    await client.create_collection("simple", dimension=8, consistency_level="Strong")
    described = await client.describe_collection("simple")
    assert isinstance(described.pop("collection_id"), int)
    assert isinstance(described.pop("created_timestamp"), int)
    assert isinstance(described.pop("update_timestamp"), int)
    properties = described.pop("properties")
    assert all(isinstance(value, str) for value in properties.values())
    assert described == {
        "collection_name": "simple",
        "auto_id": False,
        "num_shards": 1,
        "description": "",
        "fields": [
            {
                "field_id": 100,
                "name": "id",
                "description": "",
                "type": DataType.INT64,
                "params": {},
                "is_primary": True,
            },
            {
                "field_id": 101,
                "name": "vector",
                "description": "",
                "type": DataType.FLOAT_VECTOR,
                "params": {"dim": 8},
            },
        ],
        "functions": [],
        "aliases": [],
        "consistency_level": 0,
        "consistency_level_name": "Strong",
        "num_partitions": 1,
        "enable_dynamic_field": True,
        "enable_namespace": False,
        "schema_version": 0,
    }
    assert await client.get_load_state("simple") == {"state": LoadState.Loaded}
    assert await client.list_indexes("simple") == ["vector"]
    index = await client.describe_index("simple", "vector")
    assert index["state"] == "Finished"
    assert index["metric_type"] == "COSINE"


async def test_collections_are_listed_renamed_and_dropped(client: Any) -> None:
    await client.create_collection("one", dimension=4)
    await client.create_collection("two", dimension=4)
    assert sorted(await client.list_collections()) == ["one", "two"]
    await client.rename_collection("one", "three")
    assert not await client.has_collection("one")
    assert await client.has_collection("three")
    await client.drop_collection("three")
    await client.drop_collection("three")
    assert await client.list_collections() == ["two"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("1x", "the first character of a collection name must be an underscore or letter"),
        ("a b", "collection name can only contain numbers, letters and underscores"),
    ],
)
async def test_a_bad_name_is_refused_with_milvus_words(client: Any, name: str, text: str) -> None:
    with pytest.raises(MilvusException, match=text) as caught:
        await client.create_collection(name, dimension=4)
    assert caught.value.code == 1100
    assert await client.list_collections() == []


@pytest.mark.parametrize("name", ["", None, 7])
async def test_a_name_that_is_no_text_is_refused_by_the_client(client: Any, name: Any) -> None:
    with pytest.raises(MilvusException, match=f"`collection_name` value {name} is illegal"):
        await client.has_collection(name)


async def test_what_is_not_there_is_said_to_be_missing(client: Any) -> None:
    with pytest.raises(CollectionNotExistException, match="can't find collection") as caught:
        await client.describe_collection("nothing")
    assert caught.value.code == 100
    with pytest.raises(CollectionNotExistException, match="collection not found"):
        await client.load_collection("nothing")


@pytest.mark.parametrize("name", ["nothing", "1 x"])
async def test_a_search_says_of_any_name_that_there_is_no_such_collection(
    client: Any, name: str
) -> None:
    part = AnnSearchRequest([[0.0]], "v", {}, 1)
    for search in (
        client.search(name, [[0.0]], anns_field="v"),
        client.hybrid_search(name, [part], RRFRanker()),
    ):
        with pytest.raises(CollectionNotExistException, match="collection not found") as caught:
            await search
        assert caught.value.message.endswith(f"[database=default][collection={name}]")
    if name != "nothing":
        for call in (client.query(name, filter="id > 0"), client.compact(name)):
            with pytest.raises(ParamError, match="Invalid collection name: 1 x"):
                await call


async def test_a_released_collection_cannot_be_searched_until_it_is_loaded(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": 1, "vector": [1.0, 0.0]}])
    await client.release_collection("c")
    with pytest.raises(CollectionNotLoadedError, match="collection not loaded"):
        await client.search("c", [[1.0, 0.0]])
    await client.load_collection("c")
    assert (await client.search("c", [[1.0, 0.0]]))[0][0]["id"] == 1


async def test_truncating_keeps_all_but_the_rows(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": 1, "vector": [1.0, 0.0]}])
    await client.truncate_collection("c")
    assert await client.search("c", [[1.0, 0.0]]) == [[]]
    assert await client.list_indexes("c") == ["vector"]


async def test_aliases_stand_for_their_collection(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.create_alias("c", "a")
    assert (await client.describe_collection("a"))["collection_name"] == "c"
    answer = await client.describe_alias("a")
    assert (answer["alias"], answer["collection_name"]) == ("a", "c")
    listed = await client.list_aliases("c")
    assert (listed["aliases"] if isinstance(listed, dict) else listed) == ["a"]
    await client.drop_alias("a")
    assert not await client.has_collection("a")


async def test_databases_keep_their_collections_apart(client: Any) -> None:
    await client.create_database("other")
    await client.create_collection("c", dimension=2)
    await client.use_database("other")
    assert await client.list_collections() == []
    await client.use_database("default")
    assert await client.list_collections() == ["c"]
    await client.drop_database("other")
    assert await client.list_databases() == ["default"]


async def test_an_unknown_keyword_is_refused_with_the_nearest_known_one(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    with pytest.raises(TypeError, match="Did you mean 'filter_params'"):
        await client.query("c", limit=1, filter_parms={})


async def test_what_comes_later_says_so_by_name_with_code_10(client: Any) -> None:
    with pytest.raises(MilvusException, match="dump_messages is not supported by the") as caught:
        await client.dump_messages("channel", {"id": "1", "wal_name": "Kafka"})
    assert caught.value.code == 10


async def test_a_closed_client_says_that_it_is_closed(client: Any) -> None:
    await client.close()
    await client.close()
    with pytest.raises(MilvusException, match="should create connection first"):
        await client.list_collections()


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"replica_number": 2}, MilvusException, "currentNodeNum=1.*expectedNodeNum=2"),
        ({"resource_groups": ["mine"]}, ResourceGroupNotFoundError, "rg=mine"),
        ({"resource_groups": [GROUP, GROUP]}, MilvusException, "resource group num"),
        ({"load_fields": ["id"]}, ParamError, "no vector field"),
        ({"load_fields": ["vector"]}, ParamError, "lack 'id'"),
        ({"load_fields": ["id", "vector", "nothing"]}, ParamError, "no field 'nothing'"),
        ({"refresh": True}, CollectionNotLoadedError, "not loaded"),
        ({"replica_number": -1}, ParamError, "`replica_number` value -1 is illegal"),
        ({"replica_number": "two"}, ParamError, "`replica_number` value 'two' is illegal"),
        ({"priority": "urgent"}, ParamError, "priority 'urgent' is invalid"),
    ],
)
@pytest.mark.parametrize("method", ["load_collection", "load_partitions"])
async def test_a_load_that_one_node_cannot_carry_out_is_refused(
    client: Any, method: str, options: dict[str, Any], error: type[MilvusException], text: str
) -> None:
    await client.create_collection("c", dimension=2)
    await client.release_collection("c")
    names = ("c",) if method == "load_collection" else ("c", ["_default"])
    with pytest.raises(error, match=text):
        await getattr(client, method)(*names, **options)
    assert (await client.get_load_state("c"))["state"].name == "NotLoad"


async def test_a_load_takes_the_options_that_one_node_can_serve(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.release_collection("c")
    await client.load_collection(
        "c",
        replica_number=1,
        resource_groups=[GROUP],
        load_fields=["id", "vector"],
        skip_load_dynamic_field=True,
        priority="low",
    )
    await client.load_collection("c", refresh=True)
    await client.load_collection("c", replica_number=0, priority="high")
    assert (await client.get_load_state("c"))["state"].name == "Loaded"


async def test_a_collection_with_aliases_is_not_dropped(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.create_alias("c", "other")
    with pytest.raises(MilvusException, match="associated aliases"):
        await client.drop_collection("c")
    await client.drop_alias("other")
    await client.drop_collection("c")
    assert await client.list_collections() == []
