"""One export: its file, its record, and what is asked for next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiomilvus.client.arguments import check_path
from aiomilvus.client.files import record
from aiomilvus.client.files.kinds import kind_of
from aiomilvus.client.files.reading import rows_per_batch
from aiomilvus.client.files.writing import open_writer
from aiomilvus.client.results.values import values_of
from aiomilvus.errors import FieldNotFoundError, NotSupportedError, ParamError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from aiomilvus.model.batch import ColumnBatch
    from aiomilvus.model.schema import Field, Schema


class ExportRecord(record.Record, kw_only=True):
    """How far an export came.

    Attributes:
        mark: Where the writer goes on.
        cursor: The last key that was written, None before the first.
    """

    mark: int = 0
    cursor: int | str | None = None


class Export:
    """Rows of a collection on their way into a file.

    Args:
        path: The file that is to be; beside it, ``NAME.progress`` says how far it is.
        schema: The collection's.
        names: Fields to write; empty for all that can be inserted.
        task: What is exported, so that another export does not go on with this one's file.
        overwrite: Whether a file of that name may be replaced.

    Raises:
        ParamError: The file exists; its name says no kind; or another export's record is there.
        NotSupportedError: The collection has arrays of structs.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        schema: Schema,
        names: Sequence[str],
        task: dict[str, str],
        *,
        overwrite: bool,
    ) -> None:
        self.path = Path(check_path(path, "path")).expanduser()
        kind = kind_of(self.path)
        folder = self.path.parent
        if not folder.is_dir():
            raise ParamError(message=f"there is no folder {folder}: make it, or choose another")
        if self.path.exists() and not overwrite:
            raise ParamError(
                message=f"{self.path} exists: choose another name, or replace it: overwrite=True"
            )
        self.fields = _fields(schema, names)
        self.names = tuple(field.name for field in self.fields)
        self._key = schema.primary
        self.page = rows_per_batch(schema)
        self._note = self.path.with_name(f"{self.path.name}.progress")
        task = {**task, "fields": ",".join(self.names)}
        found = record.read(self._note, ExportRecord, task)
        self._record = found or ExportRecord(task=task)
        self._writer = open_writer(kind, self.path, schema, self.fields, self._record.mark)

    @property
    def rows(self) -> int:
        """Rows that are written."""
        return self._record.rows

    @property
    def cursor(self) -> int | str | None:
        """The last key that was written."""
        return self._record.cursor

    def write(self, batch: ColumnBatch) -> None:
        """Write rows, which are in the order of their keys, and note it."""
        keys = batch[self._key.name]
        last = values_of(keys.slice(len(keys) - 1, len(keys)), self._key.dtype)[0]
        self._record.mark = self._writer.write(batch)
        self._record.rows += len(batch)
        self._record.cursor = last
        record.save(self._note, self._record)

    def finish(self) -> None:
        """Give the file its name."""
        self._writer.finish()
        self._note.unlink(missing_ok=True)


def _fields(schema: Schema, names: Sequence[str]) -> list[Field]:
    if schema.structs:
        structs = ", ".join(struct.name for struct in schema.structs)
        message = (
            f"arrays of structs ({structs}) are not exported to files; `aiomilvus copy` takes "
            "such collections to another directory or server"
        )
        raise NotSupportedError(message=message)
    for name in names:
        if name not in schema.by_name:
            raise FieldNotFoundError(message=f"there is no field {name} to export")
    wanted = [f for f in schema.fields if not f.is_function_output]
    if names:
        wanted = [f for f in schema.fields if f.name in {schema.primary.name, *names}]
    return wanted
