"""``/collections/create``: by a schema, or quickly by a dimension alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiomilvus.errors import MilvusException, ParamError
from aiomilvus.server.rest.body import Body, as_param
from aiomilvus.server.rest.consistency import DEFAULT_LEVEL, level
from aiomilvus.server.rest.failures import MISSING
from aiomilvus.server.rest.indexes import create as create_indexes
from aiomilvus.server.rest.schema import write_schema
from aiomilvus.wire.codec.pairs import write_pairs
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from aiomilvus.server.rest.call import Call, Reply

_TTL = "collection.ttl.seconds"
_FLOATS = ("FloatVector", "Float16Vector", "BFloat16Vector")
_QUICK_TYPES = (*_FLOATS, "BinaryVector", "SparseFloatVector")
_METRICS = {
    "FloatVector": ("COSINE", "L2", "IP"),
    "BinaryVector": ("HAMMING", "JACCARD", "SUBSTRUCTURE", "SUPERSTRUCTURE"),
    "SparseFloatVector": ("IP", "BM25"),
}
_WARMUPS = ("scalarField", "scalarIndex", "vectorField", "vectorIndex")


async def create(call: Call) -> Reply:
    """Create a collection; with indexes it is loaded too."""
    body = call.body
    schema = body.inner("schema")
    for name in ("externalSource", "externalSpec"):
        if body.text(name):
            raise ParamError(message=f"{name} should be given in schema, not at the top level")
    if schema.array("fields"):
        indexes = body.objects("indexParams")
        await call.ask("CreateCollection", _by_schema(call, schema))
        _check_indexed_fields(schema, indexes)
    else:
        message, indexes = _quick(call, schema)
        await call.ask("CreateCollection", message)
    await create_indexes(call, call.collection, indexes)
    if indexes:
        load = pb.LoadCollectionRequest(db_name=call.db, collection_name=call.collection)
        await call.ask("LoadCollection", load)
    return {"data": {}}


def _check_indexed_fields(schema: Body, indexes: list[dict[str, Any]]) -> None:
    """Refuse an index of a field that the schema lacks."""
    names = {
        item.get("fieldName")
        for item in (*schema.objects("fields"), *schema.objects("structFields"))
    }
    for index in indexes:
        name = index.get("fieldName")
        if isinstance(name, str) and name and name.partition("[")[0] not in names:
            raise MilvusException(
                MISSING, f"missing required parameters, error: `{name}` hasn't defined in schema"
            )


def _by_schema(call: Call, given: Body) -> Any:
    schema = pb.CollectionSchema(name=call.collection, description=call.body.text("description"))
    if call.body.flag("autoID"):
        given = Body({**given.given, "autoID": True}, "Schema")
    write_schema(schema, given)
    return _request(call, schema)


def _request(call: Call, schema: pb.CollectionSchema) -> Any:
    body, params = call.body, call.body.inner("params")
    top, inner = body.text("consistencyLevel"), params.text("consistencyLevel")
    if top and inner and top != inner:
        raise ParamError(message="consistencyLevel in params differs from that at the top level")
    message = pb.CreateCollectionRequest(
        db_name=call.db,
        collection_name=call.collection,
        schema=schema.SerializeToString(),
        shards_num=params.written_number("shardsNum", 1),
        consistency_level=pb.ConsistencyLevel(level(top or inner, DEFAULT_LEVEL)),
    )
    if any(field.is_partition_key for field in schema.fields):
        message.num_partitions = params.written_number("partitionsNum")
    write_pairs(message.properties, _properties(body, params))
    return message


def _properties(body: Body, params: Body) -> dict[str, str]:
    """Return the collection's properties, which a body may give in two places."""
    given = body.mapping("properties")
    ttls = [given[name] for name in (_TTL, "ttl.seconds") if given.get(name) is not None]
    if params.has("ttlSeconds"):
        ttls.append(params.written_number("ttlSeconds"))
    if len(ttls) > 1:
        raise ParamError(message="collection TTL is specified multiple times")
    found = {_TTL: as_param(ttls[0])} if ttls else {}
    if params.text("ttlField"):
        found["ttl_field"] = params.text("ttlField")
    if params.has("partitionKeyIsolation"):
        found["partitionkey.isolation"] = as_param(params.given["partitionKeyIsolation"])
    for name in ("mmap.enabled", *(f"warmup.{each}" for each in _WARMUPS)):
        if params.has(name):
            found[name] = as_param(params.given[name])
    return found


def _quick(call: Call, schema: Body) -> tuple[Any, list[dict[str, Any]]]:
    """Return the request for a key and a vector, and the index on the vector."""
    body = call.body
    for name in ("functions", "externalSource", "externalSpec"):
        if schema.has(name) and schema.given[name]:
            raise ParamError(message=f"{name} of a schema needs the schema's fields too")
    kind = body.text("vectorFieldType") or "FloatVector"
    if kind not in _QUICK_TYPES:
        raise ParamError(
            message=f"vectorFieldType can only be [{', '.join(_QUICK_TYPES)}], default: FloatVector"
        )
    message = pb.CollectionSchema(
        name=call.collection,
        description=body.text("description"),
        enable_dynamic_field=body.inner("params").written_flag("enableDynamicField", default=True),
    )
    _add_key(message, body)
    vector = message.fields.add(
        name=body.text("vectorFieldName") or "vector", data_type=pb.DataType[kind]
    )
    dimension = _dimension(body, kind)
    if dimension:
        write_pairs(vector.type_params, {"dim": str(dimension)})
    index = {"fieldName": vector.name, "indexName": vector.name, "metricType": _metric(body, kind)}
    return _request(call, message), [index]


def _dimension(body: Body, kind: str) -> int:
    """Return the dimension of a quick collection's vectors, 0 for sparse ones."""
    dimension = body.number("dimension")
    if kind == "SparseFloatVector":
        if dimension:
            raise ParamError(
                message="dimension should not be specified for SparseFloatVector quick create"
            )
    elif not dimension:
        raise ParamError(
            message="dimension is required for quickly create collection(default metric type: "
            f"{_metric(body, kind)}): invalid parameter"
        )
    return dimension


def _add_key(message: pb.CollectionSchema, body: Body) -> None:
    """Put the primary key of a quick collection into its schema."""
    kind = body.text("idType") or "Int64"
    name = body.text("primaryFieldName") or "id"
    key = message.fields.add(name=name, is_primary_key=True, autoID=body.flag("autoID"))
    if kind.lower() == "int64" and kind in ("Int64", "int64"):
        key.data_type = pb.DataType.Int64
    elif kind in ("VarChar", "Varchar"):
        key.data_type = pb.DataType.VarChar
        longest = body.mapping("params").get("max_length", 65535)
        write_pairs(key.type_params, {"max_length": as_param(longest)})
    else:
        raise ParamError(message="idType can only be [Int64, VarChar], default: Int64")


def _metric(body: Body, kind: str) -> str:
    """Return the metric of a quick collection's index."""
    known = _METRICS["FloatVector" if kind in _FLOATS else kind]
    metric = body.text("metricType") or known[0]
    if metric == "BM25" and kind == "SparseFloatVector":
        raise ParamError(message="only BM25 Function output field support BM25 metric type")
    if metric in known:
        return metric
    if kind == "SparseFloatVector":
        text = "only IP&BM25 is the supported metric type for sparse index"
    else:
        what = "binary" if kind == "BinaryVector" else "float"
        text = f"{what} vector index does not support metric type: {metric}"
    raise ParamError(message=text)
