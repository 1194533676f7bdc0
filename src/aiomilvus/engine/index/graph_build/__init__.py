"""Building HNSW graphs by comparing whole groups of neighbouring rows at once."""
