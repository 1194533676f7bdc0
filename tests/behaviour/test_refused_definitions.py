"""Definitions that are refused, in Milvus' words and with its codes, at every door."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import DataType, MilvusException

VECTOR = {"dtype": DataType.FLOAT_VECTOR, "dim": 2}
TEXT = {"dtype": DataType.VARCHAR, "max_length": 3}
ARRAY = {"dtype": DataType.ARRAY, "element_type": DataType.VARCHAR}
RANGE = "should be in range 2 ~ 32768"


def schema_of(client: Any, name: str, **field: Any) -> Any:
    """Return a schema with a key, a vector and a further field."""
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field(name, field.pop("dtype"), **field)
    return schema


@pytest.mark.parametrize(
    ("field", "code", "said"),
    [
        ({**VECTOR, "dim": 1}, 1100, f"invalid dimension: 1. {RANGE}"),
        ({**VECTOR, "dim": 0}, 1100, f"invalid dimension: 0. {RANGE}"),
        ({**VECTOR, "dim": -3}, 1100, f"invalid dimension: -3. {RANGE}"),
        (
            {**VECTOR, "dim": 32_769},
            1100,
            f"invalid dimension: 32769 of field f. float vector dimension {RANGE}",
        ),
        (
            {"dtype": DataType.FLOAT_VECTOR},
            1100,
            "dimension is not defined in field type params of field f, check type param `dim`",
        ),
        (
            {"dtype": DataType.SPARSE_FLOAT_VECTOR, "dim": 8},
            1100,
            "dim should not be specified for sparse vector field f(",
        ),
        (
            {"dtype": DataType.SPARSE_FLOAT_VECTOR, "dim": 0},
            1100,
            "dim should not be specified for sparse vector field f(",
        ),
        (
            {"dtype": DataType.VARCHAR, "max_length": 0},
            1100,
            "the maximum length specified for the field(f) should be in (0, 65535], but got 0",
        ),
        (
            {"dtype": DataType.VARCHAR},
            1101,
            "type param(max_length) should be specified for the field(f) of collection c",
        ),
        (
            {**ARRAY, "max_capacity": 0, "max_length": 2},
            1100,
            "the maximum capacity specified for a Array should be in (0, 4096]",
        ),
        (
            {**ARRAY, "max_length": 2},
            1101,
            "type param(max_capacity) should be specified for array field f of collection c",
        ),
        (
            {**ARRAY, "max_capacity": "x"},
            1100,
            "the value for max_capacity of field f must be an integer",
        ),
        (
            {**TEXT, "default_value": "four"},
            1100,
            "the length (4) of string exceeds max length (3)",
        ),
    ],
)
async def test_a_field_that_may_not_be(
    client: Any, field: dict[str, Any], code: int, said: str
) -> None:
    with pytest.raises(MilvusException) as caught:
        await client.create_collection("c", schema=schema_of(client, "f", **field))
    assert caught.value.message.startswith(said)
    assert caught.value.code == code
    assert await client.list_collections() == []


@pytest.mark.parametrize(
    "field",
    [
        {"dtype": DataType.TEXT, "max_length": 0},
        {"dtype": DataType.JSON, "max_length": 0, "max_capacity": 0},
        {"dtype": DataType.INT64, "dim": 0},
    ],
)
async def test_a_0_says_nothing_of_a_type_without_that_parameter(
    client: Any, field: dict[str, Any]
) -> None:
    await client.create_collection("c", schema=schema_of(client, "f", **field))
    described = await client.describe_collection("c")
    assert [each["params"] for each in described["fields"] if each["name"] == "f"] == [{}]


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (
            {"num_partitions": 1_025},
            1100,
            "partition number (1025) exceeds max configuration (1024)",
        ),
        (
            {"properties": {"warmup.vectorIndex": "often"}},
            1100,
            "invalid warmup value for key warmup.vectorIndex: invalid warmup policy: 'often', must",
        ),
    ],
)
async def test_a_collection_that_may_not_be(
    client: Any, given: dict[str, Any], code: int, said: str
) -> None:
    schema = schema_of(client, "f", dtype=DataType.INT64, is_partition_key=True)
    with pytest.raises(MilvusException) as caught:
        await client.create_collection("c", schema=schema, **given)
    assert (caught.value.code, caught.value.message[: len(said)]) == (code, said)


async def test_isolation_needs_a_partition_key(client: Any) -> None:
    said = "partition key isolation mode is enabled but no partition key field is set"
    with pytest.raises(MilvusException, match=said) as caught:
        await client.create_collection(
            "c",
            schema=schema_of(client, "f", dtype=DataType.INT64),
            properties={"partitionkey.isolation": "true"},
        )
    assert caught.value.code == 105


@pytest.mark.parametrize("policy", ["sync", "async", "disable"])
async def test_warm_up_is_stored_of_a_released_collection(client: Any, policy: str) -> None:
    key = "warmup.scalarField"
    await client.create_collection(
        "c", schema=schema_of(client, "f", **TEXT), properties={key: policy}
    )
    described = await client.describe_collection("c")
    assert described["properties"][key] == policy
    await client.alter_collection_field("c", "f", {"warmup": policy})
    await client.alter_collection_properties("c", {"warmup.vectorIndex": policy})
    params = client.raw.prepare_index_params("vector", index_type="FLAT", metric_type="L2")
    await client.create_index("c", params)
    await client.load_collection("c")
    for call, said in (
        (client.alter_collection_properties("c", {key: policy}), "can not alter warmup properties"),
        (client.drop_collection_properties("c", [key]), f"can not delete {key} properties"),
    ):
        with pytest.raises(MilvusException, match=f"^<.*{said} if collection loaded") as caught:
            await call
        assert caught.value.code == 104


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"dtype": DataType.INT64, "field": "f"}, "duplicated field name f"),
        ({"dtype": DataType.FLOAT_VECTOR}, "vector field must have dimension specified, field na"),
        ({"is_partition_key": True}, "not support to add partition key field, field name  = g"),
        ({"external_field": "x"}, "add field operation does not support external field mapping"),
    ],
)
async def test_a_field_that_may_not_be_added(client: Any, given: dict[str, Any], said: str) -> None:
    await client.create_collection("c", schema=schema_of(client, "f", **TEXT))
    given = {"field": "g", "dtype": DataType.INT64, "nullable": True, **given}
    with pytest.raises(MilvusException) as caught:
        await client.add_collection_field("c", given.pop("field"), given.pop("dtype"), **given)
    assert (caught.value.code, caught.value.message[: len(said)]) == (1100, said)


async def test_analysis_of_a_text_that_nothing_reads_can_be_altered(client: Any) -> None:
    schema = schema_of(client, "f", **TEXT)
    matched = {"enable_analyzer": True, "enable_match": True}
    schema.add_field("m", DataType.VARCHAR, max_length=9, **matched)
    await client.create_collection("c", schema=schema)
    analyzer = '{"tokenizer": "whitespace"}'
    await client.alter_collection_field(
        "c", "f", {"enable_analyzer": "true", "analyzer_params": analyzer}
    )
    described = {each["name"]: each for each in (await client.describe_collection("c"))["fields"]}
    assert described["f"]["params"]["enable_analyzer"] in (True, "true")
    assert "whitespace" in str(described["f"]["params"]["analyzer_params"])
    for name, params, said in (
        ("f", {"analyzer_params": '{"tokenizer": "klingon"}'}, "klingon"),
        ("m", {"analyzer_params": analyzer}, "after text match is enabled or a BM25/MinHash"),
    ):
        with pytest.raises(MilvusException, match=said):
            await client.alter_collection_field("c", name, params)


async def test_a_partition_that_may_not_be_dropped(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    with pytest.raises(MilvusException, match="partition is loaded, please release it first"):
        await client.drop_partition("c", "_default")
    await client.release_collection("c")
    with pytest.raises(MilvusException, match="default partition cannot be deleted"):
        await client.drop_partition("c", "_default")
    said = r"Invalid partition name: \. Partition name should not be empty"
    with pytest.raises(MilvusException, match=said):
        await client.create_partition("c", " ")


async def test_values_that_do_not_fit(client: Any) -> None:
    schema = schema_of(client, "f", **TEXT, nullable=True)
    schema.add_field("a", max_capacity=2, max_length=2, nullable=True, datatype=DataType.ARRAY,
                     element_type=DataType.VARCHAR)  # fmt: skip
    schema.add_field("t", DataType.TIMESTAMPTZ, nullable=True)
    await client.create_collection("c", schema=schema)
    cases: list[tuple[list[dict[str, Any]], str]] = [
        (
            [{"f": "abc"}, {"f": "four"}, {"f": "longer"}],
            "length of varchar field f exceeds max length, row number: 1, length: 4, max length: 3",
        ),
        ([{"a": []}, {"a": ["a"] * 3}], "the length (3) of 1th array exceeds max capacity (2)"),
        (
            [{"a": ["a"]}, {"a": ["b", "abc"]}],
            'length of Array array field "a" exceeds max length, row number: 1, array index: 1, le',
        ),
        ([{"t": "2025-13-01"}], "got invalid timestamptz string '2025-13-01': "),
    ]
    for rows, said in cases:
        given = [{"id": n, "vector": [0, 1], **row} for n, row in enumerate(rows)]
        with pytest.raises(MilvusException) as caught:
            await client.insert("c", given)
        assert (caught.value.code, caught.value.message[: len(said)]) == (1100, said)
