"""Writing rows to a file, batch by batch, so that what is written can be gone on with.

Lines of text go to ``NAME.partial``; of Parquet, whose end is written last, each batch is a file
of its own in ``NAME.parts`` until `finish` joins them. Only `finish` makes NAME.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Protocol

import msgspec

from aiomilvus.client.files.arrow_files import join_parts, write_part
from aiomilvus.client.files.values import file_values
from aiomilvus.model.schema import DYNAMIC_FIELD

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Field, Schema


class RowWriter(Protocol):
    """Where an export's rows go."""

    def write(self, batch: ColumnBatch) -> int:
        """Write rows durably; return the mark to go on from."""

    def finish(self) -> None:
        """Make the file of the name that was asked for."""


def open_writer(
    kind: str, path: Path, schema: Schema, fields: Sequence[Field], mark: int
) -> RowWriter:
    """Return a writer that goes on from a mark.

    Args:
        kind: ``parquet``, ``jsonl`` or ``csv``.
        path: The file that is to be.
        schema: The collection's.
        fields: Those that are written, in their order.
        mark: What the last `write` returned, 0 for a beginning.
    """
    if kind == "parquet":
        return _Parts(path, schema, fields, mark)
    return _Lines(path, schema, fields, mark, is_csv=kind == "csv")


class _Lines:
    def __init__(
        self, path: Path, schema: Schema, fields: Sequence[Field], mark: int, *, is_csv: bool
    ) -> None:
        self._path = path
        self._partial = path.with_name(f"{path.name}.partial")
        self._fields = fields
        self._zone = schema.time_zone or "UTC"
        self._lines = _csv_lines if is_csv else _json_lines
        with self._partial.open("r+b" if mark else "wb") as file:
            file.truncate(mark)  # what an interrupted run wrote behind its last mark
        if is_csv and not mark:
            self._append((",".join(_quoted(field.name) for field in fields) + "\n").encode())

    def write(self, batch: ColumnBatch) -> int:
        columns = [file_values(field, batch[field.name], self._zone) for field in self._fields]
        return self._append(self._lines(self._fields, columns))

    def _append(self, lines: bytes) -> int:
        with self._partial.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def finish(self) -> None:
        self._partial.replace(self._path)


def _json_lines(fields: Sequence[Field], columns: list[list[object]]) -> bytes:
    encode = msgspec.json.Encoder().encode
    names = [field.name for field in fields]
    return b"".join(encode(_json_row(names, row)) + b"\n" for row in zip(*columns, strict=True))


def _json_row(names: list[str], values: tuple[object, ...]) -> dict[str, object]:
    """Return a row with the keys of the dynamic field beside the fields."""
    row = dict(zip(names, values, strict=True))
    dynamic = row.pop(DYNAMIC_FIELD, None)
    if isinstance(dynamic, dict):
        clear = not dynamic.keys() & row.keys()
        return {**row, **dynamic} if clear else {**row, DYNAMIC_FIELD: dynamic}
    return row


def _csv_lines(_fields: Sequence[Field], columns: list[list[object]]) -> bytes:
    rows = zip(*([_csv_cell(value) for value in column] for column in columns), strict=True)
    return "".join(",".join(row) + "\n" for row in rows).encode()


def _csv_cell(value: object) -> str:
    """Return a cell; null is empty, and an empty text is two quotation marks."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return _quoted(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


class _Parts:
    def __init__(self, path: Path, schema: Schema, fields: Sequence[Field], mark: int) -> None:
        self._path = path
        self._folder = path.with_name(f"{path.name}.parts")
        self._fields = fields
        self._zone = schema.time_zone or "UTC"
        self._count = mark
        if not mark and self._folder.exists():
            shutil.rmtree(self._folder)
        self._folder.mkdir(exist_ok=True)

    def _part(self, number: int) -> Path:
        return self._folder / f"{number:08d}.parquet"

    def write(self, batch: ColumnBatch) -> int:
        write_part(self._part(self._count), self._fields, batch, self._zone)
        self._count += 1
        return self._count

    def finish(self) -> None:
        partial = self._path.with_name(f"{self._path.name}.partial")
        join_parts([self._part(n) for n in range(self._count)], partial, self._fields)
        partial.replace(self._path)
        shutil.rmtree(self._folder)
