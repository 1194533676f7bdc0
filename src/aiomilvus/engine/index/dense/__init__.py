"""Indexes over dense vectors: exact search by numpy, graphs and inverted lists by faiss.

`registry` builds and opens them. Besides, `engine.query` asks this package for what searches
growing rows, and for what it needs to check, estimate and rerank searches; `engine.maintenance`
extends growing graphs, and replaces them.
"""
