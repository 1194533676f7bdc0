"""Changing the schema of a collection that has data: fields, functions, the dynamic field.

A change is one record of the catalog, and no row is touched. Older segments answer for a new
field with its default, with null, or with what its function computes from the stored columns; a
dropped field's columns go when a segment is next rewritten. Field numbers are never given
out twice, so a field under a dropped name has nothing to do with the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.catalog.records import IndexSpec
from aiomilvus.engine.index.registry import check_index
from aiomilvus.engine.operations.record_changes import (
    altered,
    next_version,
    with_field,
    with_struct,
    without_fields,
)
from aiomilvus.engine.operations.rules import evolution_rules as rules
from aiomilvus.engine.operations.rules.default_rules import with_moment
from aiomilvus.engine.operations.rules.field_param_rules import with_params, with_struct_params
from aiomilvus.engine.operations.text import field_with_files
from aiomilvus.engine.properties import TIMEZONE
from aiomilvus.model.schema import FIRST_FIELD_ID

if TYPE_CHECKING:
    from aiomilvus.engine.catalog.records import CollectionRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.model.operations import collections as ops
    from aiomilvus.model.schema import FunctionSpec, Schema


def add_field(database: DatabaseState, op: ops.AddField) -> None:
    """Add a nullable field; rows that there are have its default, or null."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with collection.writes.turn:
        record = _present(collection)
        field = field_with_files(database, op.field)
        rules.check_added_field(record, field)
        field = with_moment(field, record.properties.get(TIMEZONE, ""))
        _adopt(database, collection, with_field(record, field))


def add_struct_field(database: DatabaseState, op: ops.AddStructField) -> None:
    """Add a nullable array of structs; rows that there are have null."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with collection.writes.turn:
        record = _present(collection)
        rules.check_added_struct(record, op.struct, op.fields)
        _adopt(database, collection, with_struct(record, op.struct, op.fields))


def drop_field(database: DatabaseState, op: ops.DropField) -> None:
    """Drop a field, or an array of structs with all its sub-fields, and the indexes on it."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with collection.writes.turn:
        record = _present(collection)
        names = rules.droppable_fields(record, op.field, op.field_id)
        _adopt(database, collection, without_fields(record, names))
    database.maintenance.build(collection)


def alter_field(database: DatabaseState, op: ops.AlterField) -> None:
    """Change a field's parameters or description."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with collection.writes.turn:
        record = _present(collection)
        if any(struct.name == op.field for struct in record.schema.structs):
            changed = with_struct_params(record, op.field, op.params, op.drop)
        else:
            before = rules.field_called(record, op.field)
            after = with_params(record, before, op.params, op.drop)
            fields = tuple(after if each == before else each for each in record.schema.fields)
            changed = msgspec.structs.replace(record.schema, fields=fields)
        if changed == record.schema:
            return
        schema = next_version(changed, fields=changed.fields)
        _adopt(database, collection, msgspec.structs.replace(record, schema=schema))


def add_function(database: DatabaseState, op: ops.AddFunction) -> None:
    """Add a function; with a field, that field and its index too.

    What the function makes of the rows that there are is computed when it is first read, and
    stored in the background.
    """
    collection = database.collection(op.db, op.collection, any_name=True)
    collection.check_writable()
    database.maintenance.seal(collection)  # what grows is computed here, so let it be little
    with collection.writes.turn:
        record = _present(collection)
        if op.field is None:
            rules.check_added_function(record.schema, op.function)
            after = _with_function(record, op.function)
        else:
            rules.check_added_output(record, op.function, op.field)
            after = _with_function(with_field(record, op.field), op.function)
            after = _with_index(after, op.field.name, op.index_params)
        _adopt(database, collection, after)
    database.maintenance.build(collection)


def _with_function(record: CollectionRecord, function: FunctionSpec) -> CollectionRecord:
    schema = record.schema
    number = max((each.id for each in schema.functions), default=FIRST_FIELD_ID - 1) + 1
    numbered = msgspec.structs.replace(function, id=number)
    functions = (*schema.functions, numbered)
    return msgspec.structs.replace(record, schema=_with_functions(schema, functions))


def _with_functions(schema: Schema, functions: tuple[FunctionSpec, ...]) -> Schema:
    """Return the schema with other functions, its fields marked accordingly."""
    outputs = {name for function in functions for name in function.outputs}
    fields = tuple(
        msgspec.structs.replace(field, is_function_output=field.name in outputs)
        for field in schema.fields
    )
    return next_version(schema, fields=fields, functions=functions)


def _with_index(record: CollectionRecord, name: str, given: dict[str, str]) -> CollectionRecord:
    rules.check_index_given(name, given)
    params = dict(given)
    index_name = params.pop("index_name", "") or name
    rules.check_new_index(record, index_name)
    field = record.schema.by_name[name]
    spec = IndexSpec(
        id=record.next_index_id, name=index_name, field=name, params=check_index(field, params)
    )
    return msgspec.structs.replace(
        record, indexes=(*record.indexes, spec), next_index_id=record.next_index_id + 1
    )


def alter_function(database: DatabaseState, op: ops.AlterFunction) -> None:
    """Replace a function; what it made before stays."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with collection.writes.turn:
        record = _present(collection)
        before = rules.function_called(record.schema, op.name)
        rules.check_altered_function(record.schema, before, op.function)
        after = msgspec.structs.replace(op.function, id=before.id)
        functions = tuple(
            after if each.id == before.id else each for each in record.schema.functions
        )
        schema = _with_functions(record.schema, functions)
        _adopt(database, collection, msgspec.structs.replace(record, schema=schema))


def drop_function(database: DatabaseState, op: ops.DropFunction) -> None:
    """Drop a function, with `drop_field` its output field too."""
    collection = database.collection(op.db, op.collection, any_name=True)
    with collection.writes.turn:
        record = _present(collection)
        function = rules.droppable_function(record, op.name, drop_field=op.drop_field)
        if function is None:
            return
        kept = tuple(each for each in record.schema.functions if each.id != function.id)
        schema = _with_functions(record.schema, kept)
        after = msgspec.structs.replace(record, schema=schema)
        if op.drop_field:
            after = without_fields(after, set(function.outputs))
        _adopt(database, collection, after)
    database.maintenance.build(collection)


def _present(collection: Collection) -> CollectionRecord:
    if collection.dropped:
        raise collection.missing()
    return collection.record


def _adopt(database: DatabaseState, collection: Collection, record: CollectionRecord) -> None:
    """Make a changed record the collection's, as one version. In the writer's turn."""
    before = collection.record.schema
    schema = msgspec.structs.replace(record.schema, version=before.version + 1)
    collection.change(altered(database, record, schema=schema))
