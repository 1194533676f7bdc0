"""Function chains under pymilvus' names: ``from aiomilvus.function_chain import col, fn, …``."""

from aiomilvus.client.inputs import chain_functions as fn
from aiomilvus.client.inputs.chains import (
    ColumnRef,
    FunctionChain,
    FunctionChainExpr,
    FunctionChainOp,
    FunctionChainStage,
    col,
)

__all__ = [
    "ColumnRef",
    "FunctionChain",
    "FunctionChainExpr",
    "FunctionChainOp",
    "FunctionChainStage",
    "col",
    "fn",
]
