"""Text analysis."""

from __future__ import annotations

from typing import Any

from aiomilvus.errors import ParamError
from aiomilvus.model.operations import text as ops
from aiomilvus.model.plain import as_text
from aiomilvus.model.resources import FileResource
from aiomilvus.wire.proto import messages as pb
from aiomilvus.wire.table.route import Route, nothing, only_status

_DETAILS = ("start_offset", "end_offset", "position", "position_length")


def _write_request(op: ops.RunAnalyzer, _schema: object) -> Any:
    return pb.RunAnalyzerRequest(
        db_name=op.db,
        analyzer_params=as_text(op.params) if op.params else "",
        placeholder=[text.encode() for text in op.texts],
        with_detail=op.with_detail,
        with_hash=op.with_hash,
        collection_name=op.collection,
        field_name=op.field,
        analyzer_names=op.analyzer_names,
    )


def _read_request(m: pb.RunAnalyzerRequest, _schema: object) -> Any:
    try:
        texts = tuple(text.decode() for text in m.placeholder)
    except UnicodeDecodeError:
        raise ParamError(message="texts to analyse should be UTF-8") from None
    return ops.RunAnalyzer(
        db=m.db_name,
        texts=texts,
        params=m.analyzer_params,
        collection=m.collection_name,
        field=m.field_name,
        analyzer_names=tuple(m.analyzer_names),
        with_detail=m.with_detail,
        with_hash=m.with_hash,
    )


def _write_reply(found: tuple[Any, ...], op: ops.RunAnalyzer, _schema: object) -> Any:
    message = pb.RunAnalyzerResponse(status=pb.Status())
    for tokens in found:
        result = message.results.add()
        for token in tokens:
            if isinstance(token, str):
                result.tokens.add(token=token)
                continue
            details = {name: token[name] for name in _DETAILS} if op.with_detail else {}
            if op.with_hash and "hash" in token:
                details["hash"] = token["hash"]
            result.tokens.add(token=token["token"], **details)
    return message


def _read_reply(m: pb.RunAnalyzerResponse, op: ops.RunAnalyzer, _schema: object) -> Any:
    return tuple(tuple(_token(each, op) for each in result.tokens) for result in m.results)


def _token(m: pb.AnalyzerToken, op: ops.RunAnalyzer) -> Any:
    if not (op.with_detail or op.with_hash):
        return m.token
    found: dict[str, Any] = {"token": m.token}
    if op.with_detail:
        found.update((name, getattr(m, name)) for name in _DETAILS)
    if op.with_hash:
        found["hash"] = m.hash
    return found


def _write_files(found: tuple[FileResource, ...], _op: object, _schema: object) -> Any:
    message = pb.ListFileResourcesResponse(status=pb.Status())
    for each in found:
        message.resources.add(id=each.id, name=each.name, path=each.path)
    return message


def _read_files(m: pb.ListFileResourcesResponse, _op: object, _schema: object) -> Any:
    return tuple(FileResource(id=each.id, name=each.name, path=each.path) for each in m.resources)


ROUTES = (
    Route(
        operation=ops.AddFileResource,
        name="AddFileResource",
        request=lambda op, _schema: pb.AddFileResourceRequest(name=op.name, path=op.path),
        read_request=lambda m, _schema: ops.AddFileResource(name=m.name, path=m.path),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.RemoveFileResource,
        name="RemoveFileResource",
        request=lambda op, _schema: pb.RemoveFileResourceRequest(name=op.name),
        read_request=lambda m, _schema: ops.RemoveFileResource(name=m.name),
        reply=only_status,
        read_reply=nothing,
        repeatable=True,
    ),
    Route(
        operation=ops.ListFileResources,
        name="ListFileResources",
        request=lambda _op, _schema: pb.ListFileResourcesRequest(),
        read_request=lambda _m, _schema: ops.ListFileResources(),
        reply=_write_files,
        read_reply=_read_files,
        repeatable=True,
    ),
    Route(
        operation=ops.RunAnalyzer,
        name="RunAnalyzer",
        request=_write_request,
        read_request=_read_request,
        reply=_write_reply,
        read_reply=_read_reply,
        repeatable=True,
    ),
)
