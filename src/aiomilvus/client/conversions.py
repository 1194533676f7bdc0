"""Requests out of loose arguments, results out of answers: what of the client needs numpy.

Importing the client stays cheap because this is imported when the first client is made.
"""

from __future__ import annotations

from aiomilvus.client.requests import (
    changes,
    examples,
    primary_keys,
    read_options,
    reading,
    shapes,
    vectors,
    writing,
)
from aiomilvus.client.results.changes import changes_of
from aiomilvus.client.results.extra_list import (
    ExtraList,
    deleted,
    inserted,
    nothing_written,
    upserted,
)
from aiomilvus.client.results.pages import Source, chosen_page, page_of
from aiomilvus.client.results.search import SearchResult
from aiomilvus.model.rows.insertion import Insertion


class Conversions:
    """The functions of `requests` and `results` that the methods of a client call."""

    insertion = Insertion
    upsert = staticmethod(writing.upsert)
    delete = staticmethod(writing.delete)
    filter_to_delete = staticmethod(writing.filter_to_delete)
    keys_to_delete = staticmethod(writing.keys_to_delete)
    field_operations = staticmethod(writing.field_operations)
    size_of = staticmethod(writing.size_of)
    search = staticmethod(reading.search)
    search_shape = staticmethod(shapes.search_shape)
    lookup_shape = staticmethod(shapes.lookup_shape)
    queries = staticmethod(vectors.query_column)
    keys = staticmethod(primary_keys.column_of)
    hybrid_search = staticmethod(reading.hybrid_search)
    query = staticmethod(reading.query)
    examples_query = staticmethod(examples.examples_query)
    asked_by_examples = staticmethod(examples.asked_by_examples)
    moment_of = staticmethod(read_options.moment_of)
    read_changes = staticmethod(changes.read_changes)
    check_wait = staticmethod(changes.check_wait)
    changes_of = staticmethod(changes_of)
    inserted = staticmethod(inserted)
    upserted = staticmethod(upserted)
    empty = staticmethod(nothing_written)
    deleted = staticmethod(deleted)
    search_result = SearchResult
    page_of = staticmethod(page_of)
    page_source = Source
    chosen_page = staticmethod(chosen_page)
    rows = ExtraList
