"""Columns of fields that are younger than a segment's files.

Most are nulls or default values (`default_columns`). The output of a function that was added later
is computed from its input, which the files have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.segment.default_columns import filled_column
from aiomilvus.engine.text.schema_functions import output_columns

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, FunctionSpec, Schema


def function_of(schema: Schema, field: Field) -> FunctionSpec | None:
    """Return the function that fills a field, None when the caller's rows do."""
    if not field.is_function_output:
        return None
    return next((each for each in schema.functions if field.name in each.outputs), None)


def younger_column(
    schema: Schema, field: Field, num_rows: int, stored: Callable[[Field], Column]
) -> Column:
    """Return the values that rows from before the field have in it.

    Args:
        schema: The collection's present schema.
        field: The younger field.
        num_rows: How many rows.
        stored: Gives the column of any other field of `schema` over the same rows.
    """
    function = function_of(schema, field)
    if function is None:
        return filled_column(field, num_rows)
    inputs = {name: stored(schema.by_name[name]) for name in function.inputs}
    return output_columns(schema, function, inputs)[field.name]
