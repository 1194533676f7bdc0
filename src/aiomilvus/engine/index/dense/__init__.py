"""Indexes over dense vectors: exact search by numpy, graphs and inverted lists by faiss.

`registry` builds and opens them; nobody else calls this package but `engine.query`, for exact
search over rows that no index covers.
"""
