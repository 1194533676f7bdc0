"""What a query may ask for; Milvus' limits and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiomilvus.engine.query.fields.named import check_sorted_by
from aiomilvus.engine.query.scan.aggregate import aggregate_of, is_aggregate
from aiomilvus.engine.write.value_checks import checked
from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.operations.data import Query
    from aiomilvus.model.schema import Field, Schema

COUNT = "count(*)"
_SERVED = frozenset({"reduce_stop_for_best", "level", "time_fields"})
"""Options that are run, or only say how a cluster may save work."""


def check_query(schema: Schema, op: Query, most: int) -> None:
    """Raise unless `op` may be asked of a collection with this schema, for `most` rows at most.

    Raises:
        ParamError: A value is wrong.
        NotSupportedError: The engine does not serve an option.
    """
    if op.ids is not None and op.filter.strip():
        message = "Ambiguous parameter, either ids or filter should be specified, cannot support"
        raise ParamError(message=f"{message} both.")
    for name, value in op.extra.items():
        if value not in (None, "", {}, []) and name not in _SERVED:
            raise NotSupportedError(message=f"{name} is not supported on queries")
    if op.ids is not None:
        checked(schema.primary, op.ids)
    _check_window(op, most)
    _check_groups(schema, op)
    if op.order_by:
        _check_order(schema, op)


def refuse_everything(op: Query) -> None:
    """Raise ParamError for a query without limit whose filter lets all rows pass."""
    if op.limit < 0 and not any(is_aggregate(name) for name in op.output_fields):
        raise ParamError(message="empty expression should be used with limit: invalid parameter")


def _check_window(op: Query, most: int) -> None:
    if op.limit < 0 <= op.offset:
        return
    if op.offset < 0:
        message = f"offset [{op.offset}] is invalid, should be gte than 0"
    elif op.limit == 0:
        message = "limit [0] is invalid, should be greater than 0"
    elif op.offset + op.limit > most:
        message = f"(offset+limit) should be in range [1, {most}], but got {op.offset + op.limit}"
    elif not op.group_by and any(_counts_all(name) for name in op.output_fields):
        raise ParamError(message="count entities with pagination is not allowed: invalid parameter")
    else:
        return
    raise ParamError(message=f"invalid max query result window, {message}: invalid parameter")


def _counts_all(name: str) -> bool:
    return aggregate_of(name) == ("count", "*")


def _check_groups(schema: Schema, op: Query) -> None:
    for name in op.group_by:
        kind = _field(schema, name).dtype
        if not (kind.is_integer or kind.is_short_text or kind is DataType.TIMESTAMPTZ):
            message = f"group by field {name} has unsupported data type {kind.spelling}"
            raise ParamError(message=f"{message}: invalid parameter")
    if not op.group_by and not any(is_aggregate(name) for name in op.output_fields):
        return
    for name in op.output_fields:
        called = aggregate_of(name)
        if called is None and name not in op.group_by:
            message = f"output field {name} must be an aggregate or a group by field"
            raise ParamError(message=f"{message}: invalid parameter")
        if called is not None:
            _check_aggregate(schema, *called)


def _check_aggregate(schema: Schema, operator: str, name: str) -> None:
    if name == "*":
        if operator != "count":
            message = f"{operator}(*) is not supported, only count(*) is allowed"
            raise ParamError(message=f"{message}: invalid parameter")
        return
    if name not in schema.by_name:
        message = f"target field {name} for aggregation:{operator} does not exist"
        raise ParamError(message=f"{message}: invalid parameter")
    kind = _field(schema, name).dtype
    number = kind.is_integer or kind in (DataType.FLOAT, DataType.DOUBLE)
    ordered = number or kind.is_short_text or kind is DataType.TIMESTAMPTZ
    if operator == "count" or (ordered if operator in ("min", "max") else number):
        return
    message = f"aggregation operator {operator} does not support data type {kind.name}"
    raise ParamError(message=f"{message}: field {name}: invalid parameter")


def _check_order(schema: Schema, op: Query) -> None:
    if op.iterator:
        raise ParamError(message="ORDER BY with iterator is not supported: invalid parameter")
    if op.limit < 0:
        raise ParamError(message="ORDER BY requires explicit limit: invalid parameter")
    grouped = op.group_by or any(is_aggregate(name) for name in op.output_fields)
    for name in (key.field for key in op.order_by):
        check_sorted_by(schema, name)
        if grouped and name not in op.group_by:
            message = (
                f"ORDER BY field '{name}' is not valid: when using GROUP BY or aggregates, ORDER "
                f"BY can only reference GROUP BY columns. Valid targets are: {list(op.group_by)}"
            )
            raise ParamError(message=f"{message}: invalid parameter")


def _field(schema: Schema, name: str) -> Field:
    field = schema.by_name.get(name)
    if field is None:
        raise ParamError(message=f"field {name} not exist: invalid parameter")
    return field
