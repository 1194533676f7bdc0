"""Sets of values that a filter asks about: bloom filters and roaring bitmaps, as Milvus' bytes."""
