"""Which parameters the engine knows by name."""

from __future__ import annotations

import pytest

from aiomilvus.engine.index.build_params import DENSE_TYPES, SPARSE_TYPES
from aiomilvus.engine.index.lists import building, lemur, muvera
from aiomilvus.engine.index.param_values import Share, Whole
from aiomilvus.engine.index.parameter_names import (
    BUILD_NAMES,
    NAMES,
    SEARCH_NAMES,
    SEARCH_WORDS,
    refuse_slips,
)
from aiomilvus.errors import ParamError
from aiomilvus.model.index_definitions import LIST_NAMES
from tests.support.milvus_parameters import BUILD, SEARCH


def test_every_index_type_and_parameter_is_in_the_table_of_those_that_are_walked():
    kinds = {case.kind for case in BUILD} | {"FLAT", "SPARSE_WAND"}
    assert {*DENSE_TYPES, *SPARSE_TYPES} <= kinds
    scalar = {"min_gram", "max_gram", "json_path", "json_cast_type", "json_cast_function"}
    general = {"index_type", "metric_type", "params", "dim", "index_name", "warmup"}
    general |= {"mmap.enabled", "indexoffsetcache.enabled", "bitmap_cardinality_limit"}
    general |= {"bm25_avgdl", "max_empty_result_buckets", "rbq_bits_query"}
    lists = LIST_NAMES | {"emb_list_rerank", "retrieval_ann_ratio"}
    walked = {case.name for case in (*BUILD, *SEARCH)} | scalar | general | lists
    assert walked >= BUILD_NAMES | (SEARCH_NAMES - SEARCH_WORDS)


def test_the_names_of_lists_are_those_that_the_encoders_read():
    values = [each for module in (lemur, muvera) for each in vars(module).values()]
    read = {each.name for each in values if isinstance(each, (Whole, Share))}
    assert read | {building.STRATEGY} == LIST_NAMES


@pytest.mark.parametrize("known", [NAMES, SEARCH_NAMES])
@pytest.mark.parametrize("name", ["nq", "m2", "k", "itopk_size", "trace_visit"])
def test_a_short_or_strange_name_is_no_slip(name: str, known: frozenset[str]):
    refuse_slips([name], known)


@pytest.mark.parametrize("name", ["lists", "hash_code_in_memory", "refine_ratio"])
def test_what_others_call_something_of_theirs_is_no_slip_in_a_search(name: str):
    refuse_slips([name], NAMES)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("EF", "ef"), ("NRQ", "nrq"), ("nporbe", "nprobe"), ("eff", "ef"), ("efs", "ef")],
)
def test_the_same_letters_and_what_is_nearly_a_name_are_slips(name: str, meant: str):
    with pytest.raises(ParamError, match=f"unknown parameter '{name}': did you mean '{meant}'"):
        refuse_slips([name], NAMES)
