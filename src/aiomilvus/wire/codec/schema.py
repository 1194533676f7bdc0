"""CollectionSchema, FieldSchema, FunctionSchema ↔ the frozen schema.

The protocol keeps structs apart from the other fields, and the dynamic field out of sight:
`enable_dynamic_field` stands for it. The model has all of them among `Schema.fields`. Whether a
schema is a valid one is the engine's to judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from aiomilvus.errors import NotSupportedError, ParamError
from aiomilvus.model.json_text import decode_json
from aiomilvus.model.schema import (
    DYNAMIC_FIELD,
    LOADING,
    NUMBERS,
    Field,
    FunctionSpec,
    Schema,
    StructSpec,
    numbers_of,
)
from aiomilvus.model.types import DataType, FunctionType
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.proto import messages

if TYPE_CHECKING:
    from enum import IntEnum

    _Kind = TypeVar("_Kind", bound=IntEnum)

_DEFAULT_SLOTS = {
    DataType.BOOL: "bool_data",
    DataType.INT8: "int_data",
    DataType.INT16: "int_data",
    DataType.INT32: "int_data",
    DataType.INT64: "long_data",
    DataType.FLOAT: "float_data",
    DataType.DOUBLE: "double_data",
    DataType.STRING: "string_data",
    DataType.VARCHAR: "string_data",
    DataType.TEXT: "string_data",
    DataType.GEOMETRY: "string_data",
    DataType.TIMESTAMPTZ: "string_data",
    DataType.JSON: "bytes_data",
}


def write_schema(schema: Schema, name: str, db: str = "") -> messages.CollectionSchema:
    """Return the schema of the collection called `name` as a message."""
    message = messages.CollectionSchema(
        name=name,
        dbName=db,
        description=schema.description,
        enable_dynamic_field=schema.enable_dynamic_field,
        enable_namespace=schema.enable_namespace,
        version=schema.version,
        external_source=schema.external_source,
        external_spec=schema.external_spec,
    )
    for field in schema.fields:
        if not (field.struct or field.is_dynamic):
            write_field(message.fields.add(), field)
    for struct in schema.structs:
        write_struct(message.struct_array_fields.add(), struct, schema.fields_of(struct.name))
    ids = {field.name: field.id for field in schema.fields if field.id}
    for function in schema.functions:
        added = message.functions.add()
        write_function(added, function)
        added.input_field_ids.extend(ids[n] for n in function.inputs if n in ids)
        added.output_field_ids.extend(ids[n] for n in function.outputs if n in ids)
    return message


def read_schema(message: messages.CollectionSchema) -> Schema:
    """Return the schema that a message holds, with the dynamic field if it is enabled.

    Raises:
        ParamError: An unknown data type or function type, or a number that is none.
    """
    structs: list[StructSpec] = []
    fields = [read_field(field) for field in message.fields]
    for item in message.struct_array_fields:
        struct, inner = read_struct(item)
        structs.append(struct)
        fields += inner
    if message.enable_dynamic_field and not any(field.is_dynamic for field in fields):
        fields.append(Field(name=DYNAMIC_FIELD, dtype=DataType.JSON, is_dynamic=True))
    # Fields that have no number yet keep their order, behind those that have one.
    fields.sort(key=lambda field: (not field.id, field.id))
    return Schema(
        fields=tuple(fields),
        functions=tuple(read_function(function) for function in message.functions),
        structs=tuple(structs),
        description=message.description,
        enable_dynamic_field=message.enable_dynamic_field,
        enable_namespace=message.enable_namespace,
        version=message.version,
        external_source=message.external_source,
        external_spec=message.external_spec,
    )


def write_field(message: messages.FieldSchema, field: Field) -> None:
    """Put a field into an empty message; a sub-field gets its name inside the struct."""
    inner = field.name.removeprefix(f"{field.struct}[").removesuffix("]")
    message.name = inner if field.struct else field.name
    message.fieldID = field.id
    message.description = field.description
    message.data_type = field.dtype
    message.element_type = field.element_type
    message.is_primary_key = field.is_primary
    message.autoID = field.auto_id
    message.nullable = field.nullable
    message.is_partition_key = field.is_partition_key
    message.is_clustering_key = field.is_clustering_key
    message.is_dynamic = field.is_dynamic
    message.is_function_output = field.is_function_output
    message.external_field = field.external_field
    numbers = {key: getattr(field, key) for key in NUMBERS}
    write_pairs(message.type_params, {key: number for key, number in numbers.items() if number})
    write_pairs(message.type_params, field.params)
    if field.has_default and field.default is not None:
        write_default(message.default_value, field)


def read_field(message: messages.FieldSchema, struct: str = "") -> Field:
    """Return the field that a message describes; a sub-field is called ``struct[sub]``.

    Raises:
        ParamError: An unknown data type, or a dimension, length or capacity that is no number.
    """
    params = read_pairs(message.type_params)
    numbers = {key: _number(params[key], key, message.name) for key in NUMBERS if key in params}
    dtype = _kind(DataType, message.data_type, f"data type of field {message.name}")
    element_type = _kind(DataType, message.element_type, f"element type of field {message.name}")
    may_have = numbers_of(dtype, element_type)
    params = {
        key: text
        for key, text in params.items()
        if key not in numbers or (not numbers[key] and key in may_have)
    }
    default = message.default_value if message.HasField("default_value") else None
    return Field(
        id=message.fieldID,
        name=_full_name(struct, message.name),
        dtype=dtype,
        description=message.description,
        is_primary=message.is_primary_key,
        auto_id=message.autoID,
        nullable=message.nullable,
        default=msgspec.UNSET if default is None else read_default(default, message.name),
        is_partition_key=message.is_partition_key,
        is_clustering_key=message.is_clustering_key,
        is_dynamic=message.is_dynamic,
        is_function_output=message.is_function_output,
        element_type=element_type,
        params=params,
        struct=struct,
        external_field=message.external_field,
        **numbers,
    )


def _full_name(struct: str, name: str) -> str:
    if not struct or (name.startswith(f"{struct}[") and name.endswith("]")):
        return name
    return f"{struct}[{name}]"


def _number(text: str, key: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        message = f"the value for {key} of field {name} must be an integer, but got {text!r}"
        raise ParamError(message=f"{message}: invalid parameter") from None


def _kind(kinds: type[_Kind], number: int, what: str) -> _Kind:
    try:
        return kinds(number)
    except ValueError:
        for kind in messages.FunctionType if kinds is FunctionType else messages.DataType:
            if kind == number:  # the protocol's, which the client has no name for yet
                raise NotSupportedError(message=f"{what}: {kind.name} is not supported") from None
        raise ParamError(message=f"invalid {what}: {number} is not known") from None


def write_struct(
    message: messages.StructArrayFieldSchema, struct: StructSpec, fields: tuple[Field, ...]
) -> None:
    """Put a struct and its sub-fields into an empty message."""
    message.name = struct.name
    message.fieldID = struct.id
    message.description = struct.description
    message.nullable = struct.nullable
    for field in fields:
        # The capacity is the struct's, and each sub-field says it.
        with_capacity = msgspec.structs.replace(field, max_capacity=struct.max_capacity)
        write_field(message.fields.add(), with_capacity)


def read_struct(message: messages.StructArrayFieldSchema) -> tuple[StructSpec, list[Field]]:
    """Return a struct and its sub-fields."""
    fields = [read_field(field, message.name) for field in message.fields]
    loading = {k: v for k, v in read_pairs(message.type_params).items() if k in LOADING}
    fields = [msgspec.structs.replace(each, params={**loading, **each.params}) for each in fields]
    struct = StructSpec(
        id=message.fieldID,
        name=message.name,
        description=message.description,
        max_capacity=fields[0].max_capacity if fields else 0,
        nullable=message.nullable,
    )
    return struct, fields


def write_function(message: messages.FunctionSchema, function: FunctionSpec) -> None:
    """Put a function into an empty message."""
    message.name = function.name
    message.id = function.id
    message.description = function.description
    message.type = function.type
    message.input_field_names.extend(function.inputs)
    message.output_field_names.extend(function.outputs)
    write_pairs(message.params, function.params)


def read_function(message: messages.FunctionSchema) -> FunctionSpec:
    """Return the function that a message describes; its parameters are strings."""
    return FunctionSpec(
        id=message.id,
        name=message.name,
        type=_kind(FunctionType, message.type, f"type of function {message.name}"),
        description=message.description,
        inputs=tuple(message.input_field_names),
        outputs=tuple(message.output_field_names),
        params=dict(read_pairs(message.params)),
    )


def write_default(message: messages.ValueField, field: Field) -> None:
    """Put a field's default value into an empty message.

    Raises:
        ParamError: The field's type has no default values, or this is none of that type.
    """
    slot = _DEFAULT_SLOTS.get(field.dtype)
    value: Any = field.default
    if field.dtype is DataType.JSON:
        value = msgspec.json.encode(value)
    elif field.dtype is DataType.TIMESTAMPTZ and isinstance(value, int):
        slot = "timestamptz_data"
    if slot is None:
        raise ParamError(message=f"type {field.dtype.spelling} not support default_value")
    try:
        setattr(message, slot, value)
    except (TypeError, ValueError) as error:
        raise ParamError(
            message=f"type ({field.dtype.spelling}) of field ({field.name}) is not equal to "
            f"the type of default_value: {error}"
        ) from None


def read_default(message: messages.ValueField, name: str) -> Any:
    """Return the value that a message holds, or `msgspec.UNSET` if it is empty."""
    filled = message.WhichOneof("data")
    if filled is None:
        return msgspec.UNSET
    value = getattr(message, filled)
    if filled != "bytes_data":
        return value
    return decode_json(value, f"the default value of field {name}")
