"""Which scalar indexes can answer a leaf of a filter on one view."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aiomilvus.engine.index.scalar.json_path_index import build_paths, kind_asked, path_of
from aiomilvus.expr.predicate import field_of
from aiomilvus.model.columns import BytesColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.index.contract import ScalarIndex
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.expr.predicate import Compare, Leaf

    Specs = dict[str, list[IndexSpec]]

CAST = "json_cast_function"


def specs_of(snapshot: Snapshot) -> Specs:
    """Return the scalar indexes by field; kept with the snapshot."""
    kept = snapshot.cache.scalar_indexes
    if kept is None:
        kept = {}
        for spec in snapshot.indexes.values():
            if not spec.metric:
                kept.setdefault(spec.field, []).append(spec)
        snapshot.cache.scalar_indexes = kept
    return kept


def indexes_for(
    snapshot: Snapshot, view: SegmentView, leaf: Leaf
) -> Iterator[tuple[IndexSpec, ScalarIndex]]:
    """Yield the built indexes on the field that a leaf reads."""
    specs = specs_of(snapshot)
    if not specs:
        return
    for spec in specs.get(field_of(leaf), ()):
        index = view.segment.scalar_index(spec.id) if view.segment.sealed else None
        if index is None and CAST in spec.params:
            index = _converted(snapshot, view, spec, leaf)
        if index is not None:
            yield spec, index


def _converted(
    snapshot: Snapshot, view: SegmentView, spec: IndexSpec, leaf: Leaf
) -> ScalarIndex | None:
    """Return an index made on the spot, for rows that have none yet.

    An index that converts text to numbers changes what a filter means; so that rows do not
    change sides when their segment's index is built, it is made here until then.
    """
    if kind_asked(leaf, exact=False) != "DOUBLE":
        return None
    field = snapshot.schema.by_name[spec.field]
    path = cast("Compare", leaf).operand.path  # type: ignore[union-attr]  # `kind_asked` checked
    if path != path_of(field, spec.params.get("json_path", "")):
        return None
    kept = view.row_cache.converted
    if spec.id not in kept:
        column = view.segment.column(field).slice(0, view.num_rows)
        kept[spec.id] = build_paths(spec, field, BytesColumn.expect(column))
    return kept[spec.id]


def counted(snapshot: Snapshot, view: SegmentView, leaf: Leaf) -> int | None:
    """Return how many rows a leaf is TRUE for, deleted ones too, if an index can tell."""
    told = count_told(snapshot, view, leaf)
    return None if told is None else told[1]


def count_told(snapshot: Snapshot, view: SegmentView, leaf: Leaf) -> tuple[str, int] | None:
    """Return what `counted` does, behind the name of the index that tells it."""
    for spec, index in indexes_for(snapshot, view, leaf):
        found = index.count(leaf)
        if found is not None:
            return spec.name, found
    return None
