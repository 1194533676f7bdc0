"""From an application's CollectionSchema to the frozen model, and from there to plain data.

Whether the schema is one that Milvus accepts is decided by the engine, or the server; only
what cannot be carried over at all is refused here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from aiomilvus.errors import ParamError
from aiomilvus.model.plain import as_text
from aiomilvus.model.rows.errors import shorten
from aiomilvus.model.schema import (
    DYNAMIC_FIELD,
    FIRST_FIELD_ID,
    NUMBERS,
    Field,
    FunctionSpec,
    Schema,
    StructSpec,
    numbers_of,
)
from aiomilvus.model.truths import is_true
from aiomilvus.model.types import ConsistencyLevel, DataType

if TYPE_CHECKING:
    from aiomilvus.client.inputs.schema.collection import CollectionSchema
    from aiomilvus.client.inputs.schema.fields import FieldSchema, StructFieldSchema
    from aiomilvus.client.inputs.schema.functions import Function
    from aiomilvus.model.results import CollectionInfo

_WIRE_NAMES = {"mmap_enabled": "mmap.enabled"}
_OUR_NAMES = {name: ours for ours, name in _WIRE_NAMES.items()}


def freeze(schema: CollectionSchema) -> Schema:
    """Return the frozen schema, its fields numbered from 100 in order.

    Raises:
        ParamError: A type parameter that should be a number is none.
    """
    fields = [freeze_field(field) for field in schema.fields]
    if schema.enable_dynamic_field:
        fields.append(Field(name=DYNAMIC_FIELD, dtype=DataType.JSON, is_dynamic=True))
    structs = []
    for struct in schema.struct_fields:
        structs.append(freeze_struct(struct))
        fields.extend(freeze_sub_fields(struct))
    numbered = [
        msgspec.structs.replace(field, id=FIRST_FIELD_ID + number)
        for number, field in enumerate(fields)
    ]
    first = FIRST_FIELD_ID + len(numbered)
    return Schema(
        fields=tuple(numbered),
        functions=tuple(
            msgspec.structs.replace(freeze_function(function), id=FIRST_FIELD_ID + number)
            for number, function in enumerate(schema.functions)
        ),
        structs=tuple(
            msgspec.structs.replace(struct, id=first + number)
            for number, struct in enumerate(structs)
        ),
        description=schema.description,
        enable_dynamic_field=schema.enable_dynamic_field,
        enable_namespace=schema.enable_namespace,
        external_source=schema.external_source,
        external_spec=schema.external_spec,
    )


def freeze_field(field: FieldSchema) -> Field:
    """Return the frozen field, without a number."""
    element_type = DataType(field.element_type or DataType.NONE)
    numbers, params = _type_parameters(field, numbers_of(field.dtype, element_type))
    default = msgspec.UNSET if field.default_value is None else field.default_value
    return Field(
        name=field.name,
        dtype=field.dtype,
        description=field.description,
        is_primary=field.is_primary,
        auto_id=field.auto_id,
        nullable=field.nullable,
        default=default,
        is_partition_key=field.is_partition_key,
        is_clustering_key=field.is_clustering_key,
        is_dynamic=field.is_dynamic,
        is_function_output=field.is_function_output,
        external_field=field.external_field,
        element_type=element_type,
        params=params,
        dim=numbers.get("dim", 0),
        max_length=numbers.get("max_length", 0),
        max_capacity=numbers.get("max_capacity", 0),
    )


def freeze_function(function: Function) -> FunctionSpec:
    """Return the frozen function, without a number."""
    return FunctionSpec(
        name=function.name,
        type=function.type,
        description=function.description,
        inputs=tuple(function.input_field_names),
        outputs=tuple(function.output_field_names),
        params=dict(function.params),
    )


def freeze_struct(struct: StructFieldSchema) -> StructSpec:
    """Return the frozen array of structs, without a number and without its sub-fields."""
    capacity = _number(struct.name, "max_capacity", struct.max_capacity or 0)
    return StructSpec(
        name=struct.name,
        description=struct.description,
        max_capacity=capacity,
        nullable=struct.nullable,
    )


def freeze_sub_fields(struct: StructFieldSchema) -> tuple[Field, ...]:
    """Return the stored fields of a struct: arrays, or arrays of vectors."""
    capacity = _number(struct.name, "max_capacity", struct.max_capacity or 0)
    loading = {_WIRE_NAMES.get(key, key): as_text(value) for key, value in struct.params.items()}
    fields = []
    for field in struct.fields:
        frozen = freeze_field(field)
        is_vector = frozen.dtype.is_vector
        sub_field = msgspec.structs.replace(
            frozen,
            params={**loading, **frozen.params},
            name=f"{struct.name}[{field.name}]",
            dtype=DataType.ARRAY_OF_VECTOR if is_vector else DataType.ARRAY,
            element_type=frozen.dtype,
            max_capacity=capacity,
            nullable=struct.nullable,
            struct=struct.name,
        )
        fields.append(sub_field)
    return tuple(fields)


def describe(info: CollectionInfo) -> dict[str, Any]:
    """Return what `describe_collection` answers: plain data, shaped as pymilvus shapes it."""
    schema = info.schema
    plain: dict[str, Any] = {
        "collection_name": info.name,
        "auto_id": schema.primary.auto_id,
        "num_shards": info.num_shards,
        "description": schema.description,
        "fields": [
            describe_field(field)
            for field in schema.fields
            if not field.struct and not field.is_dynamic
        ],
        "functions": [_describe_function(schema, function) for function in schema.functions],
        "aliases": list(info.aliases),
        "collection_id": info.id,
        "consistency_level": info.consistency,
        "consistency_level_name": ConsistencyLevel(info.consistency).name,
        "properties": dict(info.properties),
        "num_partitions": info.num_partitions,
        "enable_dynamic_field": schema.enable_dynamic_field,
        "enable_namespace": schema.enable_namespace,
        "schema_version": schema.version,
    }
    plain["fields"] += [_describe_struct(schema, struct) for struct in schema.structs]
    for key in ("external_source", "external_spec"):
        if getattr(schema, key):
            plain[key] = getattr(schema, key)
    if info.created_timestamp:
        plain["created_timestamp"] = info.created_timestamp
    if info.updated_timestamp:
        plain["update_timestamp"] = info.updated_timestamp
    return plain


def describe_field(field: Field) -> dict[str, Any]:
    """Return one field as `describe_collection` shows it; what is not set is left out."""
    plain: dict[str, Any] = {
        "field_id": field.id,
        "name": field.name,
        "description": field.description,
        "type": field.dtype,
        "params": _describe_parameters(field),
    }
    if field.has_default:
        plain["default_value"] = field.default
    if field.element_type is not DataType.NONE:
        plain["element_type"] = field.element_type
    for key in ("is_partition_key", "is_dynamic", "auto_id", "nullable", "is_primary"):
        if getattr(field, key):
            plain[key] = True
    for key in ("is_clustering_key", "is_function_output", "external_field"):
        if getattr(field, key):
            plain[key] = getattr(field, key)
    return plain


def _describe_parameters(field: Field) -> dict[str, Any]:
    params: dict[str, Any] = {name: number for name in NUMBERS if (number := getattr(field, name))}
    for key, value in field.params.items():
        if key == "mmap.enabled":
            params["mmap_enabled"] = is_true(value)
        else:
            params[_OUR_NAMES.get(key, key)] = value
    return params


def _describe_function(schema: Schema, function: FunctionSpec) -> dict[str, Any]:
    ids = {name: field.id for name, field in schema.by_name.items()}
    return {
        "name": function.name,
        "id": function.id,
        "description": function.description,
        "type": function.type,
        "params": dict(function.params),
        "input_field_names": list(function.inputs),
        "input_field_ids": [ids[name] for name in function.inputs],
        "output_field_names": list(function.outputs),
        "output_field_ids": [ids[name] for name in function.outputs],
    }


def _describe_struct(schema: Schema, struct: StructSpec) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "field_id": struct.id,
        "name": struct.name,
        "description": struct.description,
        "type": DataType.ARRAY,
        "element_type": DataType.STRUCT,
        "params": {"max_capacity": struct.max_capacity},
        "struct_fields": [_describe_sub_field(f) for f in schema.fields_of(struct.name)],
    }
    if struct.nullable:
        plain["nullable"] = True
    return plain


def _describe_sub_field(field: Field) -> dict[str, Any]:
    params = _describe_parameters(field)
    params.pop("max_capacity", None)
    return {
        "field_id": field.id,
        "name": field.name[len(field.struct) + 1 : -1],
        "description": field.description,
        "type": field.element_type,
        "params": params,
    }


def _type_parameters(
    field: FieldSchema, may_have: tuple[str, ...]
) -> tuple[dict[str, int], dict[str, str]]:
    numbers, params = {}, {}
    for key, value in field.params.items():
        if key not in NUMBERS:
            params[_WIRE_NAMES.get(key, key)] = as_text(value)
            continue
        numbers[key] = _number(field.name, key, value)
        if not numbers[key] and key in may_have:  # a 0 that was given is told from none
            params[key] = as_text(value)
    return numbers, params


def _number(field: str, key: str, value: Any) -> int:
    try:
        number = None if isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or (isinstance(value, float) and value != number):
        raise ParamError(
            message=f"the value for {key} of field {field} must be an integer, but got "
            f"{shorten(value)}"
        )
    return number
