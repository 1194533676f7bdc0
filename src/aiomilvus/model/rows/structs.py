"""Arrays of structs: a list of dicts per row becomes one list column per sub-field."""

from __future__ import annotations

from typing import Any

import numpy as np

from aiomilvus.errors import DataNotMatchException, ParamError
from aiomilvus.model.columns import Column, ListColumn
from aiomilvus.model.rows.scalars import scalar_column
from aiomilvus.model.rows.vectors import vector_column
from aiomilvus.model.schema import Field, Schema, StructSpec


def struct_columns(schema: Schema, struct: StructSpec, values: list[Any]) -> dict[str, Column]:
    """Return the columns of a struct's sub-fields.

    Args:
        schema: Holds the sub-fields.
        struct: Which struct.
        values: One list of dicts per row; None where the whole array is null.

    Raises:
        DataNotMatchException: A row is no list of dicts with exactly the sub-fields.
    """
    valid = None
    if any(value is None for value in values):
        if not struct.nullable:
            row = values.index(None)
            raise ParamError(message=f"struct field {struct.name} is null in row {row}")
        valid = np.fromiter((value is not None for value in values), np.bool_, len(values))
    sub_fields = schema.fields_of(struct.name)
    names = {field.name[len(struct.name) + 1 : -1]: field for field in sub_fields}
    offsets = np.zeros(len(values) + 1, np.int64)
    elements: list[dict[str, Any]] = []
    for row, value in enumerate(values):
        run = [] if value is None else value
        _check(struct, names, row, run)
        elements.extend(run)
        offsets[row + 1] = len(elements)
    return {
        field.name: ListColumn(offsets, _child(field, [e[name] for e in elements]), valid)
        for name, field in names.items()
    }


def _check(struct: StructSpec, names: dict[str, Field], row: int, run: Any) -> None:
    if not isinstance(run, list) or not all(isinstance(element, dict) for element in run):
        raise DataNotMatchException(
            message=f"struct field {struct.name} should be a list of dicts, row {row} holds a "
            f"{type(run).__name__}"
        )
    for element in run:
        if element.keys() != names.keys():
            differing = sorted(element.keys() ^ names.keys())
            raise DataNotMatchException(
                message=f"struct field {struct.name}, row {row}: keys should be {list(names)}, "
                f"these are missing or unexpected: {differing}"
            )


def _child(field: Field, values: list[Any]) -> Column:
    element = Field(
        name=field.name, dtype=field.element_type, dim=field.dim, max_length=field.max_length
    )
    if element.dtype.is_vector:
        return vector_column(element, values)
    return scalar_column(element, values)
