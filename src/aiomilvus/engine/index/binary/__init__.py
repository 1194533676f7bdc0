"""Exact search over binary vectors (`exact`), and the index that scans a sealed segment."""
