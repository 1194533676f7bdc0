"""Queries whose filter is about elements of an array of structs: rows, and which elements pass.

As in Milvus, an element is a result of its own there: limit and offset count elements, and an
iteration may go on within a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.engine.query.fields.ordering import keys_behind
from aiomilvus.engine.query.filtering.view_source import SegmentSource
from aiomilvus.engine.query.scan.windows import bounds, in_order
from aiomilvus.expr.evaluate.evaluator import evaluate_elements
from aiomilvus.model.results import RowElements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.engine.query.fields.fetch import ViewRows
    from aiomilvus.engine.query.filtering.scope import Filter
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.operations.data import Query

    Longs = NDArray[np.int64]


def element_window(
    snapshot: Snapshot, op: Query, views: tuple[SegmentView, ...], predicate: Filter
) -> tuple[list[ViewRows], RowElements]:
    """Return the rows of the result in their order, and which of their elements are in it.

    Args:
        snapshot: What is read.
        op: Says how many elements, from where on, and the order of rows.
        views: Where to look.
        predicate: The bound filter, which has an ``element_filter``.
    """
    owners, rows = in_order(snapshot, op, views, predicate)
    numbers, elements = _passing(snapshot, views, predicate, owners, rows)
    if op.after_element >= 0 and op.cursor is not None and len(rows):
        keys = gather(snapshot.schema.primary, places_of(views, owners, rows))
        begun = ~keys_behind(keys, op.cursor)
        later = np.flatnonzero(~begun[numbers] | (elements > op.after_element))
        numbers, elements = numbers[later], elements[later]
    start, stop = bounds(op, len(elements))
    numbers, elements = numbers[start:stop], elements[start:stop]
    kept, counts = np.unique(numbers, return_counts=True)
    offsets = np.zeros(len(kept) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    places = places_of(views, owners[kept], rows[kept]) if views else []
    return places, RowElements(offsets, elements)


def _passing(
    snapshot: Snapshot,
    views: tuple[SegmentView, ...],
    predicate: Filter,
    owners: Longs,
    rows: Longs,
) -> tuple[Longs, Longs]:
    """Return the elements that pass: the number among `rows` that has each, and its place there."""
    numbers, elements = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for owner in np.unique(owners).tolist():
        mine = np.flatnonzero(owners == owner)
        source = SegmentSource(snapshot, views[owner])
        evaluated = evaluate_elements(predicate.predicate, source, rows[mine])
        if evaluated is None:
            raise TypeError("the filter has no element_filter")
        offsets, passes = evaluated
        at = np.flatnonzero(passes)
        row = np.searchsorted(offsets, at, "right") - 1
        numbers.append(mine[row])
        elements.append(at - offsets[row])
    number, element = np.concatenate(numbers), np.concatenate(elements)
    order = np.lexsort((element, number))
    return number[order], element[order]
