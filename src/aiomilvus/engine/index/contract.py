"""What an index promises to whoever builds and searches it.

Row numbers are positions in one segment, int64 from 0. A mask is a bool array over a segment's
rows with True for rows that may be returned.
"""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column


def without_warnings() -> np.errstate:
    """Return a context in which floats overflow to infinity in silence.

    The products of very long vectors are beyond float32. Such distances are infinite, or not a
    number where two infinities meet: these rows come last, or first, as they should. numpy would
    warn each time, on the user's error stream.
    """
    return np.errstate(over="ignore", invalid="ignore")


class BuildStoppedError(Exception):
    """A build was given up, as the database closes; the next one starts over."""


class BuildBudget(NamedTuple):
    """What building an index may use.

    Attributes:
        threads: Threads at most.
        keep_going: Asked again and again, with the seconds that the rest will take, roughly; False
            gives the work up.
    """

    threads: int
    keep_going: Callable[[float], bool] = lambda _: True

    def check(self, started: float, done: float) -> None:
        """Return if the work is still wanted.

        Args:
            started: When it began, as `time.monotonic` tells.
            done: Which share of it is done.

        Raises:
            BuildStoppedError: It is not.
        """
        took = monotonic() - started
        if not self.keep_going(took / done - took if done else inf):
            raise BuildStoppedError


class Found(NamedTuple):
    """Nearest rows of each query, best first.

    Attributes:
        scores: float32 (nq, k), Milvus' numbers and signs (L2 squared, IP, cosine…).
        rows: int64 (nq, k); -1 where fewer than k rows were found.
    """

    scores: NDArray[np.float32]
    rows: NDArray[np.int64]


class FoundInRange(NamedTuple):
    """All rows within a range, per query, best first.

    Attributes:
        offsets: int64 (nq + 1,).
        scores: float32 (hits,).
        rows: int64 (hits,).
    """

    offsets: NDArray[np.int64]
    scores: NDArray[np.float32]
    rows: NDArray[np.int64]


class Searcher(Protocol):
    """Something that finds the nearest of some rows' vectors.

    Safe to search from several threads at once; releases the GIL for the heavy part.
    """

    @property
    def metric(self) -> str:
        """Milvus' name of the metric."""

    @property
    def kind(self) -> str:
        """What really serves it, for `describe_index` and `explain` ("faiss HNSW float32")."""

    @property
    def num_rows(self) -> int:
        """How many rows there are."""

    def search(
        self, queries: Column, k: int, params: Mapping[str, Any], mask: NDArray[np.bool_] | None
    ) -> Found:
        """Return the `k` best allowed rows for each of the queries."""

    def range_search(
        self,
        queries: Column,
        radius: float,
        range_filter: float | None,
        params: Mapping[str, Any],
        mask: NDArray[np.bool_] | None,
    ) -> FoundInRange:
        """Return all allowed rows in the range (L2: [range_filter, radius), IP: (radius, …])."""


class VectorIndex(Searcher, Protocol):
    """A searcher over one vector column of one immutable segment, which can be stored."""

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return arrays (to be stored, then memory-mapped) and a JSON-able description."""


class ScalarIndex(Protocol):
    """A structure over one scalar column of one immutable segment that answers predicates."""

    kind: str
    num_rows: int

    def lookup(self, leaf: Any) -> NDArray[np.bool_] | None:
        """Return the mask of rows for which the bound leaf predicate is true.

        None means that this index can't answer the predicate, or no faster than a scan; the
        caller evaluates it.
        """

    def count(self, leaf: Any) -> int | None:
        """Return for how many rows the bound leaf predicate is true, None as `lookup`."""

    def known(self, leaf: Any) -> NDArray[np.bool_] | None:  # noqa: ARG002 - for JSON paths
        """Return where a leaf on a JSON path that `lookup` answers is true or false.

        None means that the index does not keep that.
        """
        return None

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return arrays (to be stored, then memory-mapped) and a JSON-able description."""
