"""Changing the schema of a collection: fields and functions."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import ParamError
from aiomilvus.model.operations import collections as ops
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.codec.schema import (
    read_field,
    read_function,
    read_struct,
    write_field,
    write_function,
    write_struct,
)
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status, parse


def _write_alter_field(op: ops.AlterField, _schema: object) -> Any:
    message = pb.AlterCollectionFieldRequest(
        db_name=op.db, collection_name=op.collection, field_name=op.field, delete_keys=op.drop
    )
    write_pairs(message.properties, op.params)
    return message


def _read_alter_field(m: pb.AlterCollectionFieldRequest, _schema: object) -> Any:
    return ops.AlterField(
        db=m.db_name,
        collection=m.collection_name,
        field=m.field_name,
        params=read_pairs(m.properties),
        drop=tuple(m.delete_keys),
    )


def _write_add_field(op: ops.AddField, _schema: object) -> Any:
    field = pb.FieldSchema()
    write_field(field, op.field)
    return pb.AddCollectionFieldRequest(
        db_name=op.db, collection_name=op.collection, schema=field.SerializeToString()
    )


def _read_add_field(m: pb.AddCollectionFieldRequest, _schema: object) -> Any:
    field = read_field(parse(pb.FieldSchema, m.schema))
    return ops.AddField(db=m.db_name, collection=m.collection_name, field=field)


def _write_add_struct(op: ops.AddStructField, _schema: object) -> Any:
    message = pb.AddCollectionStructFieldRequest(db_name=op.db, collection_name=op.collection)
    write_struct(message.struct_array_field_schema, op.struct, op.fields)
    return message


def _read_add_struct(m: pb.AddCollectionStructFieldRequest, _schema: object) -> Any:
    struct, fields = read_struct(m.struct_array_field_schema)
    return ops.AddStructField(
        db=m.db_name, collection=m.collection_name, struct=struct, fields=tuple(fields)
    )


def _write_add_function(op: ops.AddFunction, _schema: object) -> Any:
    if op.field is None:
        message = pb.AddCollectionFunctionRequest(db_name=op.db, collection_name=op.collection)
        write_function(message.functionSchema, op.function)
        return message
    return _write_add_with_field(op, _schema)


def _write_add_with_field(op: ops.AddFunction, _schema: object) -> Any:
    message = pb.AlterCollectionSchemaRequest(db_name=op.db, collection_name=op.collection)
    add = message.action.add_request
    write_function(add.func_schema.add(), op.function)
    if op.field is not None:
        info = add.field_infos.add()
        write_field(info.field_schema, op.field)
        write_pairs(info.extra_params, op.index_params)
    return message


def _read_add_function(m: pb.AddCollectionFunctionRequest, _schema: object) -> Any:
    function = read_function(m.functionSchema)
    return ops.AddFunction(db=m.db_name, collection=m.collection_name, function=function)


def _write_drop_field(op: ops.DropField, _schema: object) -> Any:
    message = pb.AlterCollectionSchemaRequest(db_name=op.db, collection_name=op.collection)
    drop = message.action.drop_request
    if op.field:
        drop.field_name = op.field
    else:
        drop.field_id = op.field_id
    return message


def _write_drop_function(op: ops.DropFunction, _schema: object) -> Any:
    if not op.drop_field:
        return pb.DropCollectionFunctionRequest(
            db_name=op.db, collection_name=op.collection, function_name=op.name
        )
    message = pb.AlterCollectionSchemaRequest(db_name=op.db, collection_name=op.collection)
    message.action.drop_request.function_name = op.name
    message.action.drop_request.drop_function_output_fields = True
    return message


def _read_change(m: pb.AlterCollectionSchemaRequest, _schema: object) -> Any:
    names = {"db": m.db_name, "collection": m.collection_name}
    if m.action.WhichOneof("op") == "drop_request":
        drop = m.action.drop_request
        if drop.WhichOneof("identifier") == "function_name":
            return ops.DropFunction(
                name=drop.function_name, drop_field=drop.drop_function_output_fields, **names
            )
        return ops.DropField(field=drop.field_name, field_id=drop.field_id, **names)
    add = m.action.add_request
    if len(add.func_schema) > 1 or len(add.field_infos) > 1:
        raise ParamError(message="one field and one function at a time can be added")
    field = read_field(add.field_infos[0].field_schema) if add.field_infos else None
    if add.func_schema:
        return ops.AddFunction(
            function=read_function(add.func_schema[0]),
            field=field,
            index_params=read_pairs(add.field_infos[0].extra_params) if add.field_infos else {},
            **names,
        )
    if field is None:
        raise ParamError(message="neither a field nor a function to add or drop was given")
    return ops.AddField(field=field, **names)


def _write_changed(_found: object, _op: object, _schema: object) -> Any:
    return pb.AlterCollectionSchemaResponse(alter_status=pb.Status())


def _write_alter_function(op: ops.AlterFunction, _schema: object) -> Any:
    message = pb.AlterCollectionFunctionRequest(
        db_name=op.db, collection_name=op.collection, function_name=op.name
    )
    write_function(message.functionSchema, op.function)
    return message


def _read_alter_function(m: pb.AlterCollectionFunctionRequest, _schema: object) -> Any:
    return ops.AlterFunction(
        db=m.db_name,
        collection=m.collection_name,
        name=m.function_name,
        function=read_function(m.functionSchema),
    )


def _read_drop_function(m: pb.DropCollectionFunctionRequest, _schema: object) -> Any:
    return ops.DropFunction(db=m.db_name, collection=m.collection_name, name=m.function_name)


def _route(operation: Any, name: str, request: Any, read_request: Any, reply: Any) -> Route:
    return Route(
        operation=operation,
        name=name,
        request=request,
        read_request=read_request,
        reply=reply,
        read_reply=nothing,
        repeatable=False,
    )


ROUTES = (
    _route(
        ops.AlterField, "AlterCollectionField", _write_alter_field, _read_alter_field, only_status
    ),
    _route(ops.AddField, "AddCollectionField", _write_add_field, _read_add_field, only_status),
    _route(
        ops.AddStructField,
        "AddCollectionStructField",
        _write_add_struct,
        _read_add_struct,
        only_status,
    ),
    _route(
        ops.AddFunction,
        "AddCollectionFunction",
        _write_add_function,
        _read_add_function,
        only_status,
    ),
    _route(
        ops.AlterFunction,
        "AlterCollectionFunction",
        _write_alter_function,
        _read_alter_function,
        only_status,
    ),
    _route(
        ops.DropFunction,
        "DropCollectionFunction",
        _write_drop_function,
        _read_drop_function,
        only_status,
    ),
    _route(ops.DropField, "AlterCollectionSchema", _write_drop_field, _read_change, _write_changed),
)

SCHEMA_CHANGE_WITH_FIELD = {
    ops.AddFunction: _route(
        ops.AddFunction,
        "AlterCollectionSchema",
        _write_add_with_field,
        _read_change,
        _write_changed,
    ),
    ops.DropFunction: _route(
        ops.DropFunction,
        "AlterCollectionSchema",
        _write_drop_function,
        _read_change,
        _write_changed,
    ),
}
"""Routes of functions that are added or dropped together with their output field."""
