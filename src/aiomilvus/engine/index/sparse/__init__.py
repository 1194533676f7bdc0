"""Sparse vectors: inverted indexes with top-k pruning, under the metrics IP and BM25.

`index.SparseIndex` serves an immutable segment, `growing.GrowingSparseIndex` one that still
grows; both give the same scores. `scoring` turns queries into weights, `sparse_params` checks
index and search parameters, `kernels` holds the compiled search, `exact` its plain
counterpart. The query and storage parts of the engine call this package.
"""
