"""Indexes."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import ErrorCode, IndexNotExistException
from aiomilvus.model.operations import indexes as ops
from aiomilvus.model.results import IndexInfo
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.codec.params import read_object, unfold
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status

PROPERTIES = ("mmap.enabled", "warmup", "indexoffsetcache.enabled")
"""What Milvus lists among the parameters, but lets one alter."""


_RECALL = "recall"
"""Where Milvus' message has no place for it, it stands among the parameters."""


def _write_create(op: ops.CreateIndex, _schema: object) -> Any:
    message = pb.CreateIndexRequest(
        db_name=op.db, collection_name=op.collection, field_name=op.field, index_name=op.name
    )
    write_pairs(message.extra_params, _folded(op.params, op.nested))
    return message


def _folded(params: dict[str, str], nested: str) -> dict[str, str]:
    """Return parameters with those in `nested`, a JSON object, as one; unchanged without it."""
    if not nested:
        return params
    inner = read_object(nested, "params")
    return {**{key: value for key, value in params.items() if key not in inner}, "params": nested}


def _read_create(m: pb.CreateIndexRequest, _schema: object) -> Any:
    given = read_pairs(m.extra_params)
    return ops.CreateIndex(
        db=m.db_name,
        collection=m.collection_name,
        field=m.field_name,
        name=m.index_name,
        params=unfold(given),
        nested=given.get("params", ""),
    )


def _read_drop(m: pb.DropIndexRequest, _schema: object) -> Any:
    name = m.index_name or m.field_name
    return ops.DropIndex(db=m.db_name, collection=m.collection_name, name=name)


def _read_describe(m: pb.DescribeIndexRequest, _schema: object) -> Any:
    return ops.DescribeIndexes(
        db=m.db_name, collection=m.collection_name, name=m.index_name, field=m.field_name
    )


def write_description(message: pb.IndexDescription, index: IndexInfo) -> None:
    """Put an index into an empty message."""
    message.index_name = index.name
    message.indexID = index.id
    message.field_name = index.field
    message.state = index.state
    message.total_rows = index.total_rows
    message.indexed_rows = index.indexed_rows
    message.pending_index_rows = index.pending_index_rows
    message.index_state_fail_reason = index.fail_reason
    pairs = {**_folded(index.params, index.nested), **index.properties}
    if index.recall is not None:
        pairs[_RECALL] = str(index.recall)
    write_pairs(message.params, pairs)


def _write_indexes(found: tuple[IndexInfo, ...], op: ops.DescribeIndexes, _schema: object) -> Any:
    if not found:
        asked = f"[index={op.name}]" if op.name else ""
        raise IndexNotExistException(message=f"index not found[collection={op.collection}]{asked}")
    message = pb.DescribeIndexResponse(status=pb.Status())
    for index in found:
        write_description(message.index_descriptions.add(), index)
    return message


def _read_indexes(m: pb.DescribeIndexResponse, op: ops.DescribeIndexes, _schema: object) -> Any:
    found = [_read_description(each) for each in m.index_descriptions]
    return tuple(index for index in found if op.field in ("", index.field))


def _read_description(m: pb.IndexDescription) -> IndexInfo:
    given = read_pairs(m.params)
    params = unfold(given)
    properties = {key: params.pop(key) for key in PROPERTIES if key in params}
    recall = _taken_recall(params)
    return IndexInfo(
        id=m.indexID,
        name=m.index_name,
        field=m.field_name,
        params=params,
        nested=given.get("params", ""),
        properties=properties,
        state=m.state,
        total_rows=m.total_rows,
        indexed_rows=m.indexed_rows,
        pending_index_rows=m.pending_index_rows,
        fail_reason=m.index_state_fail_reason,
        recall=recall,
    )


def _taken_recall(params: dict[str, str]) -> float | None:
    """Take out of an index' parameters how well it finds; None where a server does not tell that.

    Milvus has no such word, so what is no number is a parameter of the application's own.
    """
    try:
        recall = float(params[_RECALL])
    except (KeyError, ValueError):
        return None
    del params[_RECALL]
    return recall


def _write_alter(op: ops.AlterIndexProperties, _schema: object) -> Any:
    message = pb.AlterIndexRequest(
        db_name=op.db, collection_name=op.collection, index_name=op.name, delete_keys=op.drop
    )
    write_pairs(message.extra_params, op.properties)
    return message


def _read_alter(m: pb.AlterIndexRequest, _schema: object) -> Any:
    return ops.AlterIndexProperties(
        db=m.db_name,
        collection=m.collection_name,
        name=m.index_name,
        properties=read_pairs(m.extra_params),
        drop=tuple(m.delete_keys),
    )


ROUTES = (
    Route(
        operation=ops.CreateIndex,
        name="CreateIndex",
        request=_write_create,
        read_request=_read_create,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.DropIndex,
        name="DropIndex",
        request=lambda op, _schema: pb.DropIndexRequest(
            db_name=op.db, collection_name=op.collection, index_name=op.name
        ),
        read_request=_read_drop,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.DescribeIndexes,
        name="DescribeIndex",
        request=lambda op, _schema: pb.DescribeIndexRequest(
            db_name=op.db, collection_name=op.collection, index_name=op.name, field_name=op.field
        ),
        read_request=_read_describe,
        reply=_write_indexes,
        read_reply=_read_indexes,
        repeatable=True,
        empty_code=ErrorCode.INDEX_NOT_FOUND,
    ),
    Route(
        operation=ops.AlterIndexProperties,
        name="AlterIndex",
        request=_write_alter,
        read_request=_read_alter,
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
)
