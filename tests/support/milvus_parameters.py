"""Every parameter of Milvus' index types, with a value it takes and one that it refuses.

Names, ranges and types are those of Milvus 3.0. Each runs here, or changes nothing and is listed in
`docs/indexes.md` as doing so.
"""

from __future__ import annotations

from typing import NamedTuple

from aiomilvus import DataType


class Parameter(NamedTuple):
    """One parameter of one index type.

    Attributes:
        kind: Type of the index.
        name: Of the parameter.
        good, bad: Values; None for `bad` where Milvus takes anything.
        field: Type of the indexed field.
        metric: Of the index.
        with_it: Other parameters of the index.
    """

    kind: str
    name: str
    good: object
    bad: object
    field: DataType = DataType.FLOAT_VECTOR
    metric: str = "L2"
    with_it: tuple[tuple[str, object], ...] = ()


SPARSE, BITS, LISTS = DataType.SPARSE_FLOAT_VECTOR, DataType.BINARY_VECTOR, DataType.STRUCT
FACTORY = (("faiss_index_name", "IVF4,Flat"),)
BANDS = (("mh_lsh_band", 2),)

BUILD = (
    *(Parameter(kind, "M", 16, 1) for kind in ("HNSW", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ")),
    Parameter("HNSW", "efConstruction", 40, 0),
    Parameter("HNSW_SQ", "sq_type", "SQ6", "SQ7"),
    Parameter("HNSW_SQ", "refine", True, "perhaps"),
    Parameter("HNSW_SQ", "refine_type", "FP16", "FP8"),
    Parameter("HNSW_PQ", "m", 4, 3),
    Parameter("HNSW_PQ", "nbits", 4, 17),
    Parameter("HNSW_PRQ", "nrq", 2, 17),
    *(
        Parameter(kind, "nlist", 4, 0)
        for kind in ("IVF_FLAT", "IVF_SQ8", "IVF_PQ", "IVF_RABITQ", "SCANN")
    ),
    Parameter("IVF_PQ", "m", 4, 3),
    Parameter("IVF_PQ", "nbits", 4, 0),
    Parameter("IVF_RABITQ", "refine", True, "perhaps"),
    Parameter("IVF_RABITQ", "refine_type", "SQ8", "SQ9"),
    Parameter("SCANN", "with_raw_data", True, None),
    Parameter("FAISS", "faiss_index_name", "HNSW8,Flat", "Nothing"),
    Parameter("FAISS", "nprobe", 2, "many", with_it=FACTORY),
    Parameter("FAISS", "max_codes", 100, "many", with_it=FACTORY),
    Parameter("FAISS", "efSearch", 20, "many", with_it=(("faiss_index_name", "HNSW8,Flat"),)),
    Parameter("FAISS", "efConstruction", 9, "x", with_it=(("faiss_index_name", "HNSW8,Flat"),)),
    Parameter("FAISS", "k_factor", 2, "x", with_it=(("faiss_index_name", "IVF4,Flat,RFlat"),)),
    Parameter("FAISS", "ht", 3, "x", with_it=(("faiss_index_name", "IVF4,PQ4x4"),)),
    Parameter(
        "FAISS", "quantizer_efSearch", 9, "x", with_it=(("faiss_index_name", "IVF4_HNSW8,Flat"),)
    ),
    *(
        Parameter(kind, name, good, bad)
        for kind in ("DISKANN", "AISAQ")
        for name, good, bad in (
            ("max_degree", 32, 0),
            ("search_list_size", 50, 0),
            ("pq_code_budget_gb_ratio", 0.1, 2),
            ("search_cache_budget_gb_ratio", 0.1, -1),
        )
    ),
    Parameter("AISAQ", "disk_pq_code_budget_gb_ratio", 0.2, "x"),
    Parameter("AISAQ", "inline_pq", -1, 2049),
    Parameter("AISAQ", "rearrange", False, "perhaps"),
    Parameter("AISAQ", "num_entry_points", 100, 1001),
    Parameter("AISAQ", "pq_cache_size", 0, -1),
    Parameter("AISAQ", "pq_read_page_cache_size", 1024, 1 << 26),
    Parameter("AISAQ", "pq_read_io_engine", "uring", "dma"),
    Parameter("BIN_IVF_FLAT", "nlist", 4, 0, BITS, "HAMMING"),
    Parameter("MINHASH_LSH", "mh_lsh_band", 2, 0, BITS, "MHJACCARD"),
    Parameter("MINHASH_LSH", "mh_element_bit_width", 32, 33, BITS, "MHJACCARD", BANDS),
    Parameter("MINHASH_LSH", "mh_lsh_code_in_mem", True, "perhaps", BITS, "MHJACCARD", BANDS),
    Parameter("MINHASH_LSH", "with_raw_data", True, None, BITS, "MHJACCARD", BANDS),
    Parameter("MINHASH_LSH", "mh_lsh_bloom_false_positive_prob", 0.01, 2, BITS, "MHJACCARD", BANDS),
    *(
        Parameter("SPARSE_INVERTED_INDEX", name, good, bad, SPARSE, "IP")
        for name, good, bad in (
            ("inverted_index_algo", "sindi", "BEST"),
            ("sindi_window_size", 2048, 5),
            ("inverted_index_codec", "block_adaptive", "zip"),
            ("block_max_block_size", 64, 0),
            ("quant_type", "fp16", "u16"),
            ("drop_ratio_build", 0.1, 1),
            ("bm25_k1", 1.2, 4),
            ("bm25_b", 0.75, 2),
        )
    ),
)
"""What an index is built with."""

SEARCH = (
    *(
        Parameter(kind, "ef", 40, 0)
        for kind in ("HNSW", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ", "AUTOINDEX")
    ),
    *(
        Parameter(kind, "nprobe", 4, 0)
        for kind in ("IVF_FLAT", "IVF_SQ8", "IVF_PQ", "IVF_RABITQ", "SCANN")
    ),
    *(Parameter(kind, "refine_k", 2, 0) for kind in ("HNSW_SQ", "HNSW_PQ", "IVF_RABITQ")),
    Parameter("IVF_RABITQ", "rbq_query_bits", 4, 9),
    Parameter("SCANN", "reorder_k", 40, 0),
    Parameter("FAISS", "nprobe", 4, "many", with_it=FACTORY),
    Parameter("FAISS", "max_codes", 4, "many", with_it=FACTORY),
    *(
        Parameter("FAISS", name, good, "x", with_it=(("faiss_index_name", "HNSW8,Flat"),))
        for name, good in (
            ("efSearch", 20),
            ("check_relative_distance", True),
            ("bounded_queue", False),
        )
    ),
    Parameter("FAISS", "k_factor", 2, "x", with_it=(("faiss_index_name", "IVF4,Flat,RFlat"),)),
    Parameter("FAISS", "polysemous_ht", 8, "x", with_it=(("faiss_index_name", "PQ4x4"),)),
    Parameter("FAISS", "search_type", 0, "x", with_it=(("faiss_index_name", "PQ4x4"),)),
    Parameter("DISKANN", "search_list", 40, 0),
    Parameter("AISAQ", "search_list", 40, 0),
    Parameter("AISAQ", "beamwidth", 8, 17),
    Parameter("AISAQ", "vectors_beamwidth", 2, 5),
    Parameter("AISAQ", "pq_read_page_cache_size", 1024, 1 << 26),
    Parameter("BIN_IVF_FLAT", "nprobe", 4, 0, BITS, "HAMMING"),
    Parameter("MINHASH_LSH", "mh_search_with_jaccard", True, None, BITS, "MHJACCARD", BANDS),
    Parameter("MINHASH_LSH", "mh_lsh_batch_search", True, None, BITS, "MHJACCARD", BANDS),
    *(
        Parameter("SPARSE_INVERTED_INDEX", name, good, bad, SPARSE, "IP")
        for name, good, bad in (
            ("drop_ratio_search", 0.1, 1),
            ("dim_max_score_ratio", 1.0, 2),
            ("search_algo", "DAAT_WAND", "SINDI"),
            ("refine_factor", 2, 0.5),
            ("bulk_query_nnz_threshold", 10, -1),
        )
    ),
)
"""What a search says to an index."""

REFUSED = (
    *("GPU_BRUTE_FORCE", "GPU_IVF_FLAT", "GPU_IVF_PQ", "GPU_CAGRA"),
    *("SVS_VAMANA", "SVS_VAMANA_LVQ", "SVS_VAMANA_LEANVEC"),
)
"""Index types that this engine refuses by name."""
