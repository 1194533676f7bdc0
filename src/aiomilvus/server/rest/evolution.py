"""``/collections/fields/…``, ``/collections/struct_fields/…`` and the routes of functions."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import ParamError
from aiomilvus.server.rest.body import Body, as_params
from aiomilvus.server.rest.call import Call, asking
from aiomilvus.server.rest.indexes import extra_params
from aiomilvus.server.rest.schema import is_struct, write_field, write_function, write_struct
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.codec.params import unfold
from aiomilvus.wire.proto import messages as pb


def _checked(given: Body, *names: str) -> Body:
    """Return the object when it has texts of these names."""
    for name in names:
        given.text(name, required=True)
    return given


def _add_field(call: Call) -> Any:
    given = _checked(call.body.inner("schema", required=True), "fieldName", "dataType")
    if is_struct(given):
        raise ParamError(
            message="a struct array field can't be added here: use /collections/struct_fields/add"
        )
    field = pb.FieldSchema()
    write_field(field, given)
    return pb.AddCollectionFieldRequest(
        db_name=call.db, collection_name=call.collection, schema=field.SerializeToString()
    )


def _add_struct(call: Call) -> Any:
    message = pb.AddCollectionStructFieldRequest(db_name=call.db, collection_name=call.collection)
    given = _checked(call.body.inner("schema", required=True), "fieldName", "dataType")
    if not is_struct(given):
        raise ParamError(
            message=f"data type {given.text('dataType')} is no struct array: should be "
            "ArrayOfStruct, or Array with the elementDataType Struct"
        )
    write_struct(message.struct_array_field_schema, given)
    return message


def _change(call: Call) -> Any:
    return pb.AlterCollectionSchemaRequest(db_name=call.db, collection_name=call.collection)


def _drop_field(call: Call) -> Any:
    message = _change(call)
    name, number = call.body.text("fieldName"), call.body.number("fieldId")
    if bool(name) == (number > 0):
        raise ParamError(message="exactly one of fieldName or fieldId is required")
    if name:
        message.action.drop_request.field_name = name
    else:
        message.action.drop_request.field_id = number
    return message


def _alter_field(call: Call) -> Any:
    message = pb.AlterCollectionFieldRequest(
        db_name=call.db,
        collection_name=call.collection,
        field_name=call.body.text("fieldName", required=True),
    )
    write_pairs(message.properties, as_params(call.body.mapping("fieldParams")))
    return message


def _function(call: Call) -> Body:
    return _checked(call.body.inner("function", required=True), "name", "type")


def _add_function(call: Call) -> Any:
    message = pb.AddCollectionFunctionRequest(db_name=call.db, collection_name=call.collection)
    write_function(message.functionSchema, _function(call))
    return message


def _alter_function(call: Call) -> Any:
    message = pb.AlterCollectionFunctionRequest(
        db_name=call.db,
        collection_name=call.collection,
        function_name=call.body.text("functionName", required=True),
    )
    write_function(message.functionSchema, _function(call))
    return message


def _drop_function(call: Call) -> Any:
    return pb.DropCollectionFunctionRequest(
        db_name=call.db,
        collection_name=call.collection,
        # Milvus writes this one with a capital letter.
        function_name=call.body.text("FunctionName", required=True),
    )


def _add_function_field(call: Call) -> Any:
    field = _checked(call.body.inner("outputField", required=True), "fieldName", "dataType")
    index = call.body.inner("indexParams")
    named = index.text("fieldName") or field.text("fieldName")
    if named != field.text("fieldName"):
        raise ParamError(
            message=f"indexParams.fieldName {named} should be the output field "
            f"{field.text('fieldName')}"
        )
    message = _change(call)
    add = message.action.add_request
    write_function(add.func_schema.add(), _function(call))
    info = add.field_infos.add()
    write_field(info.field_schema, field)
    info.field_schema.is_function_output = True
    extra = extra_params(index)
    write_pairs(info.extra_params, {**unfold(extra), "index_name": index.text("indexName")})
    return message


def _drop_function_field(call: Call) -> Any:
    message = _change(call)
    message.action.drop_request.function_name = call.body.text("functionName", required=True)
    message.action.drop_request.drop_function_output_fields = True
    return message


ROUTES = (
    asking("/collections/fields/add", "AddCollectionField", _add_field),
    asking("/collections/fields/drop", "AlterCollectionSchema", _drop_field),
    asking("/collections/fields/alter_properties", "AlterCollectionField", _alter_field),
    asking("/collections/struct_fields/add", "AddCollectionStructField", _add_struct),
    asking("/collections/add_function", "AddCollectionFunction", _add_function),
    asking("/collections/alter_function", "AlterCollectionFunction", _alter_function),
    asking("/collections/drop_function", "DropCollectionFunction", _drop_function),
    asking("/collections/add_function_field", "AlterCollectionSchema", _add_function_field),
    asking("/collections/drop_function_field", "AlterCollectionSchema", _drop_function_field),
)
