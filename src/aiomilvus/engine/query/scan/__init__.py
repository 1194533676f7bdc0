"""Queries: rows by key or by filter, their order, and aggregates over them."""
