"""Repeated FieldData ↔ ColumnBatch: structs taken apart, the dynamic field found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.errors import FieldNotFoundError, ParamError
from aiomilvus.model.batch import ColumnBatch
from aiomilvus.model.schema import DYNAMIC_FIELD, Field, Schema
from aiomilvus.model.types import DataType
from aiomilvus.wire.codec import slots
from aiomilvus.wire.codec.columns import read_column, write_column
from aiomilvus.wire.proto import messages
from aiomilvus.wire.splice import Piece, enclose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aiomilvus.model.columns import Column

_STRUCTS, _STRUCT_FIELDS = 8, 1  # field numbers in FieldData and StructArrayField


def write_batch(
    schema: Schema, batch: ColumnBatch, number: int, *, reply: bool, zone: str = "UTC"
) -> list[Piece]:
    """Return a batch as a repeated FieldData field of a message.

    Args:
        schema: Has a field for every column.
        batch: The columns, in the order to write them.
        number: Number of the repeated field in the message.
        reply: Whether a server answers with it (see `write_column`).
        zone: Time zone to write moments in.
    """
    pieces: list[Piece] = []
    structs: dict[str, list[Piece]] = {}
    for name, column in batch.columns.items():
        field = schema.by_name[name]
        if not field.struct:
            written = write_column(field, column, reply=reply, zone=zone)
            pieces += enclose(number, written)
            continue
        inner = _name_in_struct(field)
        written = write_column(field, column, reply=reply, zone=zone, name=inner)
        structs.setdefault(field.struct, []).extend(enclose(_STRUCT_FIELDS, written))
    for name, fields in structs.items():
        head = messages.FieldData(type=DataType.ARRAY_OF_STRUCT, field_name=name)
        content = [head.SerializeToString(), *enclose(_STRUCTS, fields)]
        pieces += enclose(number, content)
    return pieces


def _name_in_struct(field: Field) -> str:
    return field.name.removeprefix(f"{field.struct}[").removesuffix("]")


def read_batch(
    schema: Schema, columns: Iterable[messages.FieldData], num_rows: int, zone: str = "UTC"
) -> ColumnBatch:
    """Return the rows of a request.

    Raises:
        FieldNotFoundError: A column is of no field of the schema.
        ParamError: A field comes twice, or a column does not fit its field or the number of
            rows.
    """
    batch: dict[str, Column] = {}
    for name, message in _flat(columns):
        field = schema.dynamic if message.is_dynamic else schema.by_name.get(name)
        if field is None:
            raise FieldNotFoundError(
                message=f"failed to get field schema by name: fieldName({name}) not found"
            )
        if field.name in batch:
            raise ParamError(message=f"duplicated field name: field {field.name} comes twice")
        batch[field.name] = read_column(field, message, num_rows, zone)
    return ColumnBatch(num_rows, batch)


def read_reply_batch(
    schema: Schema, columns: Iterable[messages.FieldData]
) -> tuple[Schema, ColumnBatch]:
    """Return the rows of a reply, and a schema that has a field for each column.

    Columns that `schema` does not know (a field added since, a count, an aggregate) are read by
    what they say of themselves, and added to it.

    Raises:
        ParamError: A column does not fit its field, or the columns have different lengths.
    """
    added: list[Field] = []
    batch: dict[str, Column] = {}
    num_rows = None
    for name, message in _flat(columns):
        field = schema.dynamic if message.is_dynamic else schema.by_name.get(name)
        if field is None or _is_taken_apart(field, message):
            field = _described(name, message)
            added.append(field)
        batch[field.name] = read_column(field, message, num_rows)
        num_rows = len(batch[field.name])
    if added:
        names = {field.name for field in added}
        kept = (field for field in schema.fields if field.name not in names)
        schema = msgspec.structs.replace(schema, fields=(*kept, *added))
    return schema, ColumnBatch(num_rows or 0, batch)


def _is_taken_apart(field: Field, message: messages.FieldData) -> bool:
    """Return whether moments come as arrays of years, months…, as ``time_fields`` asks."""
    return field.dtype is DataType.TIMESTAMPTZ and message.type == DataType.ARRAY


def _flat(
    columns: Iterable[messages.FieldData],
) -> Iterator[tuple[str, messages.FieldData]]:
    """Yield each column with its name; the sub-fields of structs as ``struct[sub]``."""
    for message in columns:
        filled = message.WhichOneof("field")
        # Milvus' SDK for Node says that structs are of type ARRAY; what is filled decides.
        if message.type != DataType.ARRAY_OF_STRUCT and filled != "struct_arrays":
            yield message.field_name, message
            continue
        if filled not in (None, "struct_arrays"):
            raise slots.mismatch(message.field_name, "struct arrays", filled)
        for inner in message.struct_arrays.fields:
            outer = message.field_name
            # Some servers write the full name.
            full = inner.field_name.startswith(f"{outer}[") and inner.field_name.endswith("]")
            yield (inner.field_name if full else f"{outer}[{inner.field_name}]"), inner


def _described(name: str, message: messages.FieldData) -> Field:
    """Return the field that a column describes itself to be."""
    try:
        dtype = DataType(message.type)
        element = DataType.NONE
        if dtype is DataType.ARRAY:
            element = DataType(message.scalars.array_data.element_type)
        elif dtype is DataType.ARRAY_OF_VECTOR:
            element = DataType(message.vectors.vector_array.element_type)
    except ValueError:
        raise ParamError(message=f"field {name} has an unknown type: {message.type}") from None
    if dtype not in slots.SCALARS and dtype not in slots.VECTORS:
        raise ParamError(message=f"field {name} has no type")
    struct = name.partition("[")[0] if name.endswith("]") and "[" in name else ""
    return Field(
        id=message.field_id,
        name=DYNAMIC_FIELD if message.is_dynamic else name,
        dtype=dtype,
        element_type=element,
        dim=message.vectors.vector_array.dim or message.vectors.dim,
        nullable=bool(message.valid_data),
        is_dynamic=message.is_dynamic,
        struct=struct,
    )
