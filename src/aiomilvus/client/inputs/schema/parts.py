"""The parts that a schema is given: fields, structs and functions, each of its type, or refused."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from aiomilvus.client.inputs.schema import messages
from aiomilvus.client.inputs.schema.field_arguments import check_truth
from aiomilvus.client.inputs.schema.fields import FieldSchema, StructFieldSchema
from aiomilvus.client.inputs.schema.functions import Function
from aiomilvus.errors import (
    FieldsTypeException,
    FieldTypeException,
    FunctionsTypeException,
    ParamError,
    SchemaNotReadyException,
)

if TYPE_CHECKING:
    from collections.abc import Container

    from aiomilvus.errors import MilvusException


_FLAGS = ("enable_dynamic_field", "enable_namespace")


def copied_options(options: dict[str, object]) -> dict[str, object]:
    """Return a copy of a schema's options; raise ParamError where one can be no option at all."""
    try:
        copied = deepcopy(options)
        return {
            **copied,
            **{name: check_truth(copied[name], name) for name in _FLAGS if name in copied},
        }
    except (TypeError, ValueError, RecursionError) as error:
        message = f"an option of the schema is wrong ({error}): invalid parameter"
        raise ParamError(message=message) from None


def copied_fields(fields: list[FieldSchema]) -> list[FieldSchema]:
    """Return copies of fields; raise where something else is among them."""
    if not isinstance(fields, list):
        raise FieldsTypeException(message=messages.FIELDS_TYPE)
    if not all(isinstance(field, FieldSchema) for field in fields):
        raise FieldTypeException(message=messages.FIELD_TYPE)
    return [deepcopy(field) for field in fields]


def copied_structs(structs: list[StructFieldSchema] | None) -> list[StructFieldSchema]:
    """Return copies of structs; raise where something else is among them."""
    if structs is None:
        return []
    if not isinstance(structs, (list, tuple)):
        raise FieldsTypeException(message=messages.FIELDS_TYPE)
    if not all(isinstance(struct, StructFieldSchema) for struct in structs):
        raise FieldTypeException(message=messages.FIELD_TYPE)
    return [deepcopy(struct) for struct in structs]


def listed_functions(functions: list[Function] | None) -> list[Function]:
    """Return functions as a list of its own; raise where something else is among them."""
    if functions is None:
        return []
    if not isinstance(functions, (list, tuple)):
        raise FunctionsTypeException(message=messages.FUNCTIONS_TYPE)
    if not all(isinstance(function, Function) for function in functions):
        raise SchemaNotReadyException(message=messages.FUNCTION_TYPE)
    return list(functions)


def is_named(field: FieldSchema, names: Container[object]) -> bool:
    """Return whether a field has one of these names, whatever it was given as its own."""
    name: object = field.name
    return isinstance(name, str) and name in names


def refuse_second(
    present: FieldSchema | None, field: FieldSchema, error: type[MilvusException], message: str
) -> None:
    """Raise `error` where another field has the role already."""
    if present is not None and present.name != field.name:
        raise error(message=message.format(present.name, field.name))


def named_struct(name: str, kwargs: dict[str, Any]) -> StructFieldSchema:
    """Return a copy of the struct that a field is made of, with the field's name and options."""
    for needed in ("struct_schema", "max_capacity"):
        if needed not in kwargs:
            raise ParamError(message=f"Param {needed} is required when datatype is STRUCT")
    struct: StructFieldSchema = deepcopy(kwargs["struct_schema"])
    struct.name = name
    struct.nullable = kwargs.get("nullable", False)
    struct.max_capacity = kwargs["max_capacity"]
    struct.description = kwargs.get("description", struct.description)
    struct.params.update({k: kwargs[k] for k in ("mmap_enabled", "warmup") if k in kwargs})
    return struct
