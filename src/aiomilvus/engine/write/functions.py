"""Functions of the schema at write time: output columns made from input columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.text.functions import output_columns

if TYPE_CHECKING:
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import FunctionSpec, Schema


def run_function(
    schema: Schema, function: FunctionSpec, columns: dict[str, Column]
) -> dict[str, Column]:
    """Return the output columns of `function`, by field name.

    Raises:
        ParamError: A text can't be the function's input.
        ModelError: The model that embeds texts failed.
        NotSupportedError: The engine can't compute functions of this type.
    """
    return output_columns(schema, function, columns)
