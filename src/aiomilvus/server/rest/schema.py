"""Fields, structs and functions of a body → Milvus' schema messages."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from aiomilvus.errors import ParamError
from aiomilvus.server.rest.body import Body, as_param, as_params
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from aiomilvus.model.schema import Field

_FLAGS = {
    "isPrimary": "is_primary_key",
    "isPartitionKey": "is_partition_key",
    "isClusteringKey": "is_clustering_key",
    "nullable": "nullable",
}
_FUNCTIONS = {"BM25": 1, "TextEmbedding": 2, "Rerank": 3, "MinHash": 4, "MolFingerprint": 5}
_STRUCT, _ARRAY_OF_STRUCT = "Struct", "ArrayOfStruct"
_DEFAULTS: dict[str, tuple[str, tuple[type, ...]]] = {
    "Bool": ("bool_data", (bool,)),
    "Int8": ("int_data", (int,)),
    "Int16": ("int_data", (int,)),
    "Int32": ("int_data", (int,)),
    "Int64": ("long_data", (int,)),
    "Float": ("float_data", (int, float)),
    "Double": ("double_data", (int, float)),
    "VarChar": ("string_data", (str,)),
    "Text": ("string_data", (str,)),
    "Geometry": ("string_data", (str,)),
    "Timestamptz": ("string_data", (str,)),
}


@cache
def _types() -> dict[str, int]:
    return {each.name: int(each) for each in pb.DataType}


def data_type(name: str) -> int:
    """Return the number of a data type.

    Raises:
        ParamError: There is none of this name, upper and lower case told apart.
    """
    number = _types().get(name, 0)
    if not number:
        raise ParamError(message=f"invalid parameter, data type {name} is invalid(case sensitive).")
    return number


def write_field(message: pb.FieldSchema, given: Body, *, auto_id: bool = False) -> None:
    """Put a field into an empty message; `auto_id` is what the schema says of its primary key."""
    kind = given.text("dataType")
    message.name = given.text("fieldName")
    message.data_type = pb.DataType(data_type(kind))
    message.description = given.text("description")
    for name, target in _FLAGS.items():
        setattr(message, target, given.flag(name))
    message.autoID = given.flag("autoID") or (auto_id and message.is_primary_key)
    message.external_field = given.text("externalField")
    if given.text("elementDataType"):
        message.element_type = pb.DataType(data_type(given.text("elementDataType")))
    write_pairs(message.type_params, as_params(given.mapping("elementTypeParams")))
    default = given.given.get("defaultValue")
    if default is not None:
        _write_default(message.default_value, kind, default)


def _write_default(message: pb.ValueField, kind: str, value: Any) -> None:
    slot, kinds = _DEFAULTS.get(kind, ("", ()))
    if type(value) not in kinds:
        raise ParamError(
            message=f"convert defaultValue fail, err:cannot use {as_param(value)} as default "
            f"value of type {kind}"
        )
    try:
        setattr(message, slot, value)
    except ValueError as error:
        raise ParamError(message=f"convert defaultValue fail, err:{error}") from None


def write_struct(message: pb.StructArrayFieldSchema, given: Body) -> None:
    """Put an array of structs into an empty message."""
    message.name = given.text("fieldName")
    message.description = given.text("description")
    message.nullable = given.flag("nullable")
    own = as_params(given.mapping("typeParams") or given.mapping("elementTypeParams"))
    for item in given.objects("fields"):
        inner = message.fields.add()
        write_field(inner, Body(item, "StructField"))
        inner.nullable |= message.nullable  # by itself a sub-field can't say it
        if "max_capacity" in own and not any(p.key == "max_capacity" for p in inner.type_params):
            write_pairs(inner.type_params, {"max_capacity": own["max_capacity"]})


def is_struct(given: Body) -> bool:
    """Whether a field is an array of structs, in either of its spellings."""
    kind = given.text("dataType")
    return kind == _ARRAY_OF_STRUCT or (
        kind == "Array" and given.text("elementDataType") == _STRUCT
    )


def write_function(message: pb.FunctionSchema, given: Body) -> None:
    """Put a function into an empty message."""
    kind = given.text("type")
    if kind not in _FUNCTIONS:
        raise ParamError(message=f"Unsupported function type: {kind}")
    message.name = given.text("name")
    message.description = given.text("description")
    message.type = pb.FunctionType(_FUNCTIONS[kind])
    message.input_field_names.extend(given.texts("inputFieldNames"))
    message.output_field_names.extend(given.texts("outputFieldNames"))
    write_pairs(message.params, as_params(given.mapping("params")))


def write_schema(message: pb.CollectionSchema, given: Body) -> None:
    """Put fields, structs and functions of a ``schema`` object into a message."""
    message.external_source = given.text("externalSource")
    message.external_spec = given.text("externalSpec")
    message.enable_dynamic_field = given.flag("enableDynamicField")
    auto_id = given.flag("autoID")
    message.autoID = auto_id
    structs = given.objects("structFields")
    for item in given.objects("fields"):
        field = Body(item, "FieldSchema")
        if is_struct(field):
            structs = [*structs, item]
        else:
            write_field(message.fields.add(), field, auto_id=auto_id)
    for item in structs:
        write_struct(message.struct_array_fields.add(), Body(item, "StructFieldSchema"))
    for item in given.objects("functions"):
        write_function(message.functions.add(), Body(item, "FunctionSchema"))
    _mark_outputs(message)


def _mark_outputs(message: pb.CollectionSchema) -> None:
    outputs = {name for function in message.functions for name in function.output_field_names}
    for field in message.fields:
        field.is_function_output = field.name in outputs


def default_of(field: Field) -> Any:
    """Return a field's default value in the form that the protocol's own JSON has."""
    slot, _ = _DEFAULTS.get(pb.DataType(field.dtype).name, ("", ()))
    if not slot:
        return {"Data": {"BytesData": orjson.dumps(field.default).decode()}}
    name = "".join(word.capitalize() for word in slot.split("_"))
    return {"Data": {name: field.default}}
