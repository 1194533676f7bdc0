"""What segments, views and snapshots keep of their own, to be had again at once.

Each of them owns one cache object, made with it and gone with it, so nothing here outlives what it
was derived from. Nothing is shared between two: a view that replaces another begins with an
empty cache. Readers and the writer work on these without a lock. Each step is one operation on a
dict or an attribute, which is atomic; two threads that miss at once both derive the same thing,
and one of the two is kept. Copy a dict (``list(d)``, ``d.copy()``) before walking over it.

=================  ==========================================  =================================
entry              what it is                                  bound
=================  ==========================================  =================================
`SegmentCache`     of a segment's rows, sealed or growing      the segment's life
 keys              finds rows by primary key (sealed)          one
 rising_keys       whether keys rise with the rows             one
 filled            columns of younger fields (growing)         one a field; goes with the first
                                                               row that has the field
 rows              see `RowCache` (sealed)                     one
 text              token index for ``text_match``              one a field
 statistics        BM25 term statistics (sealed)               one a field
 growing_terms     the same, followed while rows grow          one a field
 sparse            inverted index of rows without a built one  one an index
 graphs            graph and codes, extended beside the        one an index
                   writes
 graph_searchers   searchers of the rows in these              one an index; goes when the
                                                               segment's own index is built
 searchers         what searches the field (external)          one an index; goes with the columns
`RowCache`         of rows that stay as they are
 json              shredded documents                          one a field
 converted         index that converts JSON text to numbers    one an index
`ViewCache`        of one view                                 the view's life
 alive, counted    masks of the rows that are there            one each
 masks             masks of the filters last used              `KEPT_MASKS`, then emptied
 searchers         what searches a vector field                one an index
 alone             the view, read without other partitions     one
 unexpired         the view without its expired rows           one
 rows              see `RowCache` (growing)                    one
`SnapshotCache`    of one snapshot                             the snapshot's life
 status            what a scrape of the metrics is told        one
 targets           vector field and index by name              one a field
 scalar_indexes    scalar indexes by field                     one
 scorings          BM25 scoring over all rows                  one an index
 restricted        views as a read of some partitions sees     `KEPT_RESTRICTED`, then emptied
 prepared          searches that were checked and planned      `KEPT_SEARCHES`, then emptied
 lookups           the same for reads of some keys, or counts  `KEPT_SEARCHES`, then emptied
=================  ==========================================  =================================

When an index or a field is dropped, `SegmentCache.retain_only` lets go of what was kept for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Container, Hashable

    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.index.contract import ScalarIndex, Searcher
    from aiomilvus.engine.index.dense.growing_graph import GrowingGraph, Grown
    from aiomilvus.engine.index.search_target import SearchTarget
    from aiomilvus.engine.index.sparse.growing import GrowingSparseIndex
    from aiomilvus.engine.index.sparse.scoring import Scoring
    from aiomilvus.engine.text.growing_match import GrowingTextIndex
    from aiomilvus.engine.text.statistics import CorpusStatistics, GrowingStatistics
    from aiomilvus.expr.json_paths import Shredder
    from aiomilvus.model.columns import Column
    from aiomilvus.model.prepared import Lookup, Prepared
    from aiomilvus.model.status import CollectionStatus

    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]

KEPT_MASKS = 16
"""Masks take a byte a row: 16 of them over a million rows are 16 MB."""
KEPT_RESTRICTED = 16
"""Sets of partitions: each keeps a mask of a byte a row for segments with repeated keys."""
KEPT_SEARCHES = 16
"""Prepared searches of a snapshot: each may hold masks of a byte a row."""


class KeyFinder(Protocol):
    """Finds a sealed segment's rows by primary key."""

    def find(self, keys: Column) -> Rows:
        """Return each key's newest row, int64 (m,); -1 where there is none."""

    def find_all(self, keys: Column) -> Rows:
        """Return every row that has one of `keys`, rising, int64."""


class RisingKeys(NamedTuple):
    """What is known of the order of a segment's primary keys.

    Attributes:
        rows: So many rows were looked at.
        last: The key of the last of them, 0 where keys are texts.
        rising: Whether each key so far is greater than the one before.
    """

    rows: int = 0
    last: np.int64 | int = 0
    rising: bool = True


class RowCache:
    """What is derived from rows that stay as they are: a sealed segment's, or a view's."""

    __slots__ = ("converted", "json")

    def __init__(self) -> None:
        self.json: dict[int, Shredder] = {}
        self.converted: dict[int, ScalarIndex | None] = {}  # None: it can't be made


class SegmentCache:
    """What a segment keeps of its own rows; shared by all objects for a sealed one."""

    __slots__ = (
        "filled",
        "graph_searchers",
        "graphs",
        "growing_terms",
        "keys",
        "rising_keys",
        "rows",
        "searchers",
        "sparse",
        "statistics",
        "text",
    )

    def __init__(self) -> None:
        self.keys: KeyFinder | None = None
        self.rising_keys = RisingKeys()
        self.rows = RowCache()
        self.filled: dict[int, Column] = {}
        self.text: dict[int, GrowingTextIndex] = {}
        self.statistics: dict[int, CorpusStatistics] = {}
        self.growing_terms: dict[int, GrowingStatistics] = {}
        self.sparse: dict[int, GrowingSparseIndex] = {}
        self.graphs: dict[int, GrowingGraph] = {}
        self.graph_searchers: dict[int, Grown] = {}
        self.searchers: dict[int, Searcher] = {}

    def forget_columns(self) -> None:
        """Let go of what holds columns and is soon made again."""
        for table in (self.searchers, self.graph_searchers, self.rows.json, self.rows.converted):
            table.clear()

    def retain_only(self, fields: Container[int], indexes: Container[int]) -> None:
        """Let go of what was kept for fields and indexes other than these, by id."""
        by_field: tuple[dict[int, object], ...] = (
            *(self.rows.json, self.filled, self.text, self.statistics),  # type: ignore[assignment]  # keys alone are read
            self.growing_terms,
        )
        by_index: tuple[dict[int, object], ...] = (
            *(self.rows.converted, self.sparse, self.graphs),  # type: ignore[assignment]  # as above
            *(self.graph_searchers, self.searchers),
        )
        for tables, kept in ((by_field, fields), (by_index, indexes)):
            for table in tables:
                for number in [number for number in list(table) if number not in kept]:
                    table.pop(number, None)


V = TypeVar("V")


class ViewCache(Generic[V]):
    """What a view keeps. `V` is the view's own class, which is defined above this module."""

    __slots__ = ("alive", "alone", "counted", "masks", "rows", "searchers", "unexpired")

    def __init__(self) -> None:
        self.alive: Bools | None = None
        self.counted: Bools | None = None
        self.masks: dict[tuple[object, ...], Bools] = {}
        self.searchers: dict[int, Searcher] = {}
        self.alone: V | None = None
        self.unexpired: tuple[Bools, V] | None = None
        self.rows = RowCache()

    def keep_mask(self, key: tuple[object, ...], mask: Bools) -> None:
        """Keep the mask of a filter; `key` begins with the filter's text."""
        if len(self.masks) >= KEPT_MASKS:
            self.masks.clear()
        self.masks[key] = mask

    def mask_of(self, text: str) -> Bools | None:
        """Return a mask that was kept for a filter, None where there is none."""
        # Other threads keep masks meanwhile: a copy is made in one step, a walk is not.
        for key, mask in self.masks.copy().items():
            if key[0] == text:
                return mask
        return None


class SnapshotCache(Generic[V]):
    """What a snapshot keeps. `V` is the class of its views."""

    __slots__ = (
        "lookups",
        "prepared",
        "restricted",
        "scalar_indexes",
        "scorings",
        "status",
        "targets",
    )

    def __init__(self) -> None:
        self.status: CollectionStatus | None = None
        self.targets: dict[str, SearchTarget] = {}
        self.scalar_indexes: dict[str, list[IndexSpec]] | None = None
        self.scorings: dict[int, Scoring] = {}
        self.restricted: dict[tuple[int, ...], tuple[V, ...]] = {}
        self.prepared: dict[Hashable, Prepared] = {}
        self.lookups: dict[Hashable, Lookup] = {}

    def keep_restricted(self, segments: tuple[int, ...], views: tuple[V, ...]) -> None:
        """Keep the views as a read of these segments alone sees them."""
        if len(self.restricted) >= KEPT_RESTRICTED:
            self.restricted.clear()
        self.restricted[segments] = views

    def keep_prepared(self, key: Hashable, search: Prepared) -> None:
        """Keep a search that is the same the next time except for its vectors."""
        if len(self.prepared) >= KEPT_SEARCHES:
            self.prepared.clear()
        self.prepared[key] = search

    def keep_lookup(self, key: Hashable, lookup: Lookup) -> None:
        """Keep a read that is the same the next time except for its keys."""
        if len(self.lookups) >= KEPT_SEARCHES:
            self.lookups.clear()
        self.lookups[key] = lookup
