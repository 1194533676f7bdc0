"""Every parameter of every function is taken or refused by name, at every door."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import (
    AnnSearchRequest,
    DataType,
    Function,
    FunctionType,
    MilvusException,
    NotSupportedError,
    ParamError,
    register_reranker,
)
from tests.support.function_parameters import (
    NEVER,
    OF_HYBRIDS,
    OF_SCHEMAS,
    OF_SEARCHES,
    FunctionParameter,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = Path(__file__).parents[2] / "docs" / "search.md"
UNASKED = "dim", "timeout_ms", "max_client_batch_size"
"""Parameters of all providers alike, which the page tells once."""


async def define(client: Any, kind: str, params: dict[str, Any]) -> None:
    """Create a collection with a function, and drop it."""
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("t", DataType.VARCHAR, max_length=50, enable_analyzer=True)
    of = FunctionType.MINHASH if kind == "minhash" else FunctionType.TEXTEMBEDDING
    vector = DataType.BINARY_VECTOR if kind == "minhash" else DataType.FLOAT_VECTOR
    schema.add_field("v", vector, dim=64 if kind == "minhash" else 8)
    schema.add_function(Function("f", of, ["t"], ["v"], params=params))
    await client.create_collection("c", schema=schema)
    await client.drop_collection("c")


async def refused_of(call: Any, case: FunctionParameter) -> None:
    with pytest.raises(MilvusException, match=case.said or case.name) as refused:
        await call
    assert refused.value.code == 1100, case


async def test_a_function_of_a_schema_takes_each_parameter_or_refuses_it(client: Any) -> None:
    for case in OF_SCHEMAS:
        await define(client, case.kind, {**case.beside, case.name: case.good})
        if case.bad is not None:
            bad = {**case.beside, case.name: case.bad}
            await refused_of(define(client, case.kind, bad), case)


async def test_a_function_of_a_schema_refuses_what_it_does_not_know(client: Any) -> None:
    each_of = {case.beside.get("provider", ""): case for case in OF_SCHEMAS}
    assert len(each_of) > 13
    for case in each_of.values():
        with pytest.raises(ParamError, match="unheard_of"):
            await define(client, case.kind, {**case.beside, case.name: case.good, "unheard_of": 1})
    with pytest.raises(ParamError, match="BM25 function accepts no params: bm25_k1"):
        await bm25_with_params(client)


async def bm25_with_params(client: Any) -> None:
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("t", DataType.VARCHAR, max_length=50, enable_analyzer=True)
    schema.add_field("v", DataType.SPARSE_FLOAT_VECTOR)
    function = Function("f", FunctionType.BM25, ["t"], ["v"], params={"bm25_k1": 1.2})
    await client.create_collection("c", schema=schema.add_function(function))


async def test_keys_are_no_parameters(client: Any) -> None:
    for name in NEVER:
        with pytest.raises(ParamError, match="allow_model_endpoint"):
            await define(
                client, "embedding", {"provider": "openai", "model_name": "m", name: "secret"}
            )


async def test_what_has_another_place_or_none_is_refused_by_name(client: Any) -> None:
    with pytest.raises(NotSupportedError, match="provider zilliz"):
        await define(client, "embedding", {"provider": "zilliz", "model_deployment_id": "d"})
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    rerank = Function("f", FunctionType.RERANK, ["id"], params={"reranker": "rrf"})
    with pytest.raises(MilvusException, match=r"Rerank .*ranker|RERANK"):
        await client.create_collection("c", schema=schema.add_function(rerank))


def lengths(query: str, texts: Sequence[str]) -> list[float]:
    return [float(len(text)) for text in texts]


async def filled(client: Any) -> None:
    register_reranker("lengths", lengths)
    schema = client.raw.create_schema()
    schema.add_field("id", DataType.INT64, is_primary=True)
    schema.add_field("v", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("k", DataType.INT64)
    schema.add_field("t", DataType.VARCHAR, max_length=9)
    index = client.raw.prepare_index_params("v", index_type="FLAT", metric_type="L2")
    await client.create_collection("c", schema=schema, index_params=index)
    rows = [{"id": at, "v": [at, 0.0], "k": at, "t": "x" * at} for at in range(1, 6)]
    await client.insert("c", rows)


async def ranked(client: Any, kind: str, params: dict[str, Any]) -> int:
    if kind in ("rrf", "weighted"):
        parts = [AnnSearchRequest([[0.0, 0.0]], "v", {}, limit=3)] * 2
        ranker = Function("f", FunctionType.RERANK, [], params=params)
        return len((await client.hybrid_search("c", parts, ranker, limit=3))[0])
    fields = {"decay": ["k"], "model": ["t"]}.get(kind, [])
    ranker = Function("f", FunctionType.RERANK, fields, params=params)
    found = await client.search("c", [[0.0, 0.0]], anns_field="v", limit=3, ranker=ranker)
    return len(found[0])


async def test_a_reranker_takes_each_parameter_or_refuses_it(client: Any) -> None:
    await filled(client)
    for case in (*OF_SEARCHES, *OF_HYBRIDS):
        if case.good is not None:  # else a service would be asked
            assert await ranked(client, case.kind, {**case.beside, case.name: case.good}) == 3
        bad = {**case.beside, case.name: case.bad}
        await refused_of(ranked(client, case.kind, bad), case)


async def test_a_reranker_refuses_what_it_does_not_know(client: Any) -> None:
    await filled(client)
    for case in (*OF_SEARCHES, *OF_HYBRIDS):
        params = {**case.beside, "unheard_of": 1}
        if case.kind == "model":
            params.setdefault("provider", "lengths")
        with pytest.raises(ParamError, match="unheard_of"):
            await ranked(client, case.kind, params)


def test_the_page_on_search_and_the_cases_name_the_same_parameters_of_providers() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("| `provider` | parameters |")[2]
    table = text.partition("\n\n")[0]
    on_page = {
        (provider, name)
        for provider, cell in re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE)
        for name in re.findall(r"`([a-z_]+)`", re.sub(r"\([^)]*\)", "", cell))
    }
    walked = {
        (case.beside["provider"], case.name) for case in OF_SCHEMAS if "provider" in case.beside
    }
    assert len(on_page) > 30
    assert on_page <= walked, on_page - walked
    alone = {each for each in walked if each[1] not in UNASKED}
    assert alone <= on_page, alone - on_page
    assert all(f"`{name}`" in PAGE.read_text(encoding="utf-8") for name in UNASKED)
