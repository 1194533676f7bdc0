"""Function chains: map, sort and limit over the hits of a search.

A chain works on a table with a row per hit: ``$id``, ``$score``, the fields it names, and the
columns it computes. Each query's hits are sorted and cut for themselves. What is in ``$score``
at the end is the hits' score; their order is the chain's.

A search may have a chain of each of three stages. In Milvus the first (L0) runs on each segment,
the second (L1) on each node, the third (L2) on the whole; here the one node has all segments, so
the second runs on all of their hits. After the first and the second, hits are sorted by score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.index.contract import FoundInRange
from aiomilvus.engine.query.candidates import Candidates
from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.engine.query.fields.ordering import ranks
from aiomilvus.engine.query.rerank.arguments import invalid
from aiomilvus.engine.query.rerank.chain_functions import FUNCTIONS, CallInput
from aiomilvus.engine.query.rerank.fusion import ranked
from aiomilvus.errors import NotSupportedError
from aiomilvus.model.columns import FixedColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.ranking import Chains
    from aiomilvus.model.schema import Schema
    from aiomilvus.model.types import DataType

ID, SCORE = "$id", "$score"
_L0, _L1, _L2 = 3, 4, 5
"""Stages as the protocol numbers them."""
_STAGES = (
    "Unspecified",
    "Ingestion",
    "PreProcess",
    "L0Rerank",
    "L1Rerank",
    "L2Rerank",
    "PostProcess",
)
_TITLES = {_L0: "L0 rerank", _L1: "L1 rerank", _L2: "L2 rerank"}
_OPERATORS = ("map", "sort", "limit")
_WHOLE_QUERY = frozenset({"rerank_model"})
"""Functions that need all hits of a query, which the last stage alone has."""

Operations = tuple[dict[str, Any], ...]


class Chain(NamedTuple):
    """Checked chains, as plain data.

    Attributes:
        segment: Operations on the best hits of each segment (stage L0).
        node: Those on what the segments found together (stage L1), () for none.
        operations: Those on the hits of the search (stage L2), () for none.
    """

    segment: Operations = ()
    node: Operations = ()
    operations: Operations = ()


def checked_chain(schema: Schema, given: Chains) -> Chain | None:
    """Return the chains that rerank the hits of a search, None when there are none.

    Raises:
        ParamError: A chain is malformed, or reads a column that is not there.
        NotSupportedError: It has an operator or a function that this engine does not run.
    """
    if not given.chains:
        return None
    found: dict[int, Operations] = {}
    for at, chain in enumerate(given.chains):
        stage = int(chain["stage"])
        name = f"FunctionChainStage{_STAGES[stage]}" if 0 <= stage < len(_STAGES) else str(stage)
        if stage not in _TITLES:
            invalid(f"function chain[{at}] stage {name} is not supported in search request")
        if stage in found:
            invalid(f"function chain stage {name} appears more than once")
        operations = tuple(chain["ops"])
        if not operations:
            invalid(f"function chain[{at}] must contain at least one op")
        known = {ID, SCORE}
        for number, operation in enumerate(operations):
            _check_stage(stage, number, operation)
            _check_operation(schema, operation, known)
        found[stage] = operations
    return Chain(found.get(_L0, ()), found.get(_L1, ()), found.get(_L2, ()))


def _check_stage(stage: int, number: int, operation: Mapping[str, Any]) -> None:
    """Raise ParamError for what runs in a later stage alone."""
    kind = operation["op"]
    if stage == _L0 and kind != "map":
        invalid(f'op[{number}] type "{kind}" is not supported by L0 rerank function chain')
    function = (operation.get("expr") or {}).get("name", "")
    if stage != _L2 and function in _WHOLE_QUERY:
        invalid(f"function {function!r} is not supported by {_TITLES[stage]} function chain")


def _check_operation(schema: Schema, operation: Mapping[str, Any], known: set[str]) -> None:
    kind = operation["op"]
    if kind not in _OPERATORS:
        message = f"function chain operator {kind!r} is not supported by this engine"
        raise NotSupportedError(message=f"{message}, it runs {', '.join(_OPERATORS)}")
    if kind == "limit":
        _window(operation)
        return
    if kind == "sort":
        for name in _sort_columns(operation):
            _check_column(schema, name, known)
        return
    expression, outputs = operation.get("expr"), operation.get("outputs", ())
    if not expression or len(outputs) != 1:
        invalid("a map operator needs an expression and one output")
    if outputs[0] == ID:
        invalid("a map operator can't write $id")
    if expression["name"] not in FUNCTIONS:
        message = f"function {expression['name']!r} is not supported in chains by this engine"
        raise NotSupportedError(message=f"{message}, it runs {', '.join(FUNCTIONS)}")
    for argument in expression.get("args", ()):
        if "column" not in argument:
            invalid(f"{expression['name']} takes columns only, got {argument.get('literal')!r}")
        _check_column(schema, argument["column"], known)
    known.add(outputs[0])


def _check_column(schema: Schema, name: str, known: set[str]) -> None:
    field = schema.by_name.get(name)
    if name not in known and field is None:
        invalid(f"function chain column {name} is neither a field nor computed before")
    if name not in known and field is not None and not _is_scalar(field.dtype):
        invalid(f"function chain column {name} of type {field.dtype.spelling} is not supported")


def _is_scalar(dtype: DataType) -> bool:
    return dtype.is_integer or dtype.is_short_text or dtype.name in ("FLOAT", "DOUBLE", "BOOL")


def _sort_columns(operation: Mapping[str, Any]) -> list[str]:
    params = operation.get("params", {})
    column = params.get("column") or next(iter(operation.get("inputs", ())), "")
    if not column:
        invalid("sort_op: column is required")
    tie = params.get("tie_break_col", "")
    return [column, tie] if tie else [column]


def _window(operation: Mapping[str, Any]) -> tuple[int, int]:
    params = operation.get("params", {})
    limit, offset = params.get("limit"), params.get("offset", 0)
    for value, least in ((limit, 1), (offset, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            invalid(f"limit_op: limit must be above 0 and offset at least 0, got {limit}, {offset}")
    return int(limit), int(offset)


def run_chain(
    snapshot: Snapshot, views: tuple[SegmentView, ...], hits: Candidates, chain: Chain
) -> Candidates:
    """Return the hits as the chains of the stages L1 and L2 leave them.

    Raises:
        ParamError: A function's parameters are wrong, or a column is not numeric.
        ModelError: A model failed.
    """
    if chain.node:
        hits = _by_score(snapshot, views, _run(snapshot, views, hits, chain.node))
    return _run(snapshot, views, hits, chain.operations)


def run_in_segment(
    snapshot: Snapshot, view: SegmentView, hits: Candidates, chain: Chain
) -> FoundInRange:
    """Return a segment's hits as the chain of the stage L0 scores them, the best first.

    Raises:
        ParamError: As `run_chain`.
    """
    scored = _by_score(snapshot, (view,), _run(snapshot, (view,), hits, chain.segment))
    return FoundInRange(scored.offsets, scored.scores, scored.rows)


def _by_score(snapshot: Snapshot, views: tuple[SegmentView, ...], hits: Candidates) -> Candidates:
    """Return each query's hits with the largest score first, those that tie by primary key."""
    return ranked(snapshot, views, hits, hits.scores)


def _run(
    snapshot: Snapshot, views: tuple[SegmentView, ...], hits: Candidates, operations: Operations
) -> Candidates:
    """Return the hits as one chain leaves them; what it computes beside scores ends with it."""
    table = _Table(snapshot, views, hits)
    for operation in operations:
        if operation["op"] == "map":
            table.map(operation["expr"], operation["outputs"][0])
        elif operation["op"] == "sort":
            descending = bool(operation.get("params", {}).get("desc", False))
            table.sort(_sort_columns(operation), descending=descending)
        else:
            limit, offset = _window(operation)
            table.window(offset, limit)
    return table.hits


class _Table:
    """The hits and the columns computed for them."""

    def __init__(
        self, snapshot: Snapshot, views: tuple[SegmentView, ...], hits: Candidates
    ) -> None:
        self.hits = hits
        self._snapshot = snapshot
        self._views = views
        self._made: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        if name in self._made:
            return self._made[name]
        if name == SCORE:
            return FixedColumn(self.hits.scores)
        schema = self._snapshot.schema
        field = schema.primary if name == ID else schema.by_name[name]
        hits = self.hits
        places = places_of(self._views, hits.owners, hits.rows) if len(hits.rows) else []
        return gather(field, places)

    def map(self, expression: Mapping[str, Any], output: str) -> None:
        names = [argument["column"] for argument in expression.get("args", ())]
        call = CallInput(
            [self.column(name) for name in names],
            names,
            dict(expression.get("params", {})),
            self.hits.offsets,
        )
        made = FUNCTIONS[expression["name"]](call)
        if output == SCORE:
            scores = made.values.astype(np.float32)
            self.hits = self.hits._replace(scores=scores)
        self._made[output] = made

    def sort(self, names: list[str], *, descending: bool) -> None:
        """Sort each query's hits; nulls are the smallest, ties go to smaller tie-breakers."""
        first = _places(self.column(names[0]))
        keys = [-first if descending else first]
        keys += [_places(self.column(name)) for name in names[1:]]
        offsets = self.hits.offsets
        query = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        self._pick(np.lexsort([*reversed(keys), query]), offsets)

    def window(self, offset: int, limit: int) -> None:
        order = Candidates(
            self.hits.offsets,
            self.hits.scores,
            self.hits.owners,
            np.arange(len(self.hits.rows)),
        ).window(offset, limit)
        self._pick(order.rows, order.offsets)

    def _pick(self, order: NDArray[np.int64], offsets: NDArray[np.int64]) -> None:
        self.hits = self.hits.pick(order, offsets)
        self._made = {name: column.take(order) for name, column in self._made.items()}


def _places(column: Column) -> NDArray[np.int64]:
    """Return what values sort by: their ranks, with nulls below all others."""
    found = ranks(column)
    return found if column.valid is None else np.where(column.valid, found, -1)
