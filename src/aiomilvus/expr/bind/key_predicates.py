"""Primary keys as a predicate, without a detour through text that they could escape from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aiomilvus.errors import ExpressionError
from aiomilvus.expr.bind import constants
from aiomilvus.expr.predicate import Column, In, Predicate, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiomilvus.expr.diagnostics import Plan
    from aiomilvus.model.schema import Field


def in_keys(field: Field, keys: Iterable[object], plan: Plan = "query") -> Predicate:
    """Return the predicate ``field in keys``.

    Args:
        field: An INT64 or VARCHAR field, usually the primary key.
        keys: Integers or text (numpy arrays too); duplicates count once.
        plan: What it is for; only the wording of errors depends on it.

    Raises:
        ExpressionError: A key is not of the field's type (code 1100).
    """
    listed = cast("Any", keys).tolist() if hasattr(keys, "tolist") else keys
    wanted = int if field.dtype.is_integer else str
    distinct: dict[Any, None] = {}
    for key in listed:
        distinct[key if type(key) is wanted else _checked(field, key, plan)] = None
    # One look at what a check of each key would find, and for thousands of keys much faster.
    suspects = (min(distinct), max(distinct)) if wanted is int and distinct else ()
    for suspect in suspects if wanted is int else ("".join(distinct),):
        _checked(field, suspect, plan)
    column = Column(field.name, field.dtype)
    return Predicate(In(column, tuple(distinct)), frozenset((field.name,)))


def _checked(field: Field, key: object, plan: Plan) -> Value:
    name = constants.type_name(field.dtype)
    try:
        value = constants.parameter(key)
    except ValueError as error:
        raise ExpressionError(message=f"failed to create {plan} plan: {error}") from None
    try:
        return constants.cast_to(value, field.dtype)
    except ValueError:
        cause = f"value '{constants.shown(value)}' in list cannot be casted to {name}"
        raise ExpressionError(message=f"failed to create {plan} plan: {cause}") from None
