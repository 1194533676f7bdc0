"""Measurements: ourselves, the raw index library and peers, in one run on the same data."""
