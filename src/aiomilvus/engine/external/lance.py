"""Lance tables: their fragments, and one column of one of these.

A table is a folder of files that are never written to again; each change is a further version,
which lists the files and the deleted rows. A segment reads one fragment, of the version that the
refresh found. When that version was cleaned up, the newest will do if it has the same fragment.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.external.arrow import library, open_lance
from aiomilvus.engine.external.arrow_columns import check_columns, joined
from aiomilvus.engine.external.rows import ADVICE, ExternalRows, Fragment, Part
from aiomilvus.engine.external.source import LANCE, check_library
from aiomilvus.errors import ExternalSourceError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.engine.external.arrow import LanceFragment, LanceTable
    from aiomilvus.model.columns import Column
    from aiomilvus.model.schema import Field


class _File(msgspec.Struct):
    """A file of a fragment, as the table describes it: where it is below the folder ``data``."""

    path: str
    fields: list[int]
    file_size_bytes: int | None = None
    base_id: int | None = None


class _Deletions(msgspec.Struct):
    """The file that numbers the deleted rows of a fragment: what its name is made of."""

    id: int
    read_version: int
    file_type: str


class _Told(msgspec.Struct):
    """What a table tells of a fragment that changes with the fragment's rows.

    Named one by one, with the values of what a release of the library leaves out: releases tell
    more or less of a fragment that is the same.
    """

    files: list[_File]
    physical_rows: int | None = None
    deletion_file: _Deletions | None = None
    overlays: list[object] | None = None


def parts_of(path: Path, fields: Sequence[Field]) -> list[Part]:
    """Return the fragments of a table's newest version that have rows.

    Args:
        path: The table's folder.
        fields: Those that read a column of it.

    Raises:
        ExternalSourceError: It can't be read, lacks a column, or has one of another type.
        NotSupportedError: Lance is not installed, or files of the table are elsewhere.
    """
    table = _opened(str(path), None)
    check_columns(path, table.schema, fields)
    columns = {field.id: field.external_field for field in fields}
    parts = []
    for fragment in table.get_fragments():
        num_rows = fragment.count_rows()
        if not num_rows:
            continue
        number = fragment.fragment_id
        nbytes = _nbytes(path, fragment) * num_rows // fragment.physical_rows
        rows = ExternalRows(
            path=str(path),
            first=number,
            stop=number + 1,
            size=0,
            mtime_ns=0,
            fields=columns,
            fragment=Fragment(
                version=table.version, digest=_digest(table, fragment, [*columns.values()])
            ),
        )
        parts.append(Part(rows, num_rows, nbytes))
    return parts


def _opened(path: str, version: int | None) -> LanceTable:
    check_library(LANCE)
    try:
        return open_lance(path, version)
    except (OSError, ValueError, RuntimeError) as error:
        message = f"{path} can't be read as a Lance table: {error}"
        raise ExternalSourceError(message=message) from error


def _nbytes(path: Path, fragment: LanceFragment) -> int:
    """Return the bytes of a fragment's files, which must be in the table's folder."""
    files = _told(fragment).files
    if any(each.base_id is not None or Path(each.path).name != each.path for each in files):
        message = f"{path} is a shallow clone of another Lance table: its files are elsewhere"
        raise NotSupportedError(message=f"{message}. Name that table, or copy it")
    return sum(each.file_size_bytes or 0 for each in files)


def _told(fragment: LanceFragment) -> _Told:
    return msgspec.convert(fragment.metadata.to_json(), _Told)


def _digest(table: LanceTable, fragment: LanceFragment, columns: Sequence[str]) -> str:
    told = _told(fragment)
    gone = told.deletion_file
    numbers = {each.name(): each.id() for each in table.lance_schema.fields()}
    content = (
        [(each.path, each.fields) for each in told.files],
        told.physical_rows,
        gone and (gone.id, gone.read_version, gone.file_type),
        told.overlays or [],
        [numbers.get(name) for name in columns],
    )
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def read_column(rows: ExternalRows, fragment: Fragment, field: Field) -> Column:
    """Return the values that a field has in the rows of a fragment.

    Args:
        rows: Where they are.
        fragment: Their `fragment`.
        field: One that reads a column of the table.

    Raises:
        ExternalSourceError: The table is gone, its files of then were cleaned up, or it holds a
            value that is none of the field's.
    """
    name = rows.fields[field.id]
    try:
        read = _found(rows, fragment).to_table([name]).column(name)
    except (OSError, ValueError, RuntimeError, KeyError, library().ArrowException) as error:
        message = f"{rows.path}, column {name!r} can't be read: {error}"
        raise ExternalSourceError(message=message) from error
    return joined(field, read, f"{rows.path}, column {name!r}")


def _found(rows: ExternalRows, wanted: Fragment) -> LanceFragment:
    """Return a fragment, of the version that was found first or of the newest.

    Both are compared with what was found: a table that was deleted and written again counts its
    versions from 1 again.
    """
    try:
        table = _opened(rows.path, wanted.version)
    except ExternalSourceError:
        table = _opened(rows.path, None)
    found = table.get_fragment(rows.first)
    if found is None or _digest(table, found, [*rows.fields.values()]) != wanted.digest:
        message = f"{rows.path} was changed since the last refresh of the external collection, and"
        what = f"version {wanted.version}, which it read, is gone"
        raise ExternalSourceError(message=f"{message} {what}: {ADVICE}")
    return found
