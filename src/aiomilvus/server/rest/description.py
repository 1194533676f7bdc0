"""What ``/collections/describe`` tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.model.schema import DYNAMIC_FIELD
from aiomilvus.server.rest.consistency import LEVELS
from aiomilvus.server.rest.schema import default_of
from aiomilvus.server.rest.shapes import pairs
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from aiomilvus.model.results import CollectionInfo, IndexInfo
    from aiomilvus.model.schema import Field, FunctionSpec, Schema, StructSpec


def described(found: CollectionInfo, indexes: tuple[IndexInfo, ...], loaded: str) -> dict[str, Any]:
    """Return a collection as JSON; of its indexes, those of the first vector field alone."""
    schema = found.schema
    fields = [field for field in schema.fields if not field.struct and field.name != DYNAMIC_FIELD]
    first = next((field.name for field in fields if field.dtype.is_vector), "")
    return {
        "collectionName": found.name,
        "collectionID": found.id,
        "description": schema.description,
        "autoId": schema.primary.auto_id,
        "fields": [_field(field) for field in fields],
        "structFields": [_struct(struct, schema) for struct in schema.structs],
        "functions": [_function(each) for each in schema.functions],
        "aliases": list(found.aliases),
        "indexes": [_index(each) for each in indexes if each.field == first],
        "load": loaded,
        "shardsNum": found.num_shards,
        "partitionsNum": found.num_partitions,
        "consistencyLevel": LEVELS[found.consistency],
        "enableDynamicField": schema.enable_dynamic_field,
        "externalSource": schema.external_source,
        "externalSpec": schema.external_spec,
        "properties": pairs(found.properties),
    }


def _field(field: Field, name: str = "") -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": name or field.name,
        "id": field.id,
        "type": pb.DataType(field.dtype).name,
        "primaryKey": field.is_primary,
        "partitionKey": field.is_partition_key,
        "clusteringKey": field.is_clustering_key,
        "autoId": field.auto_id,
        "nullable": field.nullable,
        "description": field.description,
    }
    numbers = {key: getattr(field, key) for key in ("dim", "max_length", "max_capacity")}
    params = {key: str(number) for key, number in numbers.items() if number} | field.params
    if params:
        shown["params"] = pairs(params)
    if field.element_type:
        shown["elementType"] = pb.DataType(field.element_type).name
    if field.has_default:
        shown["defaultValue"] = default_of(field)
    if field.is_function_output:
        shown["isFunctionOutput"] = True
    if field.external_field:
        shown["externalField"] = field.external_field
    return shown


def _struct(struct: StructSpec, schema: Schema) -> dict[str, Any]:
    inner = schema.fields_of(struct.name)
    start = len(struct.name) + 1
    return {
        "name": struct.name,
        "id": struct.id,
        "description": struct.description,
        "nullable": struct.nullable,
        "type": "ArrayOfStruct",
        "params": pairs({"max_capacity": str(struct.max_capacity)}),
        "fields": [_field(field, field.name[start:-1]) for field in inner],
    }


def _function(function: FunctionSpec) -> dict[str, Any]:
    return {
        "name": function.name,
        "id": function.id,
        "description": function.description,
        "type": int(function.type),
        "inputFieldNames": list(function.inputs),
        "outputFieldNames": list(function.outputs),
        "params": pairs({key: str(value) for key, value in function.params.items()}),
    }


def _index(index: IndexInfo) -> dict[str, str]:
    return {
        "indexName": index.name,
        "fieldName": index.field,
        "metricType": index.params.get("metric_type", "COSINE"),
    }
