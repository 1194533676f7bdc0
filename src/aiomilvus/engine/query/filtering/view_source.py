"""A segment view as the source that filters are evaluated on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.query.filtering.index_lookup import indexes_for
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.growing_match import GrowingTextIndex
from aiomilvus.expr.json_paths import JsonValues, Shredder
from aiomilvus.expr.predicate import PhraseMatch, TextMatch
from aiomilvus.expr.source import ColumnSource
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.expr.predicate import FuzzyMatch, Leaf
    from aiomilvus.model.columns import Column


class SegmentSource(ColumnSource):
    """The rows that a view shows, deleted ones included.

    What is derived from the columns of a sealed segment (shredded JSON) is kept with the
    segment; of a growing one, with the view.
    """

    def __init__(self, snapshot: Snapshot, view: SegmentView) -> None:
        self._schema = snapshot.schema
        self._snapshot = snapshot
        self._view = view
        self._cache = view.row_cache

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return self._view.num_rows

    def column(self, name: str) -> Column:
        """Return the column called `name`."""
        column = self._view.segment.column(self._schema.by_name[name])
        rows = self._view.num_rows
        return column if len(column) == rows else column.slice(0, rows)

    def json_path(
        self, field: str, path: tuple[str, ...], rows: NDArray[np.int64] | None = None
    ) -> JsonValues:
        """Return what `path` leads to, shredded at the first use."""
        number = self._schema.by_name[field].id
        shredder = self._cache.json.get(number)
        if shredder is None:
            shredder = Shredder(BytesColumn.expect(self.column(field)))
            self._cache.json[number] = shredder
        return shredder.values(path, rows)

    def index_lookup(self, leaf: Leaf) -> NDArray[np.bool_] | None:
        """Return for which rows `leaf` is TRUE, if a scalar index can tell."""
        for _, index in indexes_for(self._snapshot, self._view, leaf):
            found = index.lookup(leaf)
            if found is not None:
                return found
        return None

    def index_known(self, leaf: Leaf) -> NDArray[np.bool_] | None:
        """Return where a leaf on a JSON path is TRUE or FALSE, if a scalar index can tell."""
        for _, index in indexes_for(self._snapshot, self._view, leaf):
            known = index.known(leaf)
            if known is not None:
                return known
        return None

    def text_match(self, leaf: TextMatch | PhraseMatch | FuzzyMatch) -> NDArray[np.bool_]:
        """Return which rows' text matches."""
        field = self._schema.by_name[leaf.field]
        analyzer = build_analyzer(field.params.get("analyzer_params"))
        kept = self._view.segment.cache.text
        index = kept.get(field.id)
        if index is None:
            index = kept[field.id] = GrowingTextIndex(analyzer)
        view = index.view_of(BytesColumn.expect(self.column(leaf.field)))
        if isinstance(leaf, TextMatch):
            return view.match(analyzer.tokens(leaf.query), leaf.minimum_should_match)
        if isinstance(leaf, PhraseMatch):
            tokens = analyzer.detail(leaf.query)
            return view.phrase([t.term for t in tokens], [t.position for t in tokens], leaf.slop)
        return view.fuzzy(analyzer.tokens(leaf.query), leaf.max_edit_distance)
