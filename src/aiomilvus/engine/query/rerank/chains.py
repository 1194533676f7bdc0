"""Function chains: map, sort and limit over the hits of a search.

A chain works on a table with a row per hit: ``$id``, ``$score``, the fields it names, and the
columns it computes. Each query's hits are sorted and cut for themselves. What is in ``$score``
at the end is the hits' score; their order is the chain's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aiomilvus.engine.query.candidates import Candidates
from aiomilvus.engine.query.fields.fetch import gather, places_of
from aiomilvus.engine.query.fields.ordering import ranks
from aiomilvus.engine.query.rerank.arguments import invalid
from aiomilvus.engine.query.rerank.chain_functions import FUNCTIONS, CallInput
from aiomilvus.errors import NotSupportedError
from aiomilvus.model.columns import FixedColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aiomilvus.engine.snapshot import SegmentView, Snapshot
    from aiomilvus.model.columns import Column
    from aiomilvus.model.ranking import Chains
    from aiomilvus.model.schema import Schema

ID, SCORE = "$id", "$score"
_L2_RERANK = 5
_STAGES = ("unspecified", "ingestion", "pre-process", "L0 rerank", "L1 rerank", "L2 rerank")
_OPERATORS = ("map", "sort", "limit")


class Chain(NamedTuple):
    """A checked chain: its operations, as plain data."""

    operations: tuple[dict[str, Any], ...]


def checked_chain(schema: Schema, given: Chains) -> Chain | None:
    """Return the chain that reranks the hits of a search, None when there is none.

    Raises:
        ParamError: A chain is malformed, or reads a column that is not there.
        NotSupportedError: It is of a stage or has an operator that this engine does not run.
    """
    if not given.chains:
        return None
    for chain in given.chains:
        stage = int(chain["stage"])
        if stage != _L2_RERANK:
            name = _STAGES[stage] if 0 <= stage < len(_STAGES) else "post-process"
            message = f"function chains of the {name} stage are not supported by this engine"
            raise NotSupportedError(message=f"{message}, use L2_RERANK")
    if len(given.chains) > 1:
        invalid("there can be one function chain of a stage")
    operations = tuple(given.chains[0]["ops"])
    if not operations:
        invalid("a function chain needs at least one operator")
    known = {ID, SCORE}
    for operation in operations:
        _check_operation(schema, operation, known)
    return Chain(operations)


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


def _is_scalar(dtype: Any) -> bool:
    return bool(dtype.is_integer or dtype.is_string or dtype.name in ("FLOAT", "DOUBLE", "BOOL"))


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
    """Return the hits as the chain leaves them.

    Raises:
        ParamError: A function's parameters are wrong, or a column is not numeric.
        ModelError: A model failed.
    """
    table = _Table(snapshot, views, hits)
    for operation in chain.operations:
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
