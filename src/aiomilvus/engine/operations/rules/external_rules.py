"""What an external collection may be: Milvus' rules and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.external.arrow_columns import TYPES
from aiomilvus.engine.external.source import check_given
from aiomilvus.engine.properties import CHANGES, DYNAMIC, TTL, TTL_FIELD, refused
from aiomilvus.errors import NotSupportedError
from aiomilvus.model.schema import VIRTUAL_KEY, Field
from aiomilvus.model.types import DataType, FunctionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.model.schema import Schema

_MADE = (FunctionType.BM25, FunctionType.MINHASH)
"""Functions whose outputs are computed from the rows as they are read."""
_ROWS_CHANGE = (CHANGES, TTL, TTL_FIELD)
"""Properties about rows that are written here."""


def external_schema(name: str, schema: Schema, num_shards: int) -> Schema:
    """Return the schema of an external collection with what Milvus adds to it.

    That is the virtual primary key; and all fields that read a column may be null.

    Raises:
        ParamError: It may not be one; the message says why.
        NotSupportedError: This engine can't read such a source, or fill a field.
    """
    check_given(schema.external_source, schema.external_spec)
    if num_shards > 1:
        message = "external collection does not support multiple shards, got ShardsNum"
        raise refused(f"{message}={num_shards}")
    for what, is_there in (
        ("dynamic field", schema.enable_dynamic_field),
        ("struct fields", bool(schema.structs)),
        ("namespace", schema.enable_namespace),
    ):
        if is_there:
            raise refused(f"external collection {name} does not support {what}")
    _check_functions(name, schema)
    outputs = {each for function in schema.functions for each in function.outputs}
    for field in schema.fields:
        _check_field(name, field, is_output=field.name in outputs)
    check_mapping(schema)
    fields = [
        field if field.name in outputs else msgspec.structs.replace(field, nullable=True)
        for field in schema.fields
    ]
    key = Field(name=VIRTUAL_KEY, dtype=DataType.INT64, is_primary=True, auto_id=True)
    return msgspec.structs.replace(schema, fields=(key, *fields))


def _check_functions(name: str, schema: Schema) -> None:
    for function in schema.functions:
        if function.type not in _MADE:
            message = f"external collection {name}: functions of type {function.type.spelling} are"
            raise NotSupportedError(message=f"{message} not supported here: BM25 and MinHash are")


def _check_field(name: str, field: Field, *, is_output: bool) -> None:
    said = f"external collection {name} does not support"
    for what, is_there in (
        ("user-defined primary key field", field.is_primary),
        ("partition key field", field.is_partition_key),
        ("clustering key field", field.is_clustering_key),
        ("auto id on field", field.auto_id),
        ("a default value on field", field.has_default),
    ):
        if is_there:
            raise refused(f"{said} {what} {field.name}")
    if field.name == VIRTUAL_KEY:
        raise refused(f"schema contains system field: {VIRTUAL_KEY}")
    if is_output:
        if field.external_field:
            message = f"function output field '{field.name}' in external collection {name} must"
            raise refused(f"{message} not have external_field mapping")
        return
    check_external_field(name, field)


def check_external_field(name: str, field: Field) -> None:
    """Raise unless a field of an external collection reads a column, and of a type that may.

    Raises:
        ParamError: It reads none.
        NotSupportedError: The type is one that Milvus reads, and this engine does not.
    """
    if not field.external_field:
        message = f"field '{field.name}' in external collection {name} must have"
        raise refused(f"{message} external_field mapping")
    if field.dtype not in TYPES:
        kind = field.dtype.spelling
        message = f"external collection {name} does not support field type {kind} on field"
        raise NotSupportedError(message=f"{message} {field.name}")


def check_mapping(schema: Schema) -> None:
    """Raise ParamError if two fields read the same column."""
    seen: dict[str, str] = {}
    for field in schema.fields:
        column = field.external_field
        if column and column in seen:
            both = f"{seen[column]} and {field.name}"
            raise refused(f"external_field {column!r} is mapped by two fields, {both}")
        seen[column] = field.name


def check_altered(properties: Mapping[str, str]) -> None:
    """Raise ParamError if properties of an external collection may not be set."""
    for key in ("external_source", "external_spec"):
        if key in properties:
            message = f"cannot alter {key} via alter_collection_properties"
            raise refused(f"{message}; use RefreshExternalCollection instead")
    if DYNAMIC in properties:
        raise refused("an external collection does not support dynamic field")
    check_properties(properties)


def check_properties(properties: Mapping[str, str]) -> None:
    """Raise ParamError if a property is about rows that are written here."""
    for key in _ROWS_CHANGE:
        if key in properties:
            raise refused(f"an external collection is read-only and has no property {key}")
