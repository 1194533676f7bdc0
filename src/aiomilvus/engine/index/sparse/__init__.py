"""Sparse vectors: inverted indexes with top-k pruning, under the metrics IP and BM25.

`index.SparseIndex` serves an immutable segment, `growing.GrowingSparseIndex` one that still
grows; both give the same scores. `scoring` turns queries into weights, `sparse_params` checks
index and search parameters, `exact` scores in plain numpy. `kernel_entries` is the compiled
search, made of `maxscore_kernels`, `heap_kernels` and the tuples of `kernel_arguments`;
`kernel_caller` calls it. The query and storage parts of the engine call this package.
"""
