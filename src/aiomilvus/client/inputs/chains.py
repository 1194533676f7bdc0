"""FunctionChain: a chain of operations over the hits of a search, as an application builds it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import ParamError
from aiomilvus.model.rows.errors import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence


class FunctionChainStage(IntEnum):
    """Where in a search a chain runs. The values are the protocol's."""

    UNSPECIFIED = 0
    INGESTION = 1
    PRE_PROCESS = 2
    L0_RERANK = 3
    L1_RERANK = 4
    L2_RERANK = 5
    POST_PROCESS = 6


class ColumnRef:
    """A column that an expression reads: a field, ``$score``, ``$id``, or one computed before."""

    def __init__(self, name: str) -> None:
        if not _is_text(name):
            raise ParamError(message=f"Column name must be a non-empty string, got {name!r}")
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ColumnRef) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"col({self.name!r})"


def col(name: str) -> ColumnRef:
    """Return a reference to a column."""
    return ColumnRef(name)


class FunctionChainExpr:
    """A function of a chain, applied to columns and constants.

    Args:
        name: Of the function.
        args: Columns (`col`) and constants.
        params: By Milvus' names.
    """

    def __init__(
        self, name: str, args: tuple[Any, ...] = (), params: Mapping[str, Any] | None = None
    ) -> None:
        if not _is_text(name):
            raise ParamError(message="Function chain expression name must be a non-empty string")
        if params is not None and not isinstance(params, Mapping):
            raise ParamError(message="Function chain expression params must be a mapping")
        self.name = name
        self.args: tuple[Any, ...] = tuple(args)
        self.params: dict[str, Any] = {
            key: _plain(key, value) for key, value in (params or {}).items()
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the expression as plain data."""
        args = [
            {"column": arg.name} if isinstance(arg, ColumnRef) else {"literal": _plain("a", arg)}
            for arg in self.args
        ]
        return {"name": self.name, "args": args, "params": self.params}


class FunctionChainOp:
    """One operation of a chain.

    Args:
        op: ``map``, ``sort`` or ``limit``.
        expr: What a map computes.
        inputs, outputs: Columns it reads and writes.
        params: By Milvus' names.
    """

    def __init__(
        self,
        op: str,
        expr: FunctionChainExpr | None = None,
        inputs: Sequence[str] = (),
        outputs: Sequence[str] = (),
        params: Mapping[str, Any] | None = None,
    ) -> None:
        if not _is_text(op):
            raise ParamError(message="Function chain op name must be a non-empty string")
        if expr is not None and not isinstance(expr, FunctionChainExpr):
            raise ParamError(message="Function chain op expr must be a FunctionChainExpr")
        if params is not None and not isinstance(params, Mapping):
            raise ParamError(message="Function chain op params must be a mapping")
        self.op = op
        self.expr = expr
        self.inputs: tuple[str, ...] = tuple(inputs)
        self.outputs: tuple[str, ...] = tuple(outputs)
        self.params: dict[str, Any] = {
            key: _plain(key, value) for key, value in (params or {}).items()
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the operation as plain data."""
        made: dict[str, Any] = {"op": self.op, "inputs": self.inputs, "outputs": self.outputs}
        made["params"] = self.params
        if self.expr is not None:
            made["expr"] = self.expr.to_dict()
        return made


class FunctionChain:
    """Operations that follow each other.

    Args:
        stage: Where in the search they run.
        name: For messages.

    Raises:
        ParamError: There is no such stage, or `name` is no text.

    Example:
        >>> from aiomilvus.function_chain import FunctionChain, FunctionChainStage, col, fn
        >>> chain = FunctionChain(FunctionChainStage.L2_RERANK).sort("$score", desc=True).limit(1)
        >>> hits = await client.search("books", [[0.1, 0.9]], limit=3, function_chains=chain)
        >>> hits[0].ids
        [1]
    """

    def __init__(self, stage: FunctionChainStage, name: str = "") -> None:
        try:
            self.stage: FunctionChainStage = FunctionChainStage(stage)
        except (ValueError, TypeError, RecursionError):  # its text says what it was given
            message = f"Unknown function chain stage: {shorten(stage)}"
            raise ParamError(message=message) from None
        if not isinstance(name, str):
            raise ParamError(message="Function chain name must be a string")
        self.name = name
        self._ops: list[FunctionChainOp] = []

    @property
    def ops(self) -> tuple[FunctionChainOp, ...]:
        """The operations, in order."""
        return tuple(self._ops)

    def map(self, output: str, expr: FunctionChainExpr) -> FunctionChain:
        """Compute a column.

        Args:
            output: The column to write: ``$score``, or a name for later operations.
            expr: What computes it, as ``fn.round_decimal(…)``.

        Raises:
            ParamError: `output` is no text, or `expr` no expression.

        Example:
            >>> from aiomilvus.function_chain import FunctionChain, FunctionChainStage, col, fn
            >>> chain = FunctionChain(FunctionChainStage.L2_RERANK)
            >>> len(chain.map("$score", fn.round_decimal(col("$score"), decimal=1)).ops)
            1
        """
        if not _is_text(output):
            raise ParamError(message="Function chain map output must be a non-empty string")
        if not isinstance(expr, FunctionChainExpr):
            raise ParamError(message="Function chain map expr must be a FunctionChainExpr")
        return self._add(FunctionChainOp("map", expr, outputs=(output,)))

    def sort(
        self,
        by: str | ColumnRef,
        desc: bool = True,
        tie_break_col: str | ColumnRef | None = None,
    ) -> FunctionChain:
        """Sort by a column; ties go to the smaller value of `tie_break_col`.

        Args:
            by: The column.
            desc: Whether the largest come first.
            tie_break_col: Decides between equal values.

        Raises:
            ParamError: A column is none, or `desc` no bool.

        Example:
            >>> from aiomilvus.function_chain import FunctionChain, FunctionChainStage, col, fn
            >>> chain = FunctionChain(FunctionChainStage.L2_RERANK)
            >>> chain.sort("$score", tie_break_col="$id").ops[0].op
            'sort'
        """
        if not isinstance(desc, bool):
            raise ParamError(message="Function chain sort desc must be a boolean")
        params: dict[str, Any] = {"column": _column(by, "sort by"), "desc": desc}
        if tie_break_col is not None:
            params["tie_break_col"] = _column(tie_break_col, "tie_break_col")
        inputs = [value for name, value in params.items() if name != "desc"]
        return self._add(FunctionChainOp("sort", inputs=inputs, params=params))

    def limit(self, limit: int, offset: int = 0) -> FunctionChain:
        """Keep `limit` hits after `offset`.

        Args:
            limit: Hits to keep, from 1 on.
            offset: Hits to pass over.

        Raises:
            ParamError: `limit` or `offset` is out of range.

        Example:
            >>> from aiomilvus.function_chain import FunctionChain, FunctionChainStage, col, fn
            >>> FunctionChain(FunctionChainStage.L2_RERANK).limit(10, offset=5).ops[0].params
            {'limit': 10, 'offset': 5}
        """
        if not _is_number(limit) or limit <= 0:
            raise ParamError(message="Function chain limit must be a positive integer")
        if not _is_number(offset) or offset < 0:
            raise ParamError(message="Function chain offset must be a non-negative integer")
        return self._add(FunctionChainOp("limit", params={"limit": limit, "offset": offset}))

    def _add(self, operation: FunctionChainOp) -> FunctionChain:
        self._ops.append(operation)
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the chain as plain data.

        Example:
            >>> from aiomilvus.function_chain import FunctionChain, FunctionChainStage, col, fn
            >>> FunctionChain(FunctionChainStage.L2_RERANK).to_dict()
            {'stage': 5, 'name': '', 'ops': []}
        """
        ops = [operation.to_dict() for operation in self._ops]
        return {"stage": int(self.stage), "name": self.name, "ops": ops}


def _column(value: str | ColumnRef, what: str) -> str:
    name = value.name if isinstance(value, ColumnRef) else value
    if not _is_text(name):
        raise ParamError(message=f"{what} must be a non-empty string or ColumnRef")
    return name


def _plain(name: str, value: Any) -> Any:
    """Return a parameter as plain Python data; numpy's numbers become Python's."""
    if not _is_text(name):
        raise ParamError(message="Function chain parameter names must be non-empty strings")
    if value is None:
        raise ParamError(message="Function chain parameters do not support None")
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, (bool, int, float, str, bytes)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(name, each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(key, each) for key, each in value.items()}
    raise ParamError(message=f"Unsupported function chain parameter type: {type(value).__name__}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
