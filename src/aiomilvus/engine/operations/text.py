"""Analysis of texts on request, and the files that analyzers name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from aiomilvus.engine.directory import FILES
from aiomilvus.engine.text.analyzer import build_analyzer
from aiomilvus.engine.text.resources import checksums_in, pinned, provide
from aiomilvus.engine.text.schema_functions import languages_of, query_analyzer
from aiomilvus.errors import ParamError
from aiomilvus.model.resources import FileResource

if TYPE_CHECKING:
    from aiomilvus.engine.state import DatabaseState
    from aiomilvus.engine.storage.files import FileSystem
    from aiomilvus.engine.text.analyzer import Analyzer, Token
    from aiomilvus.model.operations import text
    from aiomilvus.model.schema import Field, Schema

_ANALYZERS = ("analyzer_params", "multi_analyzer_params")
_LARGEST = 64 << 20


def run_analyzer(database: DatabaseState, op: text.RunAnalyzer) -> tuple[Any, ...]:
    """Analyse texts; answers a list of terms, or of tokens with details, for each."""
    analyzers = _analyzers(database, op)
    pairs = list(zip(analyzers, op.texts, strict=True))
    if op.with_detail or op.with_hash:
        return tuple(
            tuple(_described(token, op) for token in analyzer.detail(each))
            for analyzer, each in pairs
        )
    return tuple(analyzer.tokens(each) for analyzer, each in pairs)


def _described(token: Token, op: text.RunAnalyzer) -> dict[str, Any]:
    """Return a token as Milvus tells it, with what was asked for."""
    told = token._asdict()
    number = told.pop("hash")
    found = {"token": told.pop("term"), **(told if op.with_detail else {})}
    return {**found, "hash": number} if op.with_hash else found


def _analyzers(database: DatabaseState, op: text.RunAnalyzer) -> list[Analyzer]:
    """Return the analyzer of each text."""
    count, names = len(op.texts), op.analyzer_names
    if names and len(names) not in (1, count):
        _refuse(f"run_analyzer takes one analyzer name, or one for each of {count} texts")
    if not op.collection:
        if names:
            _refuse("analyzer_names need a collection and a field")
        return [build_analyzer(pinned(op.params, resources(database)) or None)] * count
    schema = database.collection(op.db, op.collection).record.schema
    field = schema.by_name.get(op.field)
    if field is None or not field.is_analyzed:
        _refuse(f"field {op.field} of collection {op.collection} has no analyzer")
    if not names and languages_of(field) is None:
        return [query_analyzer(field, "")] * count
    wanted = names if len(names) == count else (*names, *(["default"] * (not names))) * count
    return [query_analyzer(field, name) for name in wanted]


def resources(database: DatabaseState) -> dict[str, FileResource]:
    """Return the files of a database by name."""
    return {each.name: each for each in database.catalog.file_resources()}


def with_files(database: DatabaseState, schema: Schema) -> Schema:
    """Return a schema whose analyzers are pinned to the contents of the files they name.

    Raises:
        ParamError: A file is not registered.
    """
    if not any(_names_files(field) for field in schema.fields):
        return schema
    fields = tuple(field_with_files(database, field) for field in schema.fields)
    return msgspec.structs.replace(schema, fields=fields)


def field_with_files(database: DatabaseState, field: Field) -> Field:
    """Return a field as `with_files` does a schema's."""
    if not _names_files(field):
        return field
    known = resources(database)
    changed = {key: pinned(field.params[key], known) for key in _ANALYZERS if key in field.params}
    return msgspec.structs.replace(field, params={**field.params, **changed})


def _names_files(field: Field) -> bool:
    return any("_file" in field.params.get(key, "") for key in _ANALYZERS)


def add_file(database: DatabaseState, op: text.AddFileResource) -> None:
    """Copy a file into the database; adding the same one again is a success."""
    if not op.name:
        _refuse("file resource name should not be empty")
    content = _content(database.files, Path(op.file or op.path), op.path)
    checksum = provide(content)
    with database.ddl:
        known = resources(database).get(op.name)
        if known is not None:
            if (known.path, known.checksum) == (op.path, checksum):
                return
            _refuse(f"file resource {op.name} exists with another path or content")
        resource = FileResource(
            id=database.catalog.next_id(), name=op.name, path=op.path, checksum=checksum
        )
        if database.path is not None:
            folder = database.path / FILES
            database.files.make_folder(folder)
            database.files.write_new(folder / str(resource.id), [content])
        with database.catalog.transaction():
            database.catalog.put_file_resource(resource)
        database.names.on_change()


def remove_file(database: DatabaseState, op: text.RemoveFileResource) -> None:
    """Forget a file that no collection and no snapshot uses; one that is not there is fine."""
    with database.ddl:
        resource = resources(database).get(op.name)
        if resource is None:
            return
        for owner, schema in _schemas(database):
            used = (
                checksums_in(f.params.get(key, "")) for f in schema.fields for key in _ANALYZERS
            )
            if any(resource.checksum in each for each in used):
                _refuse(f"file resource {op.name} is in use by {owner}")
        with database.catalog.transaction():
            database.catalog.drop_file_resource(resource.id)
        if database.path is not None:
            database.files.unlink(database.path / FILES / str(resource.id))


def list_files(
    database: DatabaseState,
    op: text.ListFileResources,  # noqa: ARG001 - as all handlers
) -> tuple[FileResource, ...]:
    """Return the files of a database, by name."""
    return tuple(sorted(resources(database).values(), key=lambda each: each.name))


def _schemas(database: DatabaseState) -> list[tuple[str, Schema]]:
    found = [
        (f"collection {each.record.name}", each.record.schema)
        for each in database.collections.values()
    ]
    kept = database.catalog.snapshots()
    return [*found, *((f"snapshot {each.name}", each.collection.schema) for each in kept)]


def _content(files: FileSystem, file: Path, path: str) -> bytes:
    try:
        if not files.is_file(file):
            _refuse(f"file resource path not exist: {path}")
        if files.size_of(file) > _LARGEST:
            _refuse(f"file resource {path} has more than {_LARGEST} bytes")
        return files.read(file)
    except OSError as error:
        _refuse(f"file resource {path} can't be read: {error.strerror}")


def _refuse(message: str) -> NoReturn:
    raise ParamError(message=f"{message}: invalid parameter")
