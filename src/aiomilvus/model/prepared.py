"""Reads that were checked and planned, and wait for vectors or keys.

The engine makes them; the client's embedded backend finds them again and runs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.model.columns import Column, SparseColumn, VectorColumn
    from aiomilvus.model.operations.data import Query, Search
    from aiomilvus.model.results import QueryResult, SearchResult
    from aiomilvus.model.schema import Field

    Queries = VectorColumn | SparseColumn
    """What a prepared search is asked with."""


class Prepared(Protocol):
    """A search without its vectors, checked and planned on what a collection has at one moment."""

    def __hash__(self) -> int:
        """Searches that wait together are told apart by their identity."""

    @property
    def field(self) -> Field:
        """What is searched."""

    @property
    def operation(self) -> Search:
        """One of the searches, without its queries."""

    def ready(self, queries: Column | None) -> Queries | None:
        """Return queries as it is asked with them; None if it can't be.

        Vectors stay as they are; short texts become their terms, which takes microseconds.

        Raises:
            ParamError: A text can't be spelled in UTF-8.
        """

    def seconds(self, queries: Queries) -> float:
        """Return how long it will take with these queries, roughly."""

    def search(self, queries: Queries) -> SearchResult:
        """Return the hits of each query."""

    def search_batch(self, parts: Sequence[Queries]) -> list[SearchResult]:
        """Return the hits of several searches' queries, run as one."""


class Lookup(Protocol):
    """A read of some keys without these, checked and planned as a `Prepared` is.

    Or one that is about all rows, as a count is: it has no keys.
    """

    @property
    def field(self) -> Field:
        """The primary key."""

    @property
    def operation(self) -> Query:
        """One of the reads, without its keys."""

    def fits(self, keys: Column | None) -> bool:
        """Return whether it can be asked for these keys: they are few; None for all rows."""

    def seconds(self, keys: Column | None) -> float:
        """Return how long it will take with these keys, roughly."""

    def look_up(self, keys: Column | None) -> QueryResult:
        """Return the rows with these keys, in the order of the keys; or what all rows give."""
