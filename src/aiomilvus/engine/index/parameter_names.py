"""The names of all index and search parameters: a misspelt one is refused, others are ignored.

Milvus ignores what an index type does not take, so that programs may pass ``nprobe`` to a graph. A
name that is none of any type's, but nearly, is a slip: ignoring it would change the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.errors import ParamError
from aiomilvus.model.index_definitions import LIST_NAMES
from aiomilvus.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

BUILD_NAMES = frozenset(
    """index_type metric_type M efConstruction nlist m nbits nrq sq_type refine refine_type
    with_raw_data max_degree search_list_size inverted_index_algo drop_ratio_build bm25_k1 bm25_b
    bm25_avgdl mh_lsh_band mh_element_bit_width min_gram max_gram json_path json_cast_type
    json_cast_function bitmap_cardinality_limit mmap.enabled warmup params dim index_name
    faiss_index_name inline_pq num_entry_points pq_cache_size pq_read_page_cache_size
    pq_read_io_engine rearrange pq_code_budget_gb_ratio disk_pq_code_budget_gb_ratio
    search_cache_budget_gb_ratio sindi_window_size inverted_index_codec block_max_block_size
    quant_type mh_lsh_code_in_mem mh_lsh_bloom_false_positive_prob
    indexoffsetcache.enabled""".split()
).union(LIST_NAMES)
_INDEX_SEARCH_NAMES = frozenset(
    """ef nprobe search_list reorder_k refine_k rbq_query_bits rbq_bits_query drop_ratio_search
    dim_max_score_ratio search_algo refine_factor bulk_query_nnz_threshold beamwidth
    vectors_beamwidth pq_read_page_cache_size retrieval_ann_ratio emb_list_rerank
    max_empty_result_buckets mh_search_with_jaccard mh_lsh_batch_search""".split()
)
SEARCH_WORDS = frozenset(
    """metric_type analyzer_name radius range_filter level params offset limit topk round_decimal
    group_by_field group_size strict_group_size ignore_growing page_retain_order hints order_by
    order_by_fields anns_field iterative_filter_execution retain_iterator_order
    element_scope""".split()
)
"""What a search says to the engine, whatever the index type."""
SEARCH_NAMES = SEARCH_WORDS | _INDEX_SEARCH_NAMES
_OF_OTHERS = frozenset(["nq", "lists", "hash_code_in_memory", "refine_ratio"])
"""What Milvus' clients, its GPU indexes, Knowhere or other databases call something of theirs:
near a name above, but no slip of it."""
NAMES = BUILD_NAMES | SEARCH_NAMES | _OF_OTHERS
"""What is no slip in a search, which ignores what only building an index takes."""
_OTHER_WORDS = {
    "eff": "ef",
    "efs": "ef",
    "ef_search": "ef",
    "efsearch": "ef",
    "ef_construction": "efConstruction",
    "num_probes": "nprobe",
    "n_lists": "nlist",
    "n_list": "nlist",
}
_LIKENESS = 0.79
_SAME = 1.0
_MOST_LETTERS = 2
_FEWEST_LETTERS = 4
"""A shorter name is like others by chance: it is a slip only of the same letters."""


def refuse_slips(given: Iterable[object], known: frozenset[str]) -> None:
    """Raise ParamError for a name that is a slip of one of `known`, which it names."""
    for name in given:
        if not isinstance(name, str):
            message = f"parameter name {name!r} must be a text: invalid parameter"
            raise ParamError(message=message)
        if name in known:
            continue
        meant = _OTHER_WORDS.get(name.lower(), "")
        if meant not in known:
            likeness = _LIKENESS if len(name) >= _FEWEST_LETTERS else _SAME
            meant = nearest(name, known, likeness)
        if meant and abs(len(meant) - len(name)) <= _MOST_LETTERS + (name in _OTHER_WORDS) * 9:
            raise ParamError(
                message=f"unknown parameter {name!r}: did you mean {meant!r}?: invalid parameter"
            )
