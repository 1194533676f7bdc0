"""What a change of the schema may be: Milvus' rules and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.operations.rules.external_rules import check_external_field, check_mapping
from aiomilvus.engine.operations.rules.function_rules import check_function
from aiomilvus.engine.operations.rules.index_rules import check_index_name
from aiomilvus.engine.operations.rules.schema_rules import SYSTEM_FIELDS, check_growth
from aiomilvus.engine.properties import refused
from aiomilvus.model.types import DataType, FunctionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.model.schema import Field, FunctionSpec, Schema, StructSpec

_BACKFILLED = frozenset({FunctionType.BM25, FunctionType.MINHASH})


def check_added_field(record: CollectionRecord, field: Field) -> None:
    """Raise unless `field` may be added to the collection.

    Raises:
        ParamError, FieldInvalidNameError: A rule is broken; the message says which.
        NotSupportedError: The engine does not serve the type yet.
    """
    name = field.name
    _check_not_there(record, name)
    if name in SYSTEM_FIELDS:
        raise refused(f"not support to add system field, field name = {name}")
    if field.is_primary:
        raise refused(f"not support to add pk field, field name = {name}")
    if field.auto_id:
        raise refused(f"only primary field can speficy AutoID with true, field name = {name}")
    if field.is_partition_key:
        raise refused(f"not support to add partition key field, field name  = {name}")
    if field.dtype.is_dense and not field.dim and "dim" not in field.params:
        raise refused(f"vector field must have dimension specified, field name = {name}")
    if not field.nullable:
        raise refused(f"added field must be nullable, please check it, field name = {name}")
    if field.dtype is DataType.TEXT and field.has_default:
        text = "default value is not supported when adding TEXT field"
        raise refused(f"{text}, field name = {name}")
    if record.schema.is_external:
        check_external_field(record.name, field)
    elif field.external_field:
        text = "add field operation does not support external field mapping"
        raise refused(f"{text}, field name = {name}: external_field is for external collections")
    _check_new(record, field)


def _check_not_there(record: CollectionRecord, name: str) -> None:
    schema = record.schema
    if not name.startswith("$") and (
        name in schema.by_name or any(struct.name == name for struct in schema.structs)
    ):
        raise refused(f"duplicated field name {name}")


def _check_new(record: CollectionRecord, field: Field) -> None:
    schema = record.schema
    clustered = next((each.name for each in schema.fields if each.is_clustering_key), "")
    if field.is_clustering_key and clustered:
        text = "already has another clustering key field"
        raise refused(f"{text}, field name: {field.name}: {clustered} is one")
    grown = msgspec.structs.replace(schema, fields=(*schema.fields, field))
    check_mapping(grown)
    check_growth(record.name, grown, (field,))


def check_added_struct(
    record: CollectionRecord, struct: StructSpec, fields: tuple[Field, ...]
) -> None:
    """Raise ParamError unless the array of structs may be added to the collection."""
    schema = record.schema
    if not struct.nullable:
        text = "added struct field must be nullable, please check it"
        raise refused(f"{text}, struct field name = {struct.name}")
    if struct.name in SYSTEM_FIELDS:
        raise refused(f"not support to add system field, field name = {struct.name}")
    _check_not_there(record, struct.name)
    added = msgspec.structs.replace(
        schema, fields=(*schema.fields, *fields), structs=(*schema.structs, struct)
    )
    check_growth(record.name, added, fields, struct.name)


def field_called(record: CollectionRecord, name: str) -> Field:
    """Return the field of that name.

    Raises:
        ParamError: There is none.
    """
    field = record.schema.by_name.get(name)
    if field is None:
        raise refused(f"field not found: {name}")
    return field


def droppable_fields(record: CollectionRecord, name: str, number: int) -> set[str]:
    """Return the names of the fields to drop: one, or all of an array of structs.

    Args:
        record: The collection.
        name: Of the field or the array of structs.
        number: The same by its number, where there is no name.

    Raises:
        ParamError: There is none, or it can't be dropped; the message says why.
    """
    schema = record.schema
    if not name and not number:
        raise refused("drop request must specify field_name, field_id, or function_name")
    if not name:
        names = {field.id: field.name for field in schema.fields}
        names.update((struct.id, struct.name) for struct in schema.structs)
        if number not in names:
            raise refused(f"field not found with id: {number}")
        name = names[number]
    if any(struct.name == name for struct in schema.structs):
        if all(field.struct == name for field in schema.vectors):
            text = f"cannot drop struct array field {name}"
            raise refused(f"{text}: it would leave no vector field in the collection")
        return {field.name for field in schema.fields_of(name)}
    field = field_called(record, name)
    _check_droppable(record, field)
    return {field.name}


def _check_droppable(record: CollectionRecord, field: Field) -> None:
    schema, name = record.schema, field.name
    if field.is_dynamic:
        hint = "use AlterCollection to disable dynamic schema instead"
        raise refused(f"cannot drop dynamic field: {name}, {hint}")
    kinds = {
        "primary key": field.is_primary,
        "partition key": field.is_partition_key,
        "clustering key": field.is_clustering_key,
    }
    for kind, is_one in kinds.items():
        if is_one:
            raise refused(f"cannot drop {kind} field: {name}")
    if field.struct:
        raise refused(f"cannot drop sub-field of struct array field: {name}")
    for function in schema.functions:
        if name in function.inputs:
            text = f"field is referenced by function {function.name} as input"
            raise refused(f"{text}, drop function first")
        if name in function.outputs:
            text = f"field is referenced by function {function.name} as output"
            raise refused(f"{text}, drop function first")
    if schema.vectors == (field,):
        raise refused(f"cannot drop the last vector field: {name}")
    if record.properties.get("ttl_field") == name:
        text = "because it is referenced by collection property ttl_field, drop the property first"
        raise refused(f"cannot drop field {name} {text}")


def function_called(schema: Schema, name: str) -> FunctionSpec:
    """Return the function of that name.

    Raises:
        ParamError: There is none.
    """
    for function in schema.functions:
        if function.name == name:
            return function
    raise refused(f"function not found: {name}")


def _check_new_function(schema: Schema, function: FunctionSpec) -> None:
    if any(each.name == function.name for each in schema.functions):
        raise refused(f"function already exists, name: {function.name}")
    outputs = {name: each.name for each in schema.functions for name in each.outputs}
    for name in function.inputs:
        if name in outputs:
            text = f"function {function.name} can't read {name}"
            raise refused(f"{text}: it is the output of function {outputs[name]}")
    for name in function.outputs:
        if name in outputs:
            raise refused(f"function output field {name} is already of other functions")


def check_added_function(schema: Schema, function: FunctionSpec) -> None:
    """Raise unless a function may be added over fields that there are."""
    if function.type in _BACKFILLED:
        hint = "add_function_field adds it together with its output field"
        raise refused(
            f"currently does not support adding {function.type.spelling} function: {hint}"
        )
    _check_new_function(schema, function)
    check_function(schema, function)


def check_added_output(record: CollectionRecord, function: FunctionSpec, field: Field) -> None:
    """Raise unless a function may be added together with its output field."""
    if function.type not in _BACKFILLED:
        text = "For now, only BM25 and MinHash functions are supported in add_function_field"
        raise refused(f"{text} interface, not {function.type.spelling}")
    for name in function.inputs:
        source = record.schema.by_name.get(name)
        if source is not None and source.dtype is DataType.TEXT:
            raise refused(
                f"adding a {function.type.spelling} function with a TEXT input field ({name}) is "
                "not supported: its output cannot be backfilled into existing segments; use a "
                "VARCHAR input field"
            )
    if function.outputs != (field.name,):
        text = f"function output field {', '.join(function.outputs) or '(none)'}"
        raise refused(f"{text} must be the newly-added field {field.name}")
    if field.is_primary or field.is_partition_key or field.is_clustering_key or field.auto_id:
        raise refused(f"function output field {field.name} can't be a key")
    if field.nullable:
        raise refused(f"function output field cannot be nullable: field {field.name}")
    _check_new_function(record.schema, function)
    _check_not_there(record, field.name)
    _check_new(record, field)
    fields = (*record.schema.fields, field)
    check_function(msgspec.structs.replace(record.schema, fields=fields), function)


def check_index_given(field: str, params: Mapping[str, str]) -> None:
    """Raise ParamError unless an index was given with a function's output field."""
    if not params.get("index_type"):
        raise refused(f"an index must be given for the function output field {field}")


def check_new_index(record: CollectionRecord, name: str) -> None:
    """Raise ParamError if an index can't have that name, or one has."""
    check_index_name(name)
    if any(spec.name == name for spec in record.indexes):
        raise refused(f"index name {name} already exists in collection")


def check_altered_function(schema: Schema, before: FunctionSpec, after: FunctionSpec) -> None:
    """Raise unless a function may be replaced by another."""
    if FunctionType.BM25 in (before.type, after.type):
        raise refused("currently does not support alter BM25 function")
    if before.name != after.name:
        raise refused(f"function name mismatch: {before.name} and {after.name}")
    others = tuple(each for each in schema.functions if each.id != before.id)
    rest = msgspec.structs.replace(schema, functions=others)
    _check_new_function(rest, after)
    check_function(rest, after)


def droppable_function(
    record: CollectionRecord, name: str, *, drop_field: bool
) -> FunctionSpec | None:
    """Return the function to drop; None when there is nothing to do.

    Raises:
        ParamError: There is none, or it can't be dropped so; the message says why.
    """
    schema = record.schema
    if drop_field:
        function = function_called(schema, name)
        if all(each.name in function.outputs for each in schema.vectors):
            text = f"cannot drop function {name}: it would leave no vector field in the collection"
            raise refused(text)
        return function
    found = next((each for each in schema.functions if each.name == name), None)
    if found is not None and found.type in _BACKFILLED:
        hint = "drop_function_field drops it together with its output field"
        raise refused(f"currently does not support dropping {found.type.spelling} function: {hint}")
    return found
