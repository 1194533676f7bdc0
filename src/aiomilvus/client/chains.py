"""FunctionChain: a chain of operations over the hits of a search, as an application builds it."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from aiomilvus.errors import ParamError


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
    """A column that an expression reads: a field, ``$score`` or ``$id``."""

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
    """A function of a chain, applied to columns and constants."""

    def __init__(self, name: str, args: tuple[Any, ...] = (), **params: Any) -> None:
        if not _is_text(name):
            raise ParamError(message="Function chain expression name must be a non-empty string")
        self.name = name
        self.args = args
        self.params = params

    def to_dict(self) -> dict[str, Any]:
        """Return the expression as plain data; a column is ``{"column": name}``."""
        args = [{"column": a.name} if isinstance(a, ColumnRef) else a for a in self.args]
        return {"name": self.name, "args": args, "params": self.params}


class FunctionChain:
    """Operations that follow each other.

    Args:
        stage: Where in the search they run.
        name: For messages.
    """

    def __init__(self, stage: FunctionChainStage, name: str = "") -> None:
        try:
            self.stage = FunctionChainStage(stage)
        except ValueError:
            raise ParamError(message=f"Unknown function chain stage: {stage}") from None
        if not isinstance(name, str):
            raise ParamError(message="Function chain name must be a string")
        self.name = name
        self._ops: list[dict[str, Any]] = []

    def map(self, output: str, expr: FunctionChainExpr) -> FunctionChain:
        """Compute a column."""
        if not _is_text(output):
            raise ParamError(message="Function chain map output must be a non-empty string")
        if not isinstance(expr, FunctionChainExpr):
            raise ParamError(message="Function chain map expr must be a FunctionChainExpr")
        return self._add({"op": "map", "expr": expr.to_dict(), "outputs": [output]})

    def sort(
        self,
        by: str | ColumnRef,
        desc: bool = True,
        tie_break_col: str | ColumnRef | None = None,
    ) -> FunctionChain:
        """Sort by a column."""
        if not isinstance(desc, bool):
            raise ParamError(message="Function chain sort desc must be a boolean")
        columns = [_column(by)] + ([] if tie_break_col is None else [_column(tie_break_col)])
        return self._add({"op": "sort", "inputs": columns, "params": {"desc": desc}})

    def limit(self, limit: int, offset: int = 0) -> FunctionChain:
        """Keep `limit` hits after `offset`."""
        if not _is_number(limit) or limit <= 0:
            raise ParamError(message="Function chain limit must be a positive integer")
        if not _is_number(offset) or offset < 0:
            raise ParamError(message="Function chain offset must be a non-negative integer")
        return self._add({"op": "limit", "params": {"limit": limit, "offset": offset}})

    def _add(self, operation: dict[str, Any]) -> FunctionChain:
        self._ops.append(operation)
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the chain as plain data."""
        return {"stage": int(self.stage), "name": self.name, "ops": list(self._ops)}


def _column(value: str | ColumnRef) -> str:
    name = value.name if isinstance(value, ColumnRef) else value
    if not _is_text(name):
        raise ParamError(message="sort column must be a non-empty string or ColumnRef")
    return name


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
