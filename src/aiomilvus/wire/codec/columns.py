"""FieldData ↔ one column, nulls included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aiomilvus.model.columns import BytesColumn, ListColumn
from aiomilvus.model.types import DataType
from aiomilvus.wire import arrays
from aiomilvus.wire.codec import lists, scalars, slots, vectors
from aiomilvus.wire.proto import messages
from aiomilvus.wire.splice import Piece, enclose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field

_SCALARS, _VECTORS = 3, 4  # field numbers in FieldData


def write_column(
    field: Field, column: Column, *, reply: bool, zone: str = "UTC", name: str = ""
) -> list[Piece]:
    """Return the content of a FieldData.

    Args:
        field: What the column is a column of.
        column: The values.
        reply: Whether a server answers with it. The scalars of a reply keep a place for
            nulls; those of a request leave them out.
        zone: Time zone to write moments in.
        name: Name to give the column, if not the field's.
    """
    valid = _validity(field, column, reply=reply)
    if not reply or field.dtype.is_vector:
        column = slots.present(column)
    head = messages.FieldData(
        type=field.dtype,
        field_name=name or field.name,
        field_id=field.id,
        is_dynamic=field.is_dynamic,
        valid_data=[] if valid is None else arrays.packed_bools(valid),
    )
    return [head.SerializeToString(), *_write_values(field, column, zone)]


def _validity(field: Field, column: Column, *, reply: bool) -> NDArray[np.bool_] | None:
    if column.valid is not None:
        return column.valid
    # Milvus 2.5 wants the booleans of every field that may lack values, even if none does.
    if field.nullable or (field.has_default and not reply):
        return np.ones(len(column), np.bool_)
    return None


def _write_values(field: Field, column: Column, zone: str) -> list[Piece]:
    if field.dtype.is_vector:
        return enclose(_VECTORS, vectors.write_vectors(field.dtype, field.dim, column))
    if field.dtype is DataType.ARRAY_OF_VECTOR:
        held = messages.VectorField()
        rows = ListColumn.expect(column)
        lists.write_vector_arrays(held.vector_array, field.element_type, field.dim, rows)
        return enclose(_VECTORS, [held.SerializeToString()])
    message = messages.ScalarField()
    if field.dtype is DataType.ARRAY:
        message.array_data.SetInParent()
        rows = ListColumn.expect(column)
        lists.write_arrays(message.array_data, field.element_type, rows)
    else:
        scalars.write_scalars(message, field.dtype, column, zone)
    return enclose(_SCALARS, [message.SerializeToString()])


def read_column(
    field: Field, message: messages.FieldData, num_rows: int | None = None, zone: str = "UTC"
) -> Column:
    """Return the column that a message holds.

    Args:
        field: What the column is a column of.
        message: From a request or a reply.
        num_rows: Rows that there must be; None takes what the message has.
        zone: Time zone of moments that name no offset.

    Raises:
        ParamError: Another type, another number of rows, or values that the type does not
            have; the message names the field.
    """
    sent = arrays.read_bool_field(message, "valid_data")
    valid = sent if sent.size else None
    values = _read_values(field, message, valid, zone)
    if num_rows is None:
        num_rows = len(values) if valid is None else len(valid)
    placed = slots.place(values, valid, num_rows, field.name)
    if field.dtype is DataType.JSON and not field.is_dynamic and isinstance(placed, BytesColumn):
        return _with_nulls(placed, nullable=field.nullable)
    return placed


def _with_nulls(column: BytesColumn, *, nullable: bool) -> BytesColumn:
    """Return JSON values with nulls where nothing was written, marked as present or not.

    That is how Milvus' SDK for Node sends ``null`` up to its version 2.6. A field without nulls
    keeps JSON's own.
    """
    lengths = np.diff(column.offsets)
    empty = lengths == 0
    if column.valid is not None:
        empty &= column.valid
    if not empty.any():
        return column
    if nullable:
        valid = np.ones(len(column), np.bool_) if column.valid is None else column.valid
        return BytesColumn(column.offsets, column.data, valid & ~empty)
    texts = [b"null" if is_empty else raw for is_empty, raw in zip(empty, column, strict=True)]
    return BytesColumn.of(texts)


def _read_values(
    field: Field, message: messages.FieldData, valid: NDArray[np.bool_] | None, zone: str
) -> Column:
    filled = message.WhichOneof("field")
    if field.vector_type is not DataType.NONE:
        if filled not in (None, "vectors"):
            raise slots.mismatch(field.name, "vectors", filled)
        if field.dtype.is_vector:
            return vectors.read_vectors(message.vectors, field.dtype, field.dim, field.name)
        return _read_vector_arrays(field, message.vectors)
    if filled not in (None, "scalars"):
        raise slots.mismatch(field.name, "scalars", filled)
    if field.dtype is not DataType.ARRAY:
        values = message.scalars if valid is None else scalars.written(message.scalars, valid)
        return scalars.read_scalars(values, field.dtype, field.name, zone)
    slot = message.scalars.WhichOneof("data")
    if slot not in (None, "array_data"):
        raise slots.mismatch(field.name, f"{field.element_type.name} array", slot)
    return lists.read_arrays(message.scalars.array_data, field.element_type, field.name)


def _read_vector_arrays(field: Field, message: messages.VectorField) -> Column:
    filled = message.WhichOneof("data")
    if filled not in (None, "vector_array"):
        raise slots.mismatch(field.name, "vector array", filled)
    return lists.read_vector_arrays(message.vector_array, field.element_type, field.dim, field.name)
