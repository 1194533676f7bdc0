"""Vectors in arrays of structs: search for single elements, and for whole lists."""
