"""Whether what is derived from a segment's rows says the same as the rows: a sample of them.

Checksums tell that files are as they were written. This tells that what was written fits together:
keys, scalar, text and vector indexes lead to the rows that comparing all rows leads to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from aiomilvus.engine.index.search_target import SearchTarget
from aiomilvus.engine.index.sparse.growing import GrowingSparseIndex
from aiomilvus.engine.index.sparse.sparse_params import build_params
from aiomilvus.engine.query.filtering.index_lookup import CAST
from aiomilvus.engine.query.filtering.scope import alive
from aiomilvus.engine.query.filtering.view_source import SegmentSource
from aiomilvus.engine.query.search.view_searchers import exact_searcher, parameters
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.schema_functions import output_columns
from aiomilvus.engine.upkeep.probes import probes
from aiomilvus.expr.evaluate.evaluator import evaluate
from aiomilvus.expr.predicate import Predicate, TextMatch
from aiomilvus.model.columns import BytesColumn, SparseColumn
from aiomilvus.model.operations.data import Search
from aiomilvus.model.types import DataType, FunctionType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from aiomilvus.engine.catalog.records import IndexSpec
    from aiomilvus.engine.index.contract import Searcher
    from aiomilvus.engine.segment.sealed import SealedSegment
    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.expr.predicate import Leaf
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

_NEAREST = 10
LEAST_FOUND = 0.1
"""Codes of few bits find few of the nearest; an index of other vectors finds next to none."""
LEAST_FOUND_EXACT = 0.99
_CLOSE = 1e-3
_MADE_HERE = (FunctionType.BM25, FunctionType.MINHASH)
"""Functions whose output can be computed again; models may have changed."""


class Compared(NamedTuple):
    """One comparison.

    Attributes:
        what: What was compared, for people to read.
        disagrees: How it differs from the rows; "" if it does not.
    """

    what: str
    disagrees: str = ""


class _Scan(SegmentSource):
    """A view's rows without its indexes."""

    def index_lookup(self, leaf: Leaf) -> None:
        """Return None: the rows are read."""

    def index_known(self, leaf: Leaf) -> None:
        """Return None: the rows are read."""


class _Sample(NamedTuple):
    snapshot: Snapshot
    view: SegmentView
    segment: SealedSegment
    rows: NDArray[np.int64]
    """Rows that are there, in random order."""


def compare(
    snapshot: Snapshot, view: SegmentView, segment: SealedSegment, count: int
) -> Iterator[Compared]:
    """Compare a sealed segment's keys and indexes with its rows.

    Args:
        snapshot: What the segment belongs to.
        view: The segment as the snapshot sees it.
        segment: The view's.
        count: How many rows to take.

    Raises:
        DataCorruptedError: A file is damaged.
    """
    there = alive(view)
    rows = np.arange(view.num_rows) if there is None else np.flatnonzero(there)
    drawn = np.random.default_rng().permutation(rows)[:count]
    sample = _Sample(snapshot, view, segment, drawn)
    if not len(drawn):
        return
    yield _keys(sample)
    for spec in snapshot.indexes.values():
        field = snapshot.schema.by_name.get(spec.field)
        if field is not None:
            yield from _index(sample, spec, field)
    for field in snapshot.schema.fields:
        if field.is_matched:
            yield _texts(sample, field)
    yield from _functions(sample)


def _keys(sample: _Sample) -> Compared:
    what = "primary keys"
    column = sample.segment.column(sample.snapshot.schema.primary)
    found = sample.segment.find(column.take(sample.rows))
    wrong = np.flatnonzero(found != sample.rows)
    if len(wrong):
        row = int(sample.rows[wrong[0]])
        return Compared(what, f"the key of row {row} leads to row {int(found[wrong[0]])}")
    return Compared(what)


def _index(sample: _Sample, spec: IndexSpec, field: Field) -> Iterator[Compared]:
    if spec.metric:
        index = sample.segment.vector_index(spec.id)
        if index is not None and field.dtype is not DataType.ARRAY_OF_VECTOR:
            yield _vectors(sample, spec, field, index)
    elif CAST not in spec.params:  # which changes what filters mean
        yield from _values(sample, spec, field)


def _values(sample: _Sample, spec: IndexSpec, field: Field) -> Iterator[Compared]:
    """Compare a scalar index with a scan."""
    index = sample.segment.scalar_index(spec.id)
    if index is None:
        return
    what = f"index {spec.name} ({spec.index_type})"
    column = sample.segment.column(field)
    source = _Scan(sample.snapshot, sample.view)
    for row in sample.rows.tolist():
        for leaf in probes(spec, field, column, row):
            found = index.lookup(leaf)
            if found is None:
                continue
            differs = np.flatnonzero(found != evaluate(Predicate(leaf, frozenset()), source))
            if len(differs):
                asked = type(leaf).__name__
                message = f"{len(differs)} rows, as row {differs[0]}, differ from a scan"
                yield Compared(what, f"{message} ({asked} of the value of row {row})")
                return
    yield Compared(what)


def _vectors(sample: _Sample, spec: IndexSpec, field: Field, index: Searcher) -> Compared:
    """Compare what a vector index finds with the nearest of all rows."""
    what = f"index {spec.name} ({spec.index_type})"
    snapshot, view = sample.snapshot, sample.view
    column = sample.segment.column(field)
    rows = sample.rows if column.valid is None else sample.rows[column.valid[sample.rows]]
    if not len(rows):
        return Compared(what)
    target, queries = SearchTarget(field, spec), column.take(rows)
    queries.valid = None
    exact = exact_searcher(target, view)
    least = LEAST_FOUND
    if isinstance(column, SparseColumn):
        made = GrowingSparseIndex(spec.metric, build_params(spec.params))
        exact, least = made.view_of(column), LEAST_FOUND_EXACT
    params = {}
    if spec.metric == "BM25":
        params = parameters(snapshot, target, Search(collection=snapshot.name))
    mask, k = alive(view), min(_NEAREST, view.num_rows)
    best = exact.search(queries, k, params, mask)
    found = index.search(queries, k, params, mask)
    hits = wanted = 0
    for n in range(len(rows)):
        nearest = set(best.rows[n][best.rows[n] >= 0].tolist())
        wanted += len(nearest)
        hits += _as_near(
            exact, queries.slice(n, n + 1), found.rows[n], best.scores[n], params, view
        )
    if hits < least * wanted:
        return Compared(what, f"it finds {hits} of {wanted} nearest rows that a scan finds")
    return Compared(what)


def _as_near(
    exact: Searcher,
    query: Column,
    rows: NDArray[np.int64],
    best: NDArray[np.float32],
    params: dict[str, object],
    view: SegmentView,
) -> int:
    """Return how many rows are as near as the nearest are, whichever of equal ones they are."""
    mask = np.zeros(view.num_rows, np.bool_)
    mask[rows[rows >= 0]] = True
    again = exact.search(query, len(best), params, mask)
    there = again.rows[0] >= 0
    near = np.isclose(again.scores[0], best, rtol=_CLOSE, atol=_CLOSE) & there
    return int(np.count_nonzero(near))


def _texts(sample: _Sample, field: Field) -> Compared:
    """Compare the words that rows are found by with the words that they have."""
    what = f"text match of {field.name}"
    column = sample.segment.column(field)
    if not isinstance(column, BytesColumn):
        return Compared(what)
    analyzer = build_analyzer(field.params.get("analyzer_params"))
    source = SegmentSource(sample.snapshot, sample.view)
    words = {
        row: set() if column.is_null(row) else set(analyzer.tokens(column.raw(row).decode()))
        for row in sample.rows.tolist()
    }
    for row, own in words.items():
        for word in sorted(own)[:1]:
            found = source.text_match(TextMatch(field.name, word))
            wrong = [each for each in words if found[each] != (word in words[each])]
            if wrong:
                message = f"{word!r} of row {row} is told wrongly of row {wrong[0]}"
                return Compared(what, message)
    return Compared(what)


def _functions(sample: _Sample) -> Iterator[Compared]:
    """Compare what functions made of texts with what they make of them now."""
    schema = sample.snapshot.schema
    for function in schema.functions:
        if function.type not in _MADE_HERE:
            continue
        inputs = {
            field.name: sample.segment.column(field).take(sample.rows)
            for field in schema.fields
            if not field.is_function_output
        }
        for name, made in output_columns(schema, function, inputs).items():
            stored = sample.segment.column(schema.by_name[name]).take(sample.rows)
            arrays = made.arrays()
            same = all(
                np.array_equal(array, arrays[key])
                for key, array in stored.arrays().items()
                if key in arrays and key != "valid"
            )
            what = f"function {function.name}"
            yield Compared(what, "" if same else f"{name} is not what the texts give now")
