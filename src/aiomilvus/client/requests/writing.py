"""Upsert and delete: rows and keys → operations. Inserts: `model.rows.insertion`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.client.arguments import check_mapping, filter_and_params
from aiomilvus.client.inputs.schema import messages
from aiomilvus.client.inputs.search_parts import FieldOp as FieldOpChoice
from aiomilvus.client.requests.primary_keys import as_list, key_column
from aiomilvus.errors import DataTypeNotMatchException, ParamError
from aiomilvus.model.operations.data import Delete, FieldOp, Upsert
from aiomilvus.model.rows.batch import batch_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.schema import Schema

_FIELD_OPS = ("replace", "array_append", "array_remove")


def upsert(
    schema: Schema,
    db: str,
    collection: str,
    data: Any,
    partition: str,
    *,
    namespace: str | None,
    partial: bool,
    field_ops: tuple[FieldOp, ...],
) -> Upsert:
    """Return the upsert of `data`."""
    partial = partial or bool(field_ops)
    return Upsert(
        db=db,
        collection=collection,
        batch=batch_of(data, schema, upsert=True, partial=partial),
        partition=partition,
        namespace=namespace,
        partial=partial,
        field_ops=field_ops,
        schema_version=schema.version,
    )


def delete(
    schema: Schema,
    db: str,
    collection: str,
    ids: list[Any],
    filter: str,
    filter_params: dict[str, Any],
    partition: str,
    namespace: str | None,
) -> Delete:
    """Return the delete by keys, or by filter when there are no keys."""
    return Delete(
        db=db,
        collection=collection,
        ids=key_column(schema, ids) if ids else None,
        filter=filter,
        filter_params=filter_params,
        partition=partition,
        namespace=namespace,
    )


def keys_to_delete(ids: Any, pks: Any) -> list[Any]:
    """Return the keys given as `ids`, and under its older name `pks`."""
    keys = [] if pks is None else as_list(pks, "pks")
    return keys if ids is None else keys + as_list(ids)


def filter_to_delete(
    keys: list[Any], filter: Any, params: Any, *, named: bool = False
) -> tuple[str, dict[str, Any]]:
    """Return text and parameters of a delete's filter; nothing when keys are given.

    Args:
        keys: The keys given.
        filter: The filter given.
        params: The filter's parameters.
        named: Whether an argument for keys was given, which may be an empty list.

    Raises:
        ParamError: Both are given.
        DataTypeNotMatchException: Neither is.
    """
    if keys:
        if filter is not None and not (isinstance(filter, str) and not filter):
            raise ParamError(
                message="Ambiguous filter parameter, only one deletion condition can be specified."
            )
        return "", {}
    if filter is None:
        step = (
            "The list of ids is empty: give at least one key, or leave the call out."
            if named
            else "Give ids, or a filter, of the rows to delete."
        )
        message = f"{messages.EXPRESSION_TYPE.format(type(filter))} {step}"
        raise DataTypeNotMatchException(message=message)
    return filter_and_params(filter, params)


def field_operations(given: Mapping[str, Any] | None) -> tuple[FieldOp, ...]:
    """Return the field operations of a partial upsert; replacing is what happens anyway.

    Raises:
        ParamError: An operation has no known name.
    """
    chosen = []
    for field, choice in check_mapping(given, "field_ops").items():
        name = choice.name if isinstance(choice, FieldOpChoice) else choice
        if not isinstance(name, str) or name.lower() not in _FIELD_OPS:
            raise ParamError(
                message=f"unknown field_op alias {choice!r} for field {field!r}, should be one "
                f"of {list(_FIELD_OPS)}"
            )
        if name.lower() != "replace":
            chosen.append(FieldOp(field=field, op=name.lower()))
    return tuple(chosen)


def size_of(data: Any) -> int:
    """Return the number of rows, as far as that is known without looking at them."""
    try:
        return len(data)
    except TypeError:
        return 1
