"""What a schema may be: Milvus' rules and words, checked when a collection is made or altered."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.operations.rules.default_rules import check_default
from aiomilvus.engine.operations.rules.function_rules import check_functions
from aiomilvus.engine.operations.rules.struct_rules import check_structs, name_in_struct
from aiomilvus.engine.properties import check_warmup
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.schema_functions import languages_of
from aiomilvus.errors import (
    FieldInvalidNameError,
    IllegalSchemaError,
    MilvusException,
    MissingParamError,
    NotSupportedError,
    ParamError,
)
from aiomilvus.expr.parser import NEVER_NAMES
from aiomilvus.model.schema import VIRTUAL_KEY
from aiomilvus.model.truths import is_boolean
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.model.schema import Field, Schema

MAX_FIELDS = 64
MAX_VECTORS = 10
MAX_DIM = 32_768
MAX_LENGTH = 65_535
MAX_CAPACITY = 4_096
SYSTEM_FIELDS = frozenset({"RowID", "Timestamp", "$meta", "$namespace_id", VIRTUAL_KEY})
VECTOR_CLUSTERING_KEY = 107
_FILTER_WORDS = (
    "like exists and or not in true false json_contains json_contains_all json_contains_any "
    "array_contains array_contains_all array_contains_any array_length text_match phrase_match "
    "random_sample"
).split()
_ONLY_LOWER = frozenset({"like", "and", "or", "not", "in"})
_KEYWORDS = frozenset(
    {*_FILTER_WORDS, *(w.upper() for w in _FILTER_WORDS if w not in _ONLY_LOWER), "True", "False"}
)
"""Names that Milvus refuses; those that filters can't tell from their own words, in any case."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ELEMENTS = frozenset(
    {
        DataType.BOOL,
        DataType.INT8,
        DataType.INT16,
        DataType.INT32,
        DataType.INT64,
        DataType.FLOAT,
        DataType.DOUBLE,
        DataType.VARCHAR,
    }
)
_CLUSTERED = _ELEMENTS - {DataType.BOOL}
_SERVED = _ELEMENTS | {
    DataType.TEXT,
    DataType.JSON,
    DataType.ARRAY,
    DataType.TIMESTAMPTZ,
    DataType.GEOMETRY,
    DataType.FLOAT_VECTOR,
    DataType.FLOAT16_VECTOR,
    DataType.BFLOAT16_VECTOR,
    DataType.INT8_VECTOR,
    DataType.BINARY_VECTOR,
    DataType.SPARSE_FLOAT_VECTOR,
}


def check_schema(name: str, schema: Schema) -> None:
    """Raise unless `schema` may be that of a collection called `name`.

    Raises:
        ParamError, FieldInvalidNameError: A rule is broken; the message says which.
        NotSupportedError: The engine does not serve a type or function yet.
    """
    named = [field for field in schema.fields if not field.is_dynamic]
    seen: set[str] = set()
    for field in named:
        if not field.struct:
            check_field(name, field)
        if field.name in SYSTEM_FIELDS and not (field.is_primary and schema.is_external):
            message = f'field name "{field.name}" is reserved for internal use and cannot be used'
            what = f"in user schemas: schema contains system field: {field.name}"
            raise FieldInvalidNameError(
                message=f"{message} {what}: field name invalid[field={field.name}]"
            )
        if field.name in seen:
            message = f"duplicated field name {field.name} found: invalid parameter"
            raise ParamError(message=message)
        seen.add(field.name)
    check_structs(schema, _check_field_name, partial(_check_sub_field, name))
    primaries = [field for field in named if field.is_primary]
    if not primaries:
        raise MissingParamError(message="primary key is not specified: missing parameter")
    if len(primaries) > 1:
        both = f"{primaries[0].name}, {primaries[1].name}"
        message = f"there are more than one primary key, field name = {both}: invalid parameter"
        raise ParamError(message=message)
    if primaries[0].dtype not in (DataType.INT64, DataType.VARCHAR):
        message = "the data type of primary key should be Int64 or VarChar: invalid parameter"
        raise ParamError(message=message)
    if primaries[0].nullable:
        message = "primary field not support null: invalid parameter"
        raise ParamError(message=message)
    _check_counts(schema, named)
    _check_partition_key([field for field in named if field.is_partition_key])
    _check_clustering_key(name, [field for field in named if field.is_clustering_key])
    check_functions(schema)


def check_growth(
    name: str, schema: Schema, fields: tuple[Field, ...], struct: str | None = None
) -> None:
    """Raise unless a collection may get further fields.

    Only what is new is checked, and that the whole is not too large: what is there was made under
    the rules of its day.

    Args:
        name: Of the collection.
        schema: With the further fields.
        fields: The further ones.
        struct: Name of the array of structs that they are, None for none.

    Raises:
        ParamError, FieldInvalidNameError: A rule is broken; the message says which.
        NotSupportedError: The engine does not serve a type yet.
    """
    if struct is not None:
        only = tuple(each for each in schema.structs if each.name == struct)
        check_structs(schema, _check_field_name, partial(_check_sub_field, name), only)
    else:
        for field in fields:
            check_field(name, field)
    _check_counts(schema, [field for field in schema.fields if not field.is_dynamic])
    _check_clustering_key(name, [field for field in fields if field.is_clustering_key])


def _check_counts(schema: Schema, named: list[Field]) -> None:
    if not schema.vectors:
        message = "schema does not contain vector field: invalid parameter"
        raise ParamError(message=message)
    if len(schema.vectors) > MAX_VECTORS:
        message = f"maximum vector field's number should be limited to {MAX_VECTORS}"
        raise ParamError(message=message)
    if len(named) > MAX_FIELDS:
        raise ParamError(message=f"maximum field's number should be limited to {MAX_FIELDS}")


def _check_partition_key(keys: list[Field]) -> None:
    if len(keys) > 1:
        both = f"{keys[0].name}, {keys[1].name}"
        message = f"there are more than one partition key, field name = {both}: invalid parameter"
        raise ParamError(message=message)
    for key in keys:
        if key.is_primary:
            message = "the partition key field must not be primary field: invalid parameter"
            raise ParamError(message=message)
        if key.nullable:
            message = "partition key field not support nullable: invalid parameter"
            raise ParamError(message=message)
        if key.dtype not in (DataType.INT64, DataType.VARCHAR):
            message = "the data type of partition key should be Int64 or VarChar: invalid parameter"
            raise ParamError(message=message)


def _check_clustering_key(collection: str, keys: list[Field]) -> None:
    if len(keys) > 1:
        both = f"{keys[0].name}, {keys[1].name}"
        reason = f"there are more than one clustering key, field name = {both}"
    elif keys and keys[0].dtype.is_vector:
        message = f"vector clustering key not allowed[collection={collection}]"
        raise MilvusException(VECTOR_CLUSTERING_KEY, message)
    elif keys and keys[0].dtype not in _CLUSTERED:
        kind = keys[0].dtype.spelling
        reason = f"clustering key field {keys[0].name} has unsupported data type {kind}"
    else:
        return
    message = f"{reason}: illegal collection schema[collection={collection}]"
    raise IllegalSchemaError(message=message)


def check_field(collection: str, field: Field) -> None:
    """Raise unless `field` may be part of a collection."""
    _check_field_name(field.name)
    if field.dtype is DataType.STRING:
        raise NotSupportedError(
            message="string data type not supported yet, please use VarChar type instead"
        )
    if field.dtype not in _SERVED:
        message = (
            f"fields of type {field.dtype.spelling} (field {field.name}) are not supported by the "
            "embedded engine yet"
        )
        raise NotSupportedError(message=message)
    if field.dtype.is_dense or field.dtype is DataType.BINARY_VECTOR:
        _check_dim(field)
    if field.dtype is DataType.SPARSE_FLOAT_VECTOR and (field.dim or "dim" in field.params):
        message = "dim should not be specified for sparse vector field"
        raise ParamError(message=f"{message} {field.name}({field.id}): invalid parameter")
    if field.dtype is DataType.VARCHAR:
        _check_length(collection, field)
    if field.dtype is DataType.ARRAY:
        _check_array(collection, field)
    if field.auto_id and not field.is_primary:
        message = "only primary field can speficy AutoID with true, field name"
        raise ParamError(message=f"{message} = {field.name}: invalid parameter")
    check_default(field)
    check_analyzer(field)
    _check_loading(field)


def check_analyzer(field: Field) -> None:
    """Raise unless a field's texts can be analyzed as its parameters say.

    What says how is checked of a field that is not analyzed, too: it may be one day.
    """
    for name in ("enable_analyzer", "enable_match"):
        _check_boolean(field, name)
    if field.is_matched and not field.is_analyzed:
        message = f"field {field.name} is set to enable match but not enable analyzer"
        raise ParamError(message=f"{message}: invalid parameter")
    analyzer = field.params.get("analyzer_params")
    if analyzer:
        build_analyzer(analyzer)
    if languages_of(field) is not None and (analyzer or field.is_matched):
        name = "analyzer_params" if analyzer else "enable_match"
        message = f"field {field.name} can't have {name} with multi_analyzer_params"
        raise ParamError(message=f"{message}: invalid parameter")


def _check_loading(field: Field) -> None:
    """Raise unless a field's parameters say how it may be loaded."""
    _check_boolean(field, "mmap.enabled")
    if "warmup" in field.params:
        try:
            check_warmup(field.params["warmup"])
        except ParamError as error:
            told = f"invalid warmup value for field {field.name}: {error.message}"
            raise ParamError(message=told) from None


def _check_boolean(field: Field, name: str) -> None:
    value = field.params.get(name, "false")
    if not is_boolean(value):
        message = f"{name} of field {field.name} should be a boolean, but got {value}"
        raise ParamError(message=f"{message}: invalid parameter")


def _check_sub_field(collection: str, field: Field) -> None:
    named = msgspec.structs.replace(field, name=name_in_struct(field))
    _check_field_name(named.name)
    if field.dtype is DataType.ARRAY_OF_VECTOR:
        _check_dim(named)
        _check_capacity(collection, named)
    else:
        _check_array(collection, named)
    check_analyzer(named)
    _check_loading(named)


def _check_field_name(name: str) -> None:
    if not name:
        reason = "The field name should not be empty."
    elif not re.match(r"[A-Za-z_]", name):
        reason = "The first character of a field name must be an underscore or letter."
    elif not _NAME.fullmatch(name):
        reason = "Field name can only contain numbers, letters, and underscores."
    elif len(name.encode()) > 255:
        reason = "The length of a field name must be less than 255 characters."
    elif name in _KEYWORDS or name.lower() in NEVER_NAMES:
        reason = f"{name} is keyword in milvus."
    else:
        return
    message = f"Invalid field name: {name}. {reason}: field name invalid[field={name}]"
    raise FieldInvalidNameError(message=message)


def _check_dim(field: Field) -> None:
    binary = field.vector_type is DataType.BINARY_VECTOR
    largest = MAX_DIM * 8 if binary else MAX_DIM
    if not field.dim and "dim" not in field.params:
        message = (
            f"dimension is not defined in field type params of field {field.name}, check type "
            "param `dim` for vector field: invalid parameter"
        )
        raise ParamError(message=message)
    if field.dim < 2:
        message = f"invalid dimension: {field.dim}. should be in range 2 ~ {MAX_DIM}"
        raise ParamError(message=f"{message}: field {field.name}: invalid parameter")
    if field.dim > largest:
        kind = "binary" if binary else "float"
        message = (
            f"invalid dimension: {field.dim} of field {field.name}. {kind} vector dimension "
            f"should be in range 2 ~ {largest}: invalid parameter"
        )
        raise ParamError(message=message)
    if binary and field.dim % 8:
        message = (
            f"invalid dimension: {field.dim} of field {field.name}. binary vector dimension "
            "should be multiple of 8. : invalid parameter"
        )
        raise ParamError(message=message)


def _check_length(collection: str, field: Field) -> None:
    if not field.max_length and "max_length" not in field.params:
        message = (
            f"type param(max_length) should be specified for the field({field.name}) of "
            f"collection {collection}: missing parameter"
        )
        raise MissingParamError(message=message)
    if not 0 < field.max_length <= MAX_LENGTH:
        message = (
            f"the maximum length specified for the field({field.name}) should be in "
            f"(0, {MAX_LENGTH}], but got {field.max_length} instead: invalid parameter"
        )
        raise ParamError(message=message)


def _check_array(collection: str, field: Field) -> None:
    if field.element_type not in _ELEMENTS:
        message = f"element type {field.element_type.spelling} is not supported: field {field.name}"
        raise ParamError(message=f"{message}: invalid parameter")
    _check_capacity(collection, field)
    if field.element_type is DataType.VARCHAR:
        _check_length(collection, field)


def _check_capacity(collection: str, field: Field) -> None:
    if not field.max_capacity and "max_capacity" not in field.params:
        message = (
            f"type param(max_capacity) should be specified for array field {field.name} of "
            f"collection {collection}: missing parameter"
        )
        raise MissingParamError(message=message)
    if not 0 < field.max_capacity <= MAX_CAPACITY:
        message = (
            f"the maximum capacity specified for a Array should be in (0, {MAX_CAPACITY}], "
            f"but got {field.max_capacity}: field {field.name}: invalid parameter"
        )
        raise ParamError(message=message)
