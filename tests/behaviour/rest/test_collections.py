"""Collections, indexes, partitions, aliases and databases over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.behaviour.rest.conftest import Rest

FIELDS: list[dict[str, Any]] = [
    {"fieldName": "key", "dataType": "VarChar", "isPrimary": True,
     "elementTypeParams": {"max_length": 64}},
    {"fieldName": "count", "dataType": "Int32", "nullable": True, "defaultValue": 7},
    {"fieldName": "tags", "dataType": "Array", "elementDataType": "Int64",
     "elementTypeParams": {"max_capacity": 8}},
    {"fieldName": "vector", "dataType": "FloatVector", "elementTypeParams": {"dim": "4"}},
]  # fmt: skip
INDEX = {
    "fieldName": "vector",
    "indexName": "near",
    "metricType": "L2",
    "indexType": "HNSW",
    "params": {"M": 8, "efConstruction": 40},
}


def named(name: str = "things", **more: Any) -> dict[str, Any]:
    return {"collectionName": name, **more}


async def test_a_quick_collection_is_indexed_and_loaded(rest: Rest) -> None:
    await rest.quick(description="quick")
    found = await rest("collections/describe", named())
    assert found["collectionName"] == "things"
    assert found["description"] == "quick"
    assert found["enableDynamicField"] is True
    assert found["autoId"] is False
    assert found["load"] == "LoadStateLoaded"
    assert found["consistencyLevel"] == "Bounded"
    assert [each["name"] for each in found["fields"]] == ["id", "vector"]
    assert found["fields"][0]["type"] == "Int64"
    assert found["fields"][1]["params"] == [{"key": "dim", "value": "2"}]
    assert found["indexes"] == [
        {"indexName": "vector", "fieldName": "vector", "metricType": "COSINE"}
    ]


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        ({}, 1100, "dimension is required for quickly create collection"),
        ({"dimension": 2, "params": {"shardsNum": "two"}}, 1100, "shardsNum should be a whole"),
        ({"dimension": 2, "params": {"enableDynamicField": "no"}}, 1100, "neither true nor false"),
        ({"dimension": 2, "idType": "UUID"}, 1100, "idType can only be [Int64, VarChar]"),
        ({"dimension": 2, "vectorFieldType": "Bits"}, 1100, "vectorFieldType can only be ["),
        ({"dimension": 2, "vectorFieldType": "SparseFloatVector"}, 1100, "should not be specified"),
        ({"dimension": 2, "metricType": "HAMMING"}, 1100, "float vector index does not support"),
        ({"dimension": 8, "vectorFieldType": "BinaryVector", "metricType": "L2"}, 1100, "binary"),
        ({"dimension": 2, "consistencyLevel": "Some"}, 1100, "consistencyLevel can only be ["),
        ({"schema": {"fields": [{"fieldName": "a", "dataType": "int64"}]}}, 1100, "case sensitive"),
    ],
)
async def test_what_a_collection_can_not_be(
    rest: Rest, body: dict[str, Any], code: int, text: str
) -> None:
    found = await rest.refused("collections/create", named(**body))
    assert found[0] == code
    assert text in found[1]


async def test_parameters_of_a_new_collection_may_be_text(rest: Rest) -> None:
    params = {"shardsNum": "2", "enableDynamicField": "False", "ttlSeconds": "60"}
    await rest.quick(params=params)
    found = await rest("collections/describe", named())
    assert (found["shardsNum"], found["enableDynamicField"]) == (2, False)
    assert found["properties"] == [{"key": "collection.ttl.seconds", "value": "60"}]
    key = {"fieldName": "owner", "dataType": "Int64", "isPartitionKey": True}
    params = {"partitionsNum": "4", "partitionKeyIsolation": "true"}
    body = named("parted", schema={"fields": [*FIELDS, key]}, params=params)
    await rest("collections/create", body)
    assert (await rest("collections/describe", named("parted")))["partitionsNum"] == 4


async def test_default_values_are_told_by_the_slot_of_their_type(rest: Rest) -> None:
    defaults = {
        "Bool": (True, "BoolData"),
        "Int8": (3, "IntData"),
        "Int64": (4, "LongData"),
        "Float": (1, "FloatData"),
        "Double": (2, "DoubleData"),
    }
    fields = [
        {"fieldName": kind.lower(), "dataType": kind, "defaultValue": value}
        for kind, (value, _) in defaults.items()
    ]
    await rest("collections/create", named(schema={"fields": [*FIELDS, *fields]}))
    found = (await rest("collections/describe", named()))["fields"][len(FIELDS) :]
    assert [field["defaultValue"] for field in found] == [
        {"Data": {slot: value}} for value, slot in defaults.values()
    ]


async def test_sub_fields_are_nullable_as_their_struct_is(rest: Rest) -> None:
    await rest.quick()
    rows = [{"id": 1, "vector": [1, 2]}]
    await rest("entities/insert", named(data=rows))
    inner = {"fieldName": "size", "dataType": "Array", "elementDataType": "Int64"}
    struct = {"fieldName": "parts", "dataType": "ArrayOfStruct", "nullable": True,
              "typeParams": {"max_capacity": 5}, "fields": [inner]}  # fmt: skip
    await rest("collections/struct_fields/add", named(schema=struct))
    rows = [{"id": 2, "vector": [1, 2], "parts": [{"size": 7}]}]
    await rest("entities/insert", named(data=rows))
    found = await rest("entities/query", named(filter="id > 0", outputFields=["parts"]))
    assert [row["parts"] for row in found] == [None, [{"size": 7}]]


async def test_a_schema_comes_back_as_it_was_given(rest: Rest) -> None:
    schema = {"fields": FIELDS, "enableDynamicField": True}
    body = named(schema=schema, indexParams=[INDEX], params={"ttlSeconds": 3600})
    await rest("collections/create", body)
    found = await rest("collections/describe", named())
    fields = {each["name"]: each for each in found["fields"]}
    assert list(fields) == ["key", "count", "tags", "vector"]
    assert fields["key"]["primaryKey"] is True
    assert fields["key"]["type"] == "VarChar"
    assert fields["count"]["nullable"] is True
    assert fields["count"]["defaultValue"]["Data"]
    assert fields["tags"]["elementType"] == "Int64"
    assert {"key": "max_capacity", "value": "8"} in fields["tags"]["params"]
    assert {"key": "collection.ttl.seconds", "value": "3600"} in found["properties"]
    assert found["load"] == "LoadStateLoaded"
    index = (await rest("indexes/describe", named(indexName="near")))[0]
    assert (index["indexType"], index["metricType"], index["fieldName"]) == ("HNSW", "L2", "vector")
    assert {"key": "M", "value": "8"} in index["indexParams"]


async def test_functions_and_structs_are_part_of_a_schema(rest: Rest) -> None:
    fields = [
        {"fieldName": "id", "dataType": "Int64", "isPrimary": True},
        {"fieldName": "text", "dataType": "VarChar",
         "elementTypeParams": {"max_length": 200, "enable_analyzer": True}},
        {"fieldName": "words", "dataType": "SparseFloatVector"},
        {"fieldName": "dense", "dataType": "FloatVector", "elementTypeParams": {"dim": 2}},
    ]  # fmt: skip
    function = {"name": "bm25", "type": "BM25", "inputFieldNames": ["text"],
                "outputFieldNames": ["words"]}  # fmt: skip
    struct = {"fieldName": "parts", "dataType": "ArrayOfStruct",
              "typeParams": {"max_capacity": 4}, "fields": [
                  {"fieldName": "n", "dataType": "Array", "elementDataType": "Int32"},
                  {"fieldName": "v", "dataType": "ArrayOfVector", "elementDataType": "FloatVector",
                   "elementTypeParams": {"dim": 2}}]}  # fmt: skip
    schema = {"fields": fields, "functions": [function], "structFields": [struct]}
    await rest("collections/create", named(schema=schema))
    found = await rest("collections/describe", named())
    assert found["functions"][0]["type"] == 1
    assert found["functions"][0]["outputFieldNames"] == ["words"]
    assert next(f for f in found["fields"] if f["name"] == "words")["isFunctionOutput"] is True
    assert [f["name"] for f in found["structFields"][0]["fields"]] == ["n", "v"]
    assert found["load"] == "LoadStateNotLoad"


async def test_the_life_of_a_collection(rest: Rest) -> None:
    await rest.quick()
    assert await rest("collections/has", named()) == {"has": True}
    assert await rest("collections/has", named("none")) == {"has": False}
    rows = [{"id": 1, "vector": [1, 2]}]
    await rest("entities/insert", named(data=rows))
    assert await rest("collections/get_stats", named()) == {"rowCount": 1}
    await rest("collections/flush", named())
    await rest("collections/release", named())
    state = await rest("collections/get_load_state", named())
    assert state == {"loadState": "LoadStateNotLoad"}
    await rest("collections/load", named())
    state = await rest("collections/get_load_state", named())
    assert state == {"loadState": "LoadStateLoaded", "loadProgress": 100}
    await rest("collections/refresh_load", named())
    await rest("collections/rename", named(newCollectionName="others"))
    assert await rest("collections/list") == ["others"]
    await rest("collections/truncate", named("others"))
    assert await rest("collections/get_stats", named("others")) == {"rowCount": 0}
    job = (await rest("collections/compact", named("others")))["compactionID"]
    state = await rest("collections/get_compaction_state", {"jobID": job})
    assert state["compactionID"] == job
    assert state["state"] in ("Executing", "Completed")
    await rest("collections/drop", named("others"))
    await rest("collections/drop", named("others"))
    assert (await rest.refused("collections/describe", named("others")))[0] == 100
    assert (await rest.refused("collections/get_load_state", named("others")))[0] == 100


async def test_properties_and_fields_change(rest: Rest) -> None:
    await rest.quick()
    await rest("collections/release", named())
    await rest("collections/alter_properties", named(properties={"mmap.enabled": True}))
    found = await rest("collections/describe", named())
    assert {"key": "mmap.enabled", "value": "true"} in found["properties"]
    await rest("collections/drop_properties", named(propertyKeys=["mmap.enabled"]))
    assert (await rest("collections/describe", named()))["properties"] == []
    text = {"fieldName": "note", "dataType": "VarChar", "nullable": True,
            "elementTypeParams": {"max_length": 10}}  # fmt: skip
    await rest("collections/fields/add", named(schema=text))
    await rest(
        "collections/fields/alter_properties",
        named(fieldName="note", fieldParams={"max_length": 20}),
    )
    note = (await rest("collections/describe", named()))["fields"][-1]
    assert {"key": "max_length", "value": "20"} in note["params"]
    both = await rest.refused("collections/fields/drop", named(fieldName="note", fieldId=3))
    assert both == (1100, "exactly one of fieldName or fieldId is required")
    await rest("collections/fields/drop", named(fieldName="note"))
    names = [f["name"] for f in (await rest("collections/describe", named()))["fields"]]
    assert names == ["id", "vector"]
    struct = {"fieldName": "parts", "dataType": "ArrayOfStruct"}
    assert (await rest.refused("collections/fields/add", named(schema=struct)))[0] == 1100


async def test_indexes(rest: Rest) -> None:
    await rest("collections/create", named(schema={"fields": FIELDS}))
    assert await rest("indexes/list", named()) == []
    assert (await rest.refused("indexes/describe", named(indexName="near")))[0] == 700
    await rest("indexes/create", named(indexParams=[INDEX]))
    assert await rest("indexes/list", named()) == ["near"]
    await rest("indexes/alter_properties", named(indexName="near", properties={"mmap.enabled": 1}))
    found = (await rest("indexes/describe", named(indexName="near")))[0]
    assert found["indexState"] == "Finished"
    assert found["totalRows"] == found["pendingRows"] == found["indexedRows"] == 0
    await rest("indexes/drop_properties", named(indexName="near", propertyKeys=["mmap.enabled"]))
    await rest("indexes/drop", named(indexName="near"))
    assert await rest("indexes/list", named()) == []


async def test_partitions_and_aliases(rest: Rest) -> None:
    await rest.quick()
    part = named(partitionName="p1")
    await rest("partitions/create", part)
    assert await rest("partitions/list", named()) == ["_default", "p1"]
    assert await rest("partitions/has", part) == {"has": True}
    await rest("entities/insert", part | {"data": [{"id": 5, "vector": [1, 1]}]})
    assert await rest("partitions/get_stats", part) == {"rowCount": 1}
    await rest("partitions/release", named(partitionNames=["p1"]))
    await rest("partitions/load", named(partitionNames=["p1"]))
    await rest("partitions/release", named(partitionNames=["p1"]))
    await rest("partitions/drop", part)
    assert await rest("partitions/has", part) == {"has": False}
    alias = named(aliasName="other")
    await rest("aliases/create", alias)
    assert await rest("aliases/list") == ["other"]
    found = await rest("aliases/describe", {"aliasName": "other"})
    assert found == {"dbName": "default", "collectionName": "things", "aliasName": "other"}
    await rest.quick("more")
    await rest("aliases/alter", named("more", aliasName="other"))
    assert await rest("aliases/list", named()) == []
    await rest("aliases/drop", {"aliasName": "other"})
    assert (await rest.refused("aliases/describe", {"aliasName": "other"}))[0] == 1600


async def test_databases(rest: Rest) -> None:
    await rest("databases/create", {"dbName": "two", "properties": {"database.max.collections": 9}})
    assert set(await rest("databases/list")) == {"default", "two"}
    found = await rest("databases/describe", {"dbName": "two"})
    assert found["properties"] == [{"key": "database.max.collections", "value": "9"}]
    await rest("databases/drop_properties",
               {"dbName": "two", "propertyKeys": ["database.max.collections"]})  # fmt: skip
    await rest("databases/alter", {"dbName": "two", "properties": {"database.replica.number": 1}})
    await rest("databases/drop", {"dbName": "two"})
    assert await rest("databases/list") == ["default"]
    assert (await rest.refused("databases/describe", {"dbName": "two"}))[0] == 800
