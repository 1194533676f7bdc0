"""Options that no door serves are refused at every door, never ignored."""

from __future__ import annotations

from typing import Any

import pytest

from aiomilvus import DataType, Function, FunctionType, NotSupportedError, ParamError


async def numbered(client: Any) -> None:
    schema = client.raw.create_schema(enable_dynamic_field=True)
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("meta", DataType.JSON)
    index = client.raw.prepare_index_params()
    index.add_index("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)
    rows = [
        {"id": at, "v": [float(at), 0.0], "meta": {"a": at}, "odd key": at, "two": at % 2}
        for at in range(5)
    ]
    await client.insert("c", rows[:3])
    await client.flush("c")
    await client.insert("c", rows[3:])


async def found(client: Any, **options: Any) -> list[int]:
    hits = await client.search("c", [[0.0, 0.0]], anns_field="v", **options)
    return [hit["id"] for hit in hits[0]]


async def test_options_may_stand_in_search_params(client: Any) -> None:
    await numbered(client)
    assert await found(client, search_params={"ignore_growing": True}) == [0, 1, 2]
    assert await found(client, search_params={"order_by_fields": "id:desc"}) == [4, 3, 2, 1, 0]
    assert await found(client, search_params={"offset": 3}) == [3, 4]
    assert await found(client, search_params={"group_by_field": "two"}) == [0, 1]
    with pytest.raises(ParamError, match="Provide offset both in kwargs and param"):
        await found(client, search_params={"offset": 3}, offset=1)


async def test_one_field_to_group_by_goes_before_several(client: Any) -> None:
    await numbered(client)
    assert await found(client, group_by_field="two", group_by_fields=["id"]) == [0, 1]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
async def test_a_query_vector_holds_finite_numbers(client: Any, number: float) -> None:
    await numbered(client)
    with pytest.raises(ParamError, match="query vector 1 is not a number or infinity: field v"):
        await client.search("c", [[0.0, 0.0], [0.0, number]], anns_field="v")


async def test_hints_that_no_server_knows_are_refused(client: Any) -> None:
    await numbered(client)
    for hint in ("iterative_filter", "disable"):
        assert await found(client, search_params={"hints": hint}, limit=1) == [0]
    with pytest.raises(ParamError, match="hints: faster not supported"):
        await found(client, search_params={"hints": "faster"})


async def test_iterators_have_no_offset(client: Any) -> None:
    await numbered(client)
    with pytest.raises(ParamError, match="Not support offset when searching iteration"):
        client.raw.search_iterator("c", [[0.0, 0.0]], offset=2)


async def test_output_fields_are_whole_fields_or_dynamic_keys(client: Any) -> None:
    await numbered(client)
    for name in ("odd key", '$meta["odd key"]'):
        rows = await client.query("c", filter="id == 3", output_fields=[name])
        assert rows == [{"id": 3, "odd key": 3}]
    for name in ('meta["a"]', 'two["x"]', '$meta["a"]["b"]'):
        with pytest.raises(ParamError, match="not support getting subkeys of json field yet"):
            await client.query("c", filter="id == 3", output_fields=[name])
    with pytest.raises(ParamError):
        await found(client, output_fields=["count(*)"])


async def test_a_filter_of_blanks_lets_all_pass(client: Any) -> None:
    await numbered(client)
    assert await found(client, filter="  ") == [0, 1, 2, 3, 4]


async def test_a_query_mode_that_there_is_not_is_refused(client: Any) -> None:
    await numbered(client)
    with pytest.raises(ParamError, match=r'invalid query_mode value "fast", valid values: \['):
        await client.alter_collection_properties("c", {"query_mode": "fast"})
    with pytest.raises(ParamError, match=r'invalid property key "Query_Mode", did you mean'):
        await client.alter_collection_properties("c", {"Query_Mode": "large_topk"})


async def test_what_only_milvus_serves_is_no_wrong_parameter(client: Any) -> None:
    """Rows of the page on compatibility, "Refused by name"."""
    lindera = {"type": "lindera", "dict_kind": "ipadic"}
    tokenizers: list[Any] = [
        "grpc",
        {**lindera, "dict_kind": "unidic"},
        {**lindera, "dict_kind": "ipadic-neologd"},
        {**lindera, "user_dict": {}},
    ]
    for tokenizer in tokenizers:
        with pytest.raises(NotSupportedError, match=r"analyzer params: .*(support|not in the)"):
            await client.run_analyzer("text", analyzer_params={"tokenizer": tokenizer})
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("text", DataType.VARCHAR, max_length=100)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    asked = {"provider": "vertexai", "model_name": "gemini-embedding-2", "projectid": "p"}
    embed = Function("f", FunctionType.TEXTEMBEDDING, ["text"], ["v"], params=asked)
    with pytest.raises(NotSupportedError, match="the provider gemini can"):
        await client.create_collection("e", schema=schema.add_function(embed))


async def test_a_slip_of_what_builds_an_index_is_refused_in_a_search_too(client: Any) -> None:
    await numbered(client)
    for params in ({"efConstruction": 8}, {"M": 4}, {"unheard_of": 1}):  # as by Milvus
        assert await found(client, search_params={"params": params}, limit=1) == [0]
    for slip, meant in (("efConstrution", "efConstruction"), ("eff", "ef"), ("n_list", "nlist")):
        with pytest.raises(ParamError, match=f"did you mean '{meant}'"):
            await found(client, search_params={"params": {slip: 8}})
