"""Changed records of collections: what a definition makes of the catalog's entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.catalog.records import PartitionRecord
from aiomilvus.engine.operations.rules.partition_rules import MAX_PARTITIONS
from aiomilvus.errors import ParamError
from aiomilvus.model.schema import DYNAMIC_FIELD, Field, Schema, StructSpec
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.state import DatabaseState


def changed(
    database: DatabaseState, record: CollectionRecord, **values: object
) -> CollectionRecord:
    """Return `record` with other values and a fresh update timestamp."""
    return msgspec.structs.replace(record, updated=database.clock.next(), **values)


def altered(
    database: DatabaseState, record: CollectionRecord, **values: object
) -> CollectionRecord:
    """Return `record` with other values, after which cached schemas are stale."""
    now = database.clock.next()
    return msgspec.structs.replace(record, updated=now, altered=now, **values)


def add_partition(database: DatabaseState, collection: Collection, name: str) -> int:
    """Return the number of a collection's partition, which is created if there is none.

    A collection that is loaded as a whole stays so.

    Raises:
        ParamError: There are as many as there may be.
    """
    with collection.writes.turn:
        record = collection.record
        for part in record.partitions:
            if part.name == name:
                return part.id
        if len(record.partitions) >= MAX_PARTITIONS:
            message = f"partition number ({MAX_PARTITIONS}) exceeds max configuration"
            raise ParamError(message=f"{message}: invalid parameter")
        now = database.clock.next()
        made = PartitionRecord(id=database.catalog.next_id(), name=name, created=now)
        loaded = record.loaded
        if loaded and len(loaded) == len(record.partitions):
            loaded = loaded | {made.id}
        partitions = (*record.partitions, made)
        collection.change(changed(database, record, partitions=partitions, loaded=loaded))
        return made.id


def next_version(schema: Schema, **values: object) -> Schema:
    """Return the schema with other values and the next version number."""
    return msgspec.structs.replace(schema, version=schema.version + 1, **values)


def with_field(record: CollectionRecord, field: Field) -> CollectionRecord:
    """Return the record with one more field, and the number it gets."""
    numbered = msgspec.structs.replace(field, id=record.next_field_id)
    schema = next_version(record.schema, fields=(*record.schema.fields, numbered))
    return msgspec.structs.replace(record, schema=schema, next_field_id=record.next_field_id + 1)


def with_struct(
    record: CollectionRecord, struct: StructSpec, fields: tuple[Field, ...]
) -> CollectionRecord:
    """Return the record with one more array of structs, numbered behind its sub-fields."""
    after = record
    for field in fields:
        after = with_field(after, field)
    numbered = msgspec.structs.replace(struct, id=after.next_field_id)
    schema = msgspec.structs.replace(
        after.schema,
        structs=(*after.schema.structs, numbered),
        version=record.schema.version + 1,
    )
    number = after.next_field_id + 1
    return msgspec.structs.replace(after, schema=schema, next_field_id=number)


def without_fields(record: CollectionRecord, names: set[str]) -> CollectionRecord:
    """Return the record without some fields, structs that have no others, and their indexes."""
    kept = tuple(field for field in record.schema.fields if field.name not in names)
    held = {field.struct for field in kept}
    structs = tuple(struct for struct in record.schema.structs if struct.name in held)
    return msgspec.structs.replace(
        record,
        schema=next_version(record.schema, fields=kept, structs=structs),
        indexes=tuple(spec for spec in record.indexes if spec.field not in names),
    )


def with_dynamic_field(record: CollectionRecord, *, enabled: bool) -> CollectionRecord:
    """Return the record with or without the field that holds what the schema does not name."""
    if record.schema.enable_dynamic_field == enabled:
        return record
    if enabled:
        field = Field(name=DYNAMIC_FIELD, dtype=DataType.JSON, is_dynamic=True)
        after = with_field(record, field)
    else:
        after = without_fields(record, {DYNAMIC_FIELD})
    schema = msgspec.structs.replace(after.schema, enable_dynamic_field=enabled)
    return msgspec.structs.replace(after, schema=schema)
