"""Which parameters the engine knows by name."""

from __future__ import annotations

from aiomilvus.engine.index.build_params import DENSE_TYPES, SPARSE_TYPES
from aiomilvus.engine.index.parameter_names import BUILD_NAMES, SEARCH_NAMES, SEARCH_WORDS
from tests.support.milvus_parameters import BUILD, SEARCH


def test_every_index_type_and_parameter_is_in_the_table_of_those_that_are_walked():
    kinds = {case.kind for case in BUILD} | {"FLAT", "SPARSE_WAND"}
    assert {*DENSE_TYPES, *SPARSE_TYPES} <= kinds
    scalar = {"min_gram", "max_gram", "json_path", "json_cast_type", "json_cast_function"}
    general = {"index_type", "metric_type", "params", "dim", "index_name", "warmup"}
    general |= {"mmap.enabled", "indexoffsetcache.enabled", "bitmap_cardinality_limit"}
    general |= {"bm25_avgdl", "max_empty_result_buckets", "rbq_bits_query"}
    lists = {name for name in BUILD_NAMES | SEARCH_NAMES if name.startswith(("muvera", "lemur"))}
    lists |= {"emb_list_strategy", "emb_list_rerank", "retrieval_ann_ratio"}
    walked = {case.name for case in (*BUILD, *SEARCH)} | scalar | general | lists
    assert walked >= BUILD_NAMES | (SEARCH_NAMES - SEARCH_WORDS)
