"""Completing a batch: every field of the schema gets a checked column, or the batch is refused.

Runs before the writer's queue, in the caller's thread, on columns that nobody else has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from aiomilvus.engine.properties import AUTO_ID
from aiomilvus.engine.segment.default_columns import filled_column
from aiomilvus.engine.text.schema_functions import output_columns
from aiomilvus.engine.write.plain_values import quick_check_of
from aiomilvus.engine.write.value_checks import checked
from aiomilvus.errors import DataNotMatchException, ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.columns import ListColumn
from aiomilvus.model.truths import is_true

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field, Schema, StructSpec

_MOST_PLANS = 64


class _Plan(NamedTuple):
    """What batches of one schema are completed by.

    Attributes:
        schema: The schema, kept alive, so that its identity is its own.
        fields: Those that batches may give, each with the test that its columns mostly pass.
        is_simple: Whether a batch with all of them needs nothing else.
    """

    schema: Schema
    fields: tuple[tuple[Field, Callable[[Column], bool]], ...]
    is_simple: bool


_plans: dict[int, _Plan] = {}
"""Plans by the identity of their schema."""


def _plan_of(schema: Schema) -> _Plan:
    """Return the schema's plan: the same one as long as it is the same object."""
    plan = _plans.get(id(schema))
    if plan is None:
        if len(_plans) >= _MOST_PLANS:
            _plans.clear()
        given = [field for field in schema.fields if not field.is_function_output]
        more = schema.structs or schema.functions or schema.primary.auto_id
        plan = _Plan(schema, tuple((field, quick_check_of(field)) for field in given), not more)
        _plans[id(schema)] = plan
    return plan


def complete(
    schema: Schema, batch: ColumnBatch, *, upsert: bool, properties: dict[str, str]
) -> ColumnBatch:
    """Return `batch` with one checked column for each field but a generated key.

    Args:
        schema: The collection's schema.
        batch: Columns as they were given; not changed.
        upsert: Whether an auto-id key may be given (it tells which row to replace).
        properties: The collection's properties (``allow_insert_auto_id``).

    Raises:
        ParamError: A field is missing, unknown or wrong.
    """
    plan = _plan_of(schema)
    plain = _plain_columns(plan, batch)
    if plan.is_simple and len(plain) == len(plan.fields) == len(batch.columns):
        return ColumnBatch(batch.num_rows, plain)
    if len(plain) < len(batch.columns):
        _refuse_unknown(schema, batch)
    columns: dict[str, Column] = {}
    for field, _ in plan.fields:
        if field.auto_id and field.is_primary and not upsert:
            allowed = is_true(properties.get(AUTO_ID, ""))
            if field.name not in batch:
                continue
            if not allowed:
                message = f"field {field.name} is an auto id; no values may be given for it"
                raise ParamError(message=message)
        name = field.name
        columns[name] = plain[name] if name in plain else _column(field, batch)
    for struct in schema.structs:
        _check_parallel(struct, [columns[f.name] for f in schema.fields_of(struct.name)])
    for function in schema.functions:
        columns.update(output_columns(schema, function, columns))
    return ColumnBatch(batch.num_rows, columns)


def _plain_columns(plan: _Plan, batch: ColumnBatch) -> dict[str, Column]:
    """Return the columns of a batch that need no look at single values."""
    given, rows = batch.columns, batch.num_rows
    plain: dict[str, Column] = {}
    for field, fits in plan.fields:
        column = given.get(field.name)
        if column is not None and fits(column) and len(column) == rows:
            plain[field.name] = column
    return plain


def _check_parallel(struct: StructSpec, columns: list[Column]) -> None:
    """Raise ParamError unless the sub-fields of a struct have as many elements in every row."""
    first, *others = (ListColumn.expect(column) for column in columns)
    lengths = np.diff(first.offsets)
    for other in others:
        differs = np.diff(other.offsets) != lengths
        if first.valid is not None or other.valid is not None:
            differs |= _valid(first) != _valid(other)
        if differs.any():
            message = (
                f"the sub-fields of struct {struct.name} have different numbers of elements in "
                f"row {int(np.argmax(differs))}: invalid parameter"
            )
            raise ParamError(message=message)


def _valid(column: Column) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(column), np.bool_) if column.valid is None else column.valid


def _refuse_unknown(schema: Schema, batch: ColumnBatch) -> None:
    for name, column in batch.columns.items():
        field = schema.by_name.get(name)
        if field is None:
            message = (
                f"Attempt to insert an unexpected field `{name}` to collection without enabling "
                "dynamic field"
            )
            raise DataNotMatchException(message=message)
        if field.is_function_output:
            message = f"field {name} is the output of a function; no values may be given for it"
            raise ParamError(message=message)
        if len(column) != batch.num_rows:
            message = (
                f"the num_rows ({len(column)}) of field ({name}) is not equal to passed num_rows "
                f"({batch.num_rows}): invalid parameter"
            )
            raise ParamError(message=message)


def _column(field: Field, batch: ColumnBatch) -> Column:
    if field.name not in batch:
        if not (field.nullable or field.has_default or field.is_dynamic):
            message = (
                f"fieldSchema({field.name}) has no corresponding fieldData pass in"
                ": invalid parameter"
            )
            raise ParamError(message=message)
        return filled_column(field, batch.num_rows)
    column = checked(field, batch[field.name])
    return column if column.valid is None else _without_refused_nulls(field, column)


def _without_refused_nulls(field: Field, column: Column) -> Column:
    """Return the column with defaults for its nulls; refuse them where there is no default."""
    valid = cast("np.ndarray[tuple[int], np.dtype[np.bool_]]", column.valid)
    if valid.all():
        plain = column.slice(0, len(column))
        plain.valid = None
        return plain
    if field.has_default and field.default is not None:
        both = type(column).concat([column, filled_column(field, 1)])
        filled = both.take(np.where(valid, np.arange(len(column)), len(column)))
        filled.valid = None
        return filled
    if not field.nullable:
        row = int(np.argmax(~valid))
        message = (
            f"field {field.name} is not nullable and has no default, but row {row} is null"
            ": invalid parameter"
        )
        raise ParamError(message=message)
    return column
