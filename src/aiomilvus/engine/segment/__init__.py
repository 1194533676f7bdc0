"""Rows at rest: growing segments in memory, sealed ones in memory-mapped files."""
