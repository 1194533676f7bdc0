"""Odd values as every argument of what a schema, an index or a search is made of."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from aiomilvus import (
    AnnSearchRequest,
    CollectionSchema,
    DataType,
    FieldSchema,
    Function,
    FunctionType,
    MilvusClient,
    MilvusException,
    RRFRanker,
)
from aiomilvus.function_chain import FunctionChain, FunctionChainStage
from tests.support.odd_values import ODD

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = FieldSchema("id", DataType.INT64, is_primary=True)
TEXT = {"field_name": "a", "datatype": DataType.VARCHAR, "max_length": 5, "is_primary": True}
ROLES = {"auto_id": False, "is_partition_key": False, "is_clustering_key": False}
ANALYSIS = {"enable_analyzer": True, "analyzer_params": {}, "multi_analyzer_params": None}
ELEMENTS = {"element_type": DataType.INT64, "max_capacity": 5, "nullable": False}


def add_field(**given: Any) -> Any:
    return MilvusClient.create_schema().add_field(**given)


def add_index(**given: Any) -> Any:
    return MilvusClient.prepare_index_params().add_index(**given)


PARTS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "text": (add_field, {**TEXT, **ROLES, **ANALYSIS, "default_value": None, "nullable": False}),
    "array": (add_field, {"field_name": "a", "datatype": DataType.ARRAY, **ELEMENTS}),
    "vector": (add_field, {"field_name": "a", "datatype": DataType.FLOAT_VECTOR, "dim": 5}),
    "field": (FieldSchema, {"name": "a", "dtype": DataType.INT64, "default_value": 1}),
    "schema": (
        CollectionSchema,
        {"fields": [KEY], "enable_dynamic_field": True, "functions": [], "struct_fields": None},
    ),
    "made schema": (
        MilvusClient.create_schema,
        {"auto_id": False, "enable_dynamic_field": True, "partition_key_field": "a"},
    ),
    "index": (add_index, {"field_name": "v", "index_type": "FLAT", "params": {}}),
    "function": (
        Function,
        {"name": "f", "function_type": FunctionType.BM25, "input_field_names": ["a"]}
        | {"output_field_names": ["b"], "params": {}},
    ),
    "chain": (FunctionChain, {"stage": FunctionChainStage.L2_RERANK, "name": "x"}),
    "request": (
        AnnSearchRequest,
        {"data": [[0.0, 1.0]], "anns_field": "vector", "param": {}, "limit": 1, "expr": ""},
    ),
}


def check(name: str, call: Callable[..., Any], good: dict[str, Any]) -> None:
    for place in good:
        for value in ODD.values():
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", UserWarning)
                    call(**{**good, place: value})
            except MilvusException:
                continue
            except Exception as error:  # noqa: BLE001 - judged here, with the call in the message
                if not (isinstance(error, TypeError) and place in str(error)):
                    pytest.fail(f"{name}({place}={value!r:.200}): {error!r}")


@pytest.mark.parametrize("name", PARTS)
def test_an_odd_argument_is_taken_or_refused_as_it_is_given(name: str) -> None:
    check(name, *PARTS[name])


def test_odd_tuning_of_a_search_is_refused_by_an_error_of_milvus(odd_client: MilvusClient) -> None:
    def search(**params: Any) -> Any:
        return odd_client.search("c", [[0.0, 1.0]], limit=1, search_params=params)

    check("search_params", search, dict.fromkeys(("metric_type", "ignore_growing", "hints", "ef")))


def test_odd_parts_of_a_hybrid_search_are_refused_by_an_error_of_milvus(
    odd_client: MilvusClient,
) -> None:
    def search(**part: Any) -> Any:
        return odd_client.hybrid_search("c", [AnnSearchRequest(**part)], RRFRanker(), 1)

    good = {**PARTS["request"][1], "expr": "id > 0", "expr_params": {}}
    check("AnnSearchRequest", search, good)
