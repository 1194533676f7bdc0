"""Creating, describing, renaming, truncating and dropping collections, and their properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.catalog.records import CollectionRecord, PartitionRecord
from aiomilvus.engine.collection_log import FIRST_END
from aiomilvus.engine.names import check_name
from aiomilvus.engine.namespaces import appear_by_themselves, check_kept
from aiomilvus.engine.namespaces import check_created as check_namespaces
from aiomilvus.engine.operations.record_changes import altered, changed, with_dynamic_field
from aiomilvus.engine.operations.rules.default_rules import with_moment, with_moments_in
from aiomilvus.engine.operations.rules.external_rules import (
    check_altered,
    check_properties,
    external_schema,
)
from aiomilvus.engine.operations.rules.partition_rules import MAX_PARTITIONS
from aiomilvus.engine.operations.rules.schema_rules import check_schema
from aiomilvus.engine.operations.text import with_files
from aiomilvus.engine.properties import (
    CONSISTENCY,
    DESCRIPTION,
    DYNAMIC,
    MAX_COLLECTIONS,
    TIMEZONE,
    altered_properties,
    check_created,
    consistency_of,
)
from aiomilvus.engine.recording import let_go_logs, marked, recorded
from aiomilvus.errors import (
    AliasConflictError,
    CollectionLimitError,
    MilvusException,
    ParamError,
)
from aiomilvus.model.results import CollectionInfo
from aiomilvus.model.schema import (
    DEFAULT_DATABASE,
    DEFAULT_PARTITION,
    DYNAMIC_FIELD,
    FIRST_FIELD_ID,
    Field,
    Schema,
)
from aiomilvus.model.truths import is_true
from aiomilvus.model.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiomilvus.engine.snapshot import SegmentView
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import collections as ops

KEY_PARTITIONS = 16
MAX_SHARDS = 16


def create(database: DatabaseState, op: ops.CreateCollection) -> None:
    """Create a collection; creating the same one again is a success."""
    check_name(op.collection, "collection name")
    schema = with_files(database, op.schema)
    if schema.is_external:
        schema = external_schema(op.collection, schema, op.num_shards)
        check_properties(op.properties)
    check_schema(op.collection, schema)
    check_created(op.collection, schema, op.properties)
    check_namespaces(op.collection, schema, op.properties)
    if op.num_shards > MAX_SHARDS:
        message = f"maximum shards's number should be limited to {MAX_SHARDS}: invalid parameter"
        raise ParamError(message=message)
    with database.ddl:
        properties = _with_zone(database, op)
        schema = numbered(schema, properties.get(TIMEZONE, ""))
        if database.names.alias_target(op.db, op.collection) is not None:
            message = (
                f"alias and collection name conflict[database={op.db or DEFAULT_DATABASE}]"
                f"[alias={op.collection}]"
            )
            raise AliasConflictError(message=message)
        if database.names.find(op.db, op.collection) is not None:
            _check_same(database, op, schema)
            return
        check_room(database, op.db)
        record = _record(database, op, schema, properties)
        database.make_folder(record.id)
        with database.catalog.transaction():
            database.catalog.put_collection(record)
        database.attach(record)


def check_room(database: DatabaseState, db: str) -> None:
    """Raise CollectionLimitError if the database has as many collections as it may."""
    most = database.names.database(db).properties.get(MAX_COLLECTIONS, "")
    if most.isdecimal() and len(database.names.collections_in(db)) >= int(most):
        message = f"exceeded the limit number of collections[limit={most}]"
        raise CollectionLimitError(message=message)


def numbered(schema: Schema, zone: str = "") -> Schema:
    """Return the schema with field and function ids, and the dynamic field if it is enabled.

    Args:
        schema: As it was given, checked.
        zone: The time zone of default values without an offset.
    """
    fields = [field for field in schema.fields if not field.is_dynamic]
    if schema.enable_dynamic_field:
        fields.append(Field(name=DYNAMIC_FIELD, dtype=DataType.JSON, is_dynamic=True))
    outputs = {name for function in schema.functions for name in function.outputs}
    replace = msgspec.structs.replace
    return replace(
        schema,
        fields=tuple(
            replace(with_moment(field, zone), id=number, is_function_output=field.name in outputs)
            for number, field in enumerate(fields, FIRST_FIELD_ID)
        ),
        functions=tuple(
            replace(function, id=number)
            for number, function in enumerate(schema.functions, FIRST_FIELD_ID)
        ),
        structs=tuple(
            replace(struct, id=number)
            for number, struct in enumerate(schema.structs, FIRST_FIELD_ID + len(fields))
        ),
    )


def _record(
    database: DatabaseState,
    op: ops.CreateCollection,
    schema: Schema,
    properties: dict[str, str],
) -> CollectionRecord:
    now = database.clock.next()
    count = 1
    if schema.partition_key is not None:
        count = op.num_partitions or KEY_PARTITIONS
        if count > MAX_PARTITIONS:
            message = f"partition number ({count}) exceeds max configuration ({MAX_PARTITIONS})"
            raise ParamError(message=f"{message}: invalid parameter")
        if count < 0:
            message = "the specified partitions should be greater than 0 if partition key is used"
            raise ParamError(message=f"{message}, got {count}: invalid parameter")
    elif op.num_partitions > 1 and not appear_by_themselves(schema, properties):
        message = "num_partitions should only be specified with partition key field enabled"
        raise ParamError(message=f"{message}: invalid parameter")
    keyed = schema.partition_key is not None
    partitions = tuple(
        PartitionRecord(
            id=database.catalog.next_id(),
            name=f"{DEFAULT_PARTITION}_{at}" if keyed else DEFAULT_PARTITION,
            created=now,
        )
        for at in range(count)
    )
    number = database.catalog.next_id()
    made = CollectionRecord(
        id=number,
        db_id=database.names.database(op.db).id,
        name=op.collection,
        schema=schema,
        created=now,
        updated=now,
        properties=properties,
        consistency=op.consistency,
        num_shards=max(op.num_shards, 1),
        partitions=partitions,
        next_field_id=FIRST_FIELD_ID + len(schema.fields) + len(schema.structs),
    )
    return recorded(made, FIRST_END, database.collection_folder(number), empty_at=now)


def _with_zone(database: DatabaseState, op: ops.CreateCollection) -> dict[str, str]:
    """Return the collection's properties, with the time zone its database has now.

    The collection keeps that one, as in Milvus, whatever the database's becomes.
    """
    zone = database.names.database(op.db).properties.get(TIMEZONE, "")
    return {TIMEZONE: zone, **op.properties} if zone else op.properties


def _check_same(database: DatabaseState, op: ops.CreateCollection, schema: Schema) -> None:
    before = database.collection(op.db, op.collection).record
    if before.schema != schema:
        message = (
            f"create duplicate collection with different parameters, collection: {op.collection}"
        )
        raise ParamError(message=message)


def drop(database: DatabaseState, op: ops.DropCollection) -> None:
    """Drop a collection; one that does not exist is a success, an alias is refused."""
    with database.ddl:
        if database.names.find(op.db, op.collection) is None:
            check_name(op.collection, "collection name")
            return
        if not database.names.is_collection(op.db, op.collection):
            message = f"cannot drop the collection via alias = {op.collection}"
            raise MilvusException(65535, message)
        collection = database.collection(op.db, op.collection)
        aliases = sorted(database.names.aliases_of(collection.record.id))
        if aliases:
            message = (
                f"unable to drop the collection [{op.collection}] because it has associated "
                f"aliases {aliases}, please remove all aliases before dropping the collection"
            )
            raise MilvusException(65535, message)
        collection.check_writable()
        with collection.writes.turn, collection.consistency.change():
            with database.catalog.transaction():
                database.catalog.drop_collection(collection.record.id)
            database.forget(collection)


def describe(database: DatabaseState, op: ops.DescribeCollection) -> CollectionInfo:
    """Describe a collection."""
    record = database.collection(op.db, op.collection, "can't find collection").record
    return CollectionInfo(
        name=record.name,
        db=op.db or DEFAULT_DATABASE,
        id=record.id,
        schema=with_moments_in(record.schema, record.properties.get(TIMEZONE, "")),
        created_timestamp=record.created,
        updated_timestamp=record.altered or record.created,
        aliases=database.names.aliases_of(record.id),
        properties=record.properties,
        consistency=record.consistency,
        num_shards=record.num_shards,
        num_partitions=len(record.partitions),
    )


def list_names(database: DatabaseState, op: ops.ListCollections) -> tuple[str, ...]:
    """List a database's collections."""
    return tuple(database.names.collections_in(op.db))


def rename(database: DatabaseState, op: ops.RenameCollection) -> None:
    """Rename a collection, or move it to another database."""
    check_name(op.new_name, "collection name")
    with database.ddl:
        collection = database.collection(op.db, op.collection, any_name=True)
        if not database.names.is_collection(op.db, op.collection):
            message = f"unsupported use an alias to rename collection, alias:{op.collection}"
            raise MilvusException(65535, message)
        target = op.new_db or op.db
        if database.names.find(target, op.new_name) is not None:
            message = f"duplicated new collection name {target or DEFAULT_DATABASE}:{op.new_name}"
            raise MilvusException(65535, f"{message} with other collection name or alias")
        before = collection.record
        db_id = database.names.database(target).id
        if db_id != before.db_id and database.names.aliases_of(before.id):
            message = "fail to rename db name, must drop all aliases of this collection first"
            raise MilvusException(65535, message)
        with collection.writes.turn:
            after = altered(database, before, name=op.new_name, db_id=db_id)
            collection.change(after)
            database.names.rename(after)
            collection.inherit(database.names.database(target).properties)


def truncate(database: DatabaseState, op: ops.TruncateCollection) -> None:
    """Delete all rows; schema, indexes and load state stay."""
    collection = database.collection(op.db, op.collection)
    with collection.writes.turn:
        collection.check_writable()
        # The new log first: nothing may fail between the catalog's commit and what memory shows.
        collection.log.begin()
        record = changed(database, collection.record, first_log=collection.log.number)
        record = marked(collection, record, "truncate")
        with collection.consistency.change():
            with database.catalog.transaction():
                for segment_id in collection.sealed:
                    database.catalog.drop_segment(segment_id)
                database.catalog.put_collection(record)
            collection.empty()
            collection.adopt(record)
        let_go_logs(collection)


def statistics(database: DatabaseState, op: ops.CollectionStatistics) -> dict[str, int]:
    """Count the rows that are not deleted."""
    return {
        "row_count": count_rows(
            database.collection(op.db, op.collection, any_name=True).snapshot.views
        )
    }


def count_rows(views: Iterable[SegmentView]) -> int:
    """Return how many rows of the views are not deleted."""
    return sum(v.num_rows - (0 if v.deleted is None else int(v.deleted.sum())) for v in views)


def alter_properties(database: DatabaseState, op: ops.AlterCollectionProperties) -> None:
    """Set and drop properties; some change the collection itself."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with collection.writes.turn:
        record = collection.record
        if record.schema.is_external:
            check_altered(op.properties)
        properties = altered_properties(record, op.properties, op.drop)
        check_kept(record.properties, properties)
        values: dict[str, object] = {}
        if DYNAMIC in op.properties:
            record = _with_dynamic_field(record, op.properties)
            del properties[DYNAMIC]
        if DESCRIPTION in properties:
            description = properties.pop(DESCRIPTION)
            values["schema"] = msgspec.structs.replace(record.schema, description=description)
        if CONSISTENCY in properties:
            values["consistency"] = consistency_of(properties.pop(CONSISTENCY))
        after = msgspec.structs.replace(record, properties=properties, **values)
        now = 0 if collection.segments() else database.clock.next()
        after = recorded(after, collection.log.end, collection.folder, empty_at=now)
        if after != collection.record:
            collection.change(altered(database, after))


def _with_dynamic_field(record: CollectionRecord, given: dict[str, str]) -> CollectionRecord:
    if len(given) > 1:
        message = "cannot alter dynamic schema with other properties at the same time"
        raise ParamError(message=f"{message}: invalid parameter")
    return with_dynamic_field(record, enabled=is_true(given[DYNAMIC]))
