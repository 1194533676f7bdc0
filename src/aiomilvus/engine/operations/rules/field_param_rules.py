"""Which parameters of a field may be changed, and to what: Milvus' rules and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.operations.rules.default_rules import check_default
from aiomilvus.engine.operations.rules.schema_rules import (
    MAX_CAPACITY,
    MAX_LENGTH,
    check_analyzer,
)
from aiomilvus.engine.properties import check_not_loaded, check_warmup, refused
from aiomilvus.model.schema import Field
from aiomilvus.model.truths import is_boolean, is_true
from aiomilvus.model.types import DataType, FunctionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.model.schema import Schema

DESCRIPTION = "field.description"
MMAP = "mmap.enabled"
WARMUP = "warmup"
_OLDER_NAMES = {"mmap_enabled": MMAP}
ANALYZED = "enable_analyzer"
_ANALYZER = "analyzer_params"
_ANALYSIS = frozenset({ANALYZED, _ANALYZER})
_ALTERED = frozenset({"max_length", "max_capacity", MMAP, WARMUP, DESCRIPTION, *_ANALYSIS})
_DROPPED = frozenset({MMAP, WARMUP, *_ANALYSIS})
_OF_STRUCTS = frozenset({"max_capacity", DESCRIPTION})
"""What a whole array of structs has of its own."""


def with_params(
    record: CollectionRecord, field: Field, given: Mapping[str, str], dropped: tuple[str, ...]
) -> Field:
    """Return the field with changed parameters.

    Raises:
        ParamError: A parameter can't be changed, or not to this value.
        MilvusException: The collection is loaded, and this parameter needs it released (104).
    """
    params = dict(field.params)
    values: dict[str, object] = {}
    for key, value in given.items():
        name = _OLDER_NAMES.get(key, key)
        if name not in _ALTERED:
            raise refused(f"{key} does not allow update in collection field param")
        if name == DESCRIPTION:
            values["description"] = value
        elif name in ("max_length", "max_capacity"):
            values[name] = _size(field, name, value)
        elif name in _ANALYSIS:
            params[name] = _analysis(record.schema, field, name, value)
        else:
            params[name] = _loading(record, name, value)
    for key in dropped:
        name = _OLDER_NAMES.get(key, key)
        if name not in _DROPPED:
            raise refused(f"{key} is not allowed to drop in collection field param")
        if name in _ANALYSIS:
            _check_unanalyzed(record.schema, field)
        else:
            text = "can not drop collection field properties if collection loaded"
            check_not_loaded(record, text)
        params.pop(name, None)
    after = msgspec.structs.replace(field, params=params, **values)
    if (
        not _ANALYSIS.isdisjoint((*given, *dropped))
        and _ANALYZER in params
        and not after.is_analyzed
    ):
        text = f"field {field.name} with {_ANALYZER} must also set {ANALYZED} to true"
        raise refused(text)
    check_analyzer(after)
    return after


def with_struct_params(
    record: CollectionRecord, name: str, given: Mapping[str, str], dropped: tuple[str, ...]
) -> Schema:
    """Return the schema with an array of structs changed: what loads it, for all its sub-fields.

    Raises:
        ParamError: A parameter can't be changed, or not to this value.
        MilvusException: The collection is loaded, and this parameter needs it released (104).
    """
    loading = {key: value for key, value in given.items() if key not in _OF_STRUCTS}
    if "max_length" in loading:
        raise refused(f"{name} can not modify the maxlength for non-string types")
    values: dict[str, object] = {}
    if DESCRIPTION in given:
        values["description"] = given[DESCRIPTION]
    sizes: dict[str, object] = {}
    if "max_capacity" in given:
        array = Field(name=name, dtype=DataType.ARRAY)
        sizes["max_capacity"] = values["max_capacity"] = _capacity(array, given["max_capacity"])
    fields = tuple(
        msgspec.structs.replace(with_params(record, field, loading, dropped), **sizes)
        if field.struct == name
        else field
        for field in record.schema.fields
    )
    structs = tuple(
        msgspec.structs.replace(struct, **values) if struct.name == name else struct
        for struct in record.schema.structs
    )
    return msgspec.structs.replace(record.schema, fields=fields, structs=structs)


def _size(field: Field, name: str, value: str) -> int:
    return _length(field, value) if name == "max_length" else _capacity(field, value)


def _length(field: Field, value: str) -> int:
    if DataType.VARCHAR not in (field.dtype, field.element_type):
        raise refused(f"{field.name} can not modify the maxlength for non-string types")
    try:
        number = int(value)
    except ValueError:
        raise refused(f"max_length should be an integer, but got string {value!r}") from None
    if number > MAX_LENGTH:
        text = f"{number} exceeds the maximum allowed value {MAX_LENGTH}"
        raise refused(f"{text} of max_length: field {field.name}")
    if number <= 0:
        raise refused(f"max_length should be above 0, but got {number}: field {field.name}")
    check_default(msgspec.structs.replace(field, max_length=number))
    return number


def _capacity(field: Field, value: str) -> int:
    if field.dtype is not DataType.ARRAY or field.struct:  # the arrays of a struct go together
        raise refused(f"{field.name} can not modify the maxcapacity for non-array types")
    try:
        number = int(value)
    except ValueError:
        text = f"the value for max_capacity of field {field.name} must be an integer"
        raise refused(f"{text}, but got {value!r}") from None
    if not 0 < number <= MAX_CAPACITY:
        text = f"the maximum capacity specified for a Array should be in (0, {MAX_CAPACITY}]"
        raise refused(f"{text}, but got {number}: field {field.name}")
    return number


def _analysis(schema: Schema, field: Field, name: str, value: str) -> str:
    _check_unanalyzed(schema, field)
    if name != ANALYZED:
        return value
    if not is_boolean(value):
        raise refused(f"{name} should be a boolean, but got {value}")
    return "true" if is_true(value) else "false"


def _check_unanalyzed(schema: Schema, field: Field) -> None:
    """Raise unless no text of the field was analyzed yet."""
    if not field.dtype.is_string:
        raise refused(f"can not alter analyzer params for non-string field {field.name}")
    is_read = any(
        field.name in each.inputs and each.type in (FunctionType.BM25, FunctionType.MINHASH)
        for each in schema.functions
    )
    if is_read or field.is_matched:
        text = "after text match is enabled or a BM25/MinHash function depends on it"
        raise refused(f"can not alter analyzer params for field {field.name} {text}")


def _loading(record: CollectionRecord, name: str, value: str) -> str:
    if name == MMAP:
        text = "can not alter collection field properties if collection loaded"
        check_not_loaded(record, text)
        if value.lower() not in ("true", "false"):
            raise refused(f"{name} should be true or false, but got {value!r}")
        return value.lower()
    check_not_loaded(record, "can not alter warmup if collection loaded")
    check_warmup(value)
    return value
