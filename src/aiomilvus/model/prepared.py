"""A search that was checked and planned, and waits for vectors.

The engine makes it; the client's embedded backend finds it again and runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeGuard

    from aiomilvus.model.columns import Column, VectorColumn
    from aiomilvus.model.operations.data import Search
    from aiomilvus.model.results import SearchResult
    from aiomilvus.model.schema import Field


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

    def fits(self, queries: Column | None) -> TypeGuard[VectorColumn]:
        """Return whether it can be asked with these queries."""

    def seconds(self, queries: VectorColumn) -> float:
        """Return how long it will take with these queries, roughly."""

    def search(self, queries: VectorColumn) -> SearchResult:
        """Return the hits of each query."""

    def search_all(self, parts: Sequence[VectorColumn]) -> list[SearchResult]:
        """Return the hits of several searches' queries, run as one."""
