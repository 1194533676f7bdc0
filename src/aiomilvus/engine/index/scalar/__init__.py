"""Indexes over scalar columns: which rows hold which value (`inverted`), or may hold it."""
