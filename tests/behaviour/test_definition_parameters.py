"""Each parameter of fields, collections, indexes and administration is taken or refused."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import DataType, FieldSchema, MilvusException
from tests.support.definition_parameters import (
    ADMINISTRATION,
    DEFINITIONS,
    FIELDS,
    CallParameter,
    FieldParameter,
)


async def define(client: Any, case: FieldParameter, value: Any) -> dict[str, Any]:
    """Create a collection with the field, and return what is told of it."""
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("first", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("f", case.dtype, **{**case.beside, case.name: value})
    await client.create_collection("c", schema=schema)
    told = (await client.describe_collection("c"))["fields"]
    await client.drop_collection("c")
    return next(field for field in told if field["name"] == "f")


def shown(field: dict[str, Any], name: str) -> Any:
    return field["params"].get(name, field.get(name))


async def test_a_field_takes_each_parameter_and_tells_it(client: Any) -> None:
    for case in FIELDS:
        if case.good is None:
            continue
        told = shown(await define(client, case, case.good), case.name)
        if case.good not in (False, ""):
            same = str(told).lower().startswith(str(case.good).lower()[:10])
            assert same or isinstance(case.good, dict), (case, told)
            assert told, case


async def test_a_field_refuses_each_parameter_with_what_it_may_not_be(client: Any) -> None:
    for case in FIELDS:
        try:
            told = await define(client, case, case.bad)
        except MilvusException:
            assert await client.list_collections() == []
            continue
        pytest.fail(f"{case} became {told}")


def test_a_misspelt_keyword_of_a_field_is_refused_and_an_unknown_one_warned_of() -> None:
    for slip, meant in (
        ("max_lenght", "max_length"),
        ("nulable", "nullable"),
        ("default", "default_value"),
    ):
        with pytest.raises(TypeError, match=f"Did you mean '{meant}'"):
            FieldSchema("f", DataType.VARCHAR, **dict[str, Any]({slip: 5}))
    with pytest.warns(UserWarning, match="ignores the keyword 'unheard_of'"):
        FieldSchema("f", DataType.VARCHAR, max_length=5, unheard_of=1)


async def test_an_array_of_structs_hands_on_how_it_is_loaded(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    struct = client.raw.create_struct_field_schema()
    struct.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    struct.add_field("n", DataType.INT64, warmup="disable")
    given: dict[str, Any] = {"mmap_enabled": False, "warmup": "sync"}
    schema.add_field("s", DataType.ARRAY, element_type=DataType.STRUCT, struct_schema=struct,
                     max_capacity=4, **given)  # fmt: skip
    await client.create_collection("c", schema=schema)
    told = (await client.describe_collection("c"))["fields"][-1]["struct_fields"]
    assert [(each["params"]["mmap_enabled"], each["params"]["warmup"]) for each in told] == [
        (False, "sync"),
        (False, "disable"),
    ]


async def prepared(client: Any) -> None:
    await client.create_collection("c", dimension=2)
    await client.insert("c", [{"id": 1, "vector": [0.0, 1.0]}])
    await client.create_alias("c", "other")
    await client.create_snapshot("s", "c")
    await client.create_role("r2")
    await client.release_collection("c")


async def call(client: Any, case: CallParameter, value: Any) -> None:
    await getattr(client, case.method)(*case.arguments, **{case.name: value})


async def undo(client: Any, case: CallParameter) -> None:
    """Take back what a call has defined, so that the next may define it again."""
    undone: dict[str, Any] = {
        "create_collection": lambda: client.drop_collection("new"),
        "create_database": lambda: client.drop_database("new"),
        "create_role": lambda: client.drop_role("r2"),
        "load_collection": lambda: client.release_collection("c"),
        "create_alias": lambda: client.drop_alias("third"),
    }
    if case.method in undone:
        await undone[case.method]()


@pytest.mark.parametrize(
    "table", [DEFINITIONS, ADMINISTRATION], ids=["definitions", "administration"]
)
async def test_a_call_takes_each_parameter_or_refuses_it(
    client: Any, table: tuple[CallParameter, ...]
) -> None:
    await prepared(client)
    for case in table:
        if case.method == "create_role":
            await client.drop_role("r2")
        try:
            await call(client, case, case.bad)
        except MilvusException:
            pass
        else:
            pytest.fail(f"{case} is taken with what it may not be")
        if case.good is not None:
            await call(client, case, case.good)
            if case.method != "create_role":
                await undo(client, case)
