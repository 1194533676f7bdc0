"""Insert, upsert, delete."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec
import numpy as np

from aiomilvus.errors import ParamError
from aiomilvus.model.columns import BytesColumn, Column, FixedColumn
from aiomilvus.model.operations import data as ops
from aiomilvus.wire.codec.batches import read_batch, write_batch
from aiomilvus.wire.codec.query_results import read_mutation, write_mutation
from aiomilvus.wire.codec.templates import read_templates, write_templates
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.splice import join
from aiomilvus.wire.table.route import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.model.schema import Field, Schema

_FIELDS = 5  # field number in InsertRequest and UpsertRequest
_FIELD_OPS = ("replace", "array_append", "array_remove")
"""In the order of the protocol's numbers, from 0."""

_KEYS = re.compile(r"\s*(\w+)\s+in\s*(\[[^\]\\]*\])\s*")
_NUMBERS = msgspec.json.Decoder(list[int])
_TEXTS = msgspec.json.Decoder(list[str])


def keys_expression(primary: str, keys: Column) -> str:
    """Return the filter that lets rows with these keys pass."""
    values: list[Any]
    if isinstance(keys, BytesColumn):
        values = [key.decode() for key in keys]
    elif isinstance(keys, FixedColumn):
        values = keys.values.tolist()
    else:
        raise TypeError(f"keys are in a {keys.kind} column")
    return f"{primary} in {msgspec.json.encode(values).decode()}"


def read_keys_expression(text: str, primary: Field) -> Column | None:
    """Return the keys if a filter names some and nothing else; None for all other filters.

    Clients ask so for the rows with given keys, because the protocol has no other way.
    """
    found = _KEYS.fullmatch(text)
    if found is None or found[1] != primary.name:
        return None
    listed = found[2]
    try:
        if primary.dtype.is_string:
            mixed = "'" in listed and '"' in listed
            texts = [] if mixed else _TEXTS.decode(listed.replace("'", '"'))
            return BytesColumn.of([key.encode() for key in texts]) if _differ(texts) else None
        numbers = _NUMBERS.decode(listed)
        return FixedColumn(np.array(numbers, np.int64)) if _differ(numbers) else None
    except (msgspec.DecodeError, OverflowError):
        return None


def _differ(keys: Sequence[Any]) -> bool:
    """Whether there are keys, and no key comes twice."""
    return 0 < len(keys) == len(set(keys))


def _write_insert(op: ops.Insert, schema: Schema) -> bytes:
    head = pb.InsertRequest(
        db_name=op.db,
        collection_name=op.collection,
        partition_name=op.partition,
        namespace=op.namespace,
        num_rows=len(op.batch),
        schema_timestamp=op.schema_timestamp,
    )
    return join([head.SerializeToString(), *write_batch(schema, op.batch, _FIELDS, reply=False)])


class Namespaced(Protocol):
    """A request that may name a namespace."""

    namespace: str

    def HasField(self, field_name: Literal["namespace"], /) -> bool:  # noqa: N802 - protobuf's
        """Return whether it names one."""


def read_namespace(message: Namespaced) -> str | None:
    """Return the namespace that a request names; none is another thing than ""."""
    return message.namespace if message.HasField("namespace") else None


def _read_insert(m: pb.InsertRequest, schema: Schema) -> ops.Insert:
    return ops.Insert(
        db=m.db_name,
        collection=m.collection_name,
        partition=m.partition_name,
        namespace=read_namespace(m),
        batch=read_batch(schema, m.fields_data, m.num_rows, schema.time_zone or "UTC"),
        schema_timestamp=m.schema_timestamp,
    )


def _write_upsert(op: ops.Upsert, schema: Schema) -> bytes:
    head = pb.UpsertRequest(
        db_name=op.db,
        collection_name=op.collection,
        partition_name=op.partition,
        namespace=op.namespace,
        num_rows=len(op.batch),
        partial_update=op.partial,
        schema_timestamp=op.schema_timestamp,
    )
    for each in op.field_ops:
        head.field_ops.add(field_name=each.field, op=_FIELD_OPS.index(each.op))
    return join([head.SerializeToString(), *write_batch(schema, op.batch, _FIELDS, reply=False)])


def _read_upsert(m: pb.UpsertRequest, schema: Schema) -> ops.Upsert:
    return ops.Upsert(
        db=m.db_name,
        collection=m.collection_name,
        partition=m.partition_name,
        namespace=read_namespace(m),
        partial=m.partial_update,
        batch=read_batch(schema, m.fields_data, m.num_rows, schema.time_zone or "UTC"),
        schema_timestamp=m.schema_timestamp,
        field_ops=tuple(_read_field_op(each) for each in m.field_ops),
    )


def _read_field_op(m: pb.FieldPartialUpdateOp) -> ops.FieldOp:
    if not 0 <= m.op < len(_FIELD_OPS):
        raise ParamError(message=f"unknown operation {m.op} on field {m.field_name}")
    return ops.FieldOp(field=m.field_name, op=_FIELD_OPS[m.op])


def _write_delete(op: ops.Delete, schema: Schema) -> Any:
    expression = op.filter
    if op.ids is not None:
        expression = keys_expression(schema.primary.name, op.ids)
    message = pb.DeleteRequest(
        db_name=op.db,
        collection_name=op.collection,
        partition_name=op.partition,
        namespace=op.namespace,
        expr=expression,
    )
    write_templates(message.expr_template_values, op.filter_params)
    return message


def _read_delete(m: pb.DeleteRequest, _schema: object) -> ops.Delete:
    return ops.Delete(
        db=m.db_name,
        collection=m.collection_name,
        partition=m.partition_name,
        namespace=read_namespace(m),
        filter=m.expr,
        filter_params=read_templates(m.expr_template_values),
    )


def _write_outcome(found: Any, _op: object, _schema: object) -> Any:
    return write_mutation(found)


def _read_outcome(m: Any, _op: object, _schema: object) -> Any:
    return read_mutation(m)


ROUTES = (
    Route(
        operation=ops.Insert,
        name="Insert",
        request=_write_insert,
        read_request=_read_insert,
        reply=_write_outcome,
        read_reply=_read_outcome,
        repeatable=False,
        needs_schema=True,
    ),
    Route(
        operation=ops.Upsert,
        name="Upsert",
        request=_write_upsert,
        read_request=_read_upsert,
        reply=_write_outcome,
        read_reply=_read_outcome,
        repeatable=False,
        needs_schema=True,
    ),
    Route(
        operation=ops.Delete,
        name="Delete",
        request=_write_delete,
        read_request=_read_delete,
        reply=_write_outcome,
        read_reply=_read_outcome,
        repeatable=False,
        needs_schema=True,
    ),
)
