"""Committed changes of a collection, read back from its logs."""
