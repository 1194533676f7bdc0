"""Indexes over scalar columns: which rows hold which value (`values`)."""
