"""``/databases/…``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.server.rest.body import as_params
from aiomilvus.server.rest.call import Call, asking
from aiomilvus.server.rest.shapes import pairs
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from aiomilvus.model.results import DatabaseInfo


def _named(message_class: Any) -> Any:
    return lambda call: message_class(db_name=call.body.text("dbName", required=True))


def _create(call: Call) -> Any:
    message = pb.CreateDatabaseRequest(db_name=call.body.text("dbName", required=True))
    write_pairs(message.properties, as_params(call.body.mapping("properties")))
    return message


def _alter(call: Call) -> Any:
    message = pb.AlterDatabaseRequest(db_name=call.body.text("dbName", required=True))
    write_pairs(message.properties, as_params(call.body.mapping("properties")))
    return message


def _drop_properties(call: Call) -> Any:
    return pb.AlterDatabaseRequest(
        db_name=call.body.text("dbName", required=True),
        delete_keys=call.body.texts("propertyKeys"),
    )


def _described(found: DatabaseInfo) -> dict[str, Any]:
    return {"dbName": found.name, "dbID": found.id, "properties": pairs(found.properties)}


ROUTES = (
    asking("/databases/create", "CreateDatabase", _create),
    asking("/databases/drop", "DropDatabase", _named(pb.DropDatabaseRequest)),
    asking("/databases/list", "ListDatabases", lambda _: pb.ListDatabasesRequest(), list),
    asking(
        "/databases/describe", "DescribeDatabase", _named(pb.DescribeDatabaseRequest), _described
    ),
    asking("/databases/alter", "AlterDatabase", _alter),
    asking("/databases/alter_properties", "AlterDatabase", _alter),
    asking("/databases/drop_properties", "AlterDatabase", _drop_properties),
)
