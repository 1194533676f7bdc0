"""Indexes: created and described at once, built in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.registry import check_index
from aiomilvus.engine.index.scalar.json_path_index import path_of
from aiomilvus.engine.maintenance.index_builds import describe as describe_index
from aiomilvus.engine.operations.record_changes import changed
from aiomilvus.engine.operations.rules.index_rules import check_index_name
from aiomilvus.engine.properties import check_not_loaded, check_warmup, refused
from aiomilvus.errors import IndexNotExistException, ParamError
from aiomilvus.model.nearest import or_nearest
from aiomilvus.model.truths import is_boolean
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import indexes as ops
    from aiomilvus.model.results import IndexInfo
    from aiomilvus.model.schema import Field, Schema

RESERVED = ("mmap.enabled", "warmup", "indexoffsetcache.enabled")
_SWITCHES = ("mmap.enabled", "indexoffsetcache.enabled")
_CASELESS = ("metric_type", "json_cast_type")
"""What may be written in small letters, and is described as it was written."""


def create(database: DatabaseState, op: ops.CreateIndex) -> None:
    """Create an index; creating the same one again is a success."""
    collection = database.collection(op.db, op.collection, any_name=True)
    field = _field(collection.record.schema, op)
    properties = {k: v for k, v in op.params.items() if k in RESERVED}
    _check_properties(properties, "invalid mmap type params")
    given = {k: v for k, v in op.params.items() if k not in RESERVED}
    if field.is_dynamic and op.field != field.name:
        given.setdefault("json_path", op.field)
    params = check_index(field, given)
    default = _default_name(field, params)
    name = op.name if op.name.strip() else default
    if name != default:
        check_index_name(name)
    with collection.writes.turn:
        record = collection.record
        for spec in record.indexes:
            if spec.field == field.name and spec.name == name and spec.params == params:
                return
            shares_field = spec.field == field.name
            if spec.name == name or (
                shares_field and not _may_have_several(field, params, spec.params)
            ):
                raise _taken(spec, name)
        spec = IndexSpec(
            id=record.next_index_id,
            name=name,
            field=field.name,
            params=params,
            properties=properties,
            given={k: given[k] for k in _CASELESS if k in given and given[k] != params.get(k)},
            nested=op.nested,
        )
        collection.change(
            changed(
                database,
                record,
                indexes=(*record.indexes, spec),
                next_index_id=record.next_index_id + 1,
            )
        )
    database.maintenance.schedule_upkeep(collection)


def _field(schema: Schema, op: ops.CreateIndex) -> Field:
    """Return the field to index: the dynamic one for a name that the schema does not have.

    Raises:
        ParamError: There is no such field, and no dynamic one.
    """
    field = schema.by_name.get(op.field)
    is_json = "json_cast_type" in op.params or "json_path" in op.params
    if field is None and schema.dynamic is not None and is_json:
        field = schema.dynamic
    if field is None:
        message = f"cannot create index on non-exist field: {op.field}"
        near = or_nearest(op.field, [each.name for each in schema.fields])
        raise ParamError(message=message + near)
    return field


def _default_name(field: Field, params: dict[str, str]) -> str:
    """Return the field's name, followed by the path in JSON."""
    if field.dtype is not DataType.JSON:
        return field.name
    path = path_of(field, params.get("json_path", ""))
    return "/".join((field.name, *path))


def _may_have_several(field: Field, given: dict[str, str], other: dict[str, str]) -> bool:
    """Tell whether both are JSON path indexes on different paths."""
    if field.dtype is not DataType.JSON:
        return False
    first, second = (path_of(field, params.get("json_path", "")) for params in (given, other))
    return first != second


def _find(collection: Collection, name: str) -> IndexSpec | None:
    for spec in collection.record.indexes:
        if name == spec.name:
            return spec
    return None


def drop(database: DatabaseState, op: ops.DropIndex) -> None:
    """Drop an index; one that does not exist is a success."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with collection.writes.turn:
        record = collection.record
        spec = _find(collection, op.name)
        if spec is None:
            return
        field = record.schema.by_name.get(spec.field)
        if record.loaded and field is not None and field.vector_type:
            message = "vector index cannot be dropped on loaded collection"
            raise ParamError(message=f"{message}: {record.name}: invalid parameter")
        kept = tuple(other for other in record.indexes if other.id != spec.id)
        collection.change(changed(database, record, indexes=kept))
    database.maintenance.build(collection)


def describe(database: DatabaseState, op: ops.DescribeIndexes) -> tuple[IndexInfo, ...]:
    """Describe the indexes asked for, with their true state."""
    collection = database.collection(op.db, op.collection)
    found = (
        (spec, describe_index(collection, spec))
        for spec in collection.record.indexes
        if op.name in ("", spec.name)
    )
    return tuple(info for spec, info in found if op.field in ("", spec.field, info.field))


def alter(database: DatabaseState, op: ops.AlterIndexProperties) -> None:
    """Set and drop index properties, while the collection is released."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with collection.writes.turn:
        spec = _find(collection, op.name)
        if spec is None:
            message = f"index not found[collection={collection.record.name}][index={op.name}]"
            raise IndexNotExistException(message=message)
        message = "can't alter index on loaded collection, please release the collection first"
        check_not_loaded(collection.record, message)
        unknown = [k for k in (*op.properties, *op.drop) if k not in RESERVED]
        if unknown:
            message = f"{unknown[0]} is not a configable index property: invalid parameter"
            raise ParamError(message=message)
        _check_properties(op.properties, "invalid mmap index params")
        kept = {k: v for k, v in spec.properties.items() if k not in op.drop}
        changed_spec = msgspec.structs.replace(spec, properties={**kept, **op.properties})
        indexes = tuple(
            changed_spec if other.id == spec.id else other for other in collection.record.indexes
        )
        collection.change(changed(database, collection.record, indexes=indexes))


def _taken(spec: IndexSpec, name: str) -> ParamError:
    """Return the error for an index beside another, of the same name or on the same field."""
    message = "CreateIndex failed: creating multiple indexes on same field is not supported"
    if spec.name == name:
        message = "CreateIndex failed: at most one distinct index is allowed per field"
    what = f"index {spec.name} is on field {spec.field}, drop it first"
    return ParamError(message=f"{message}: {what}: invalid parameter")


def _check_properties(properties: dict[str, str], said: str) -> None:
    """Raise ParamError for a value that a property can't have.

    Args:
        properties: What is set.
        said: How an error about ``mmap.enabled`` begins.
    """
    for name in _SWITCHES:
        value = properties.get(name, "true")
        if not is_boolean(value):
            begin = said if name == "mmap.enabled" else "invalid offset cache index params"
            message = f"{begin}: invalid {name} value: {value}, expected: true, false"
            raise ParamError(message=f"{message}: invalid parameter")
    if "warmup" in properties:
        try:
            check_warmup(properties["warmup"])
        except ParamError as error:
            raise refused(f"invalid warmup params: {error.message}") from None
