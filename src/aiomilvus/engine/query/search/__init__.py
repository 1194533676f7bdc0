"""Searches: the rows nearest to vectors or texts, merged over views, grouped, and paged."""
