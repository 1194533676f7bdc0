"""What an index promises to whoever builds and searches it.

Row numbers are positions in one segment, int64 from 0. A mask is a bool array over a segment's
rows with True for rows that may be returned.
"""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column

    Bools = NDArray[np.bool_]

Allowed: TypeAlias = "Bools | int | None"
"""Which rows may be hits: a mask, how many where the mask is not known yet, None for all."""
Stored: TypeAlias = "tuple[dict[str, NDArray[Any]], dict[str, Any]]"
"""Arrays to be stored, then memory-mapped, and a JSON-able description."""
Strategy = Literal["index", "codes", "exact"]
VECTORS = "vectors"
"""What is compared where a search looks at the vectors themselves and nothing else."""


def count_of(allowed: Allowed) -> int | None:
    """Return how many rows may be hits, None for all."""
    if allowed is None or isinstance(allowed, int):
        return allowed
    return int(np.count_nonzero(allowed))


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

    def unless(self, is_needless: Callable[[], bool]) -> BuildBudget:
        """Return the same for work that may become needless while it is done."""
        return BuildBudget(
            self.threads, lambda seconds: self.keep_going(seconds) and not is_needless()
        )

    def check_wanted(self) -> None:
        """Return if the work is still wanted, however long the rest takes.

        Raises:
            BuildStoppedError: It is not.
        """
        if not self.keep_going(inf):
            raise BuildStoppedError

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


UNLIMITED = BuildBudget(threads=1)
"""For builds that nobody gives up."""


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


class SearchPlan(NamedTuple):
    """How one search is done. `search` makes it and follows it; `explain` shows the same one.

    Attributes:
        strategy: ``index`` goes through the structure; ``codes`` compares short codes of all
            allowed rows, and the vectors of the best of these; ``exact`` compares all allowed
            rows.
        compares: What is compared with a query, for people to read.
        microseconds: What one query takes, roughly; the constants are those of `costs`.
        ef: How much of the structure is searched, in the index type's own unit: ``ef``,
            ``search_list`` or ``nprobe``; 0 where nothing is to be said.
        candidates: How many rows the structure is asked for, of which the best k are kept by
            their vectors; k where it compares these itself.
        codes: Bits a dimension of the codes that are compared first, 0 for none.
    """

    strategy: Strategy
    compares: str
    microseconds: float
    ef: int = 0
    candidates: int = 0
    codes: int = 0


class Searcher(Protocol):
    """Something that finds the nearest of some rows' vectors.

    Safe to search from several threads at once; releases the GIL for the heavy part.
    """

    def plan(
        self,
        queries: Column | None,
        k: int,
        params: Mapping[str, Any],
        allowed: Allowed,
        *,
        in_range: bool = False,
    ) -> SearchPlan:
        """Return how `search`, or `range_search`, answers now.

        Args:
            queries: What is asked; None, or texts, before it is known: one query of a usual kind.
            k: As of `search`; without a meaning in a range.
            params: As of `search`.
            allowed: Which rows may be hits.
            in_range: The range search is meant.

        Raises:
            ParamError: As `search`.
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

    def to_arrays(self) -> Stored:
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

    def to_arrays(self) -> Stored:
        """Return arrays (to be stored, then memory-mapped) and a JSON-able description."""
