"""What definitions of indexes may say, for whoever checks them and whoever hands them on."""

from __future__ import annotations

import re

MAX_INDEX_NAME = 255
AUTO_NAMES = frozenset({"index_type", "metric_type", "index_name", "params"})
"""What AUTOINDEX over vectors takes."""
LIST_NAMES = frozenset(
    """emb_list_strategy muvera_num_projections muvera_num_repeats muvera_seed lemur_hidden_dim
    lemur_num_train_samples lemur_num_epochs lemur_batch_size lemur_learning_rate lemur_seed
    lemur_num_layers""".split()
)
"""What says how lists of vectors are searched, whatever the index type; AUTOINDEX takes it, too."""


def fault_of_index_name(name: str) -> str:
    """Return what rule the name of an index breaks, in Milvus' words; "" for none."""
    if len(name.encode()) > MAX_INDEX_NAME:
        return f"The length of a index name must be less than {MAX_INDEX_NAME} characters."
    if not re.match(r"[A-Za-z_]", name):
        return "The first character of a index name must be an underscore or letter."
    if not re.fullmatch(r"[A-Za-z0-9_\[\]]*", name):
        return "Index name can only contain numbers, letters, and underscores."
    return ""
