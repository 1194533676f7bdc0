"""Which rows an operation may return: partitions, deletions and the filter, as masks of views."""
