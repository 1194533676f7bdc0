"""One import: the rows of a file, and the note of those that are in the collection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiomilvus.client.arguments import check_path
from aiomilvus.client.files import record
from aiomilvus.client.files.kinds import kind_of
from aiomilvus.client.files.reading import read_rows, total_rows
from aiomilvus.errors import ImportFailedError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from aiomilvus.client.files.reading import Row
    from aiomilvus.model.schema import Schema


class ImportRecord(record.Record, kw_only=True):
    """How far an import came.

    Attributes:
        pending: Rows that may be in the collection too: they were being inserted.
        before: Rows that the collection had before those, where its keys are generated.
    """

    pending: int = 0
    before: int | None = None


class Import:
    """Rows of a file on their way into a collection.

    Args:
        path: The file.
        schema: The collection's.
        task: Where the rows go, so that another import does not go on from this one's note.
        note: The file that notes how far it is; None for one in the user's state folder.

    Raises:
        ImportFailedError: There is no such file.
        ParamError: Its name says no kind, or the note is another import's.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        schema: Schema,
        task: dict[str, str],
        note: str | os.PathLike[str] | None,
    ) -> None:
        self.path = Path(check_path(path, "path")).expanduser().resolve()
        self._kind = kind_of(self.path)
        if not self.path.is_file():
            raise ImportFailedError(message=f"there is no file {self.path}")
        status = self.path.stat()
        changed = {"size": str(status.st_size), "changed": str(status.st_mtime_ns)}
        task = {**task, "file": str(self.path)}
        given = record.state_path(task) if note is None else note
        self._note = Path(check_path(given, "record"))
        found = record.read(self._note, ImportRecord, {**task, **changed})
        self._record = found or ImportRecord(task={**task, **changed})
        self.total = total_rows(self._kind, self.path)
        self._schema = schema
        self._batches: Iterator[list[Row]] | None = None

    @property
    def rows(self) -> int:
        """Rows that are in the collection."""
        return self._record.rows

    @property
    def pending(self) -> int:
        """Rows behind those that may be in the collection, from an interrupted run."""
        return self._record.pending

    @property
    def before(self) -> int | None:
        """Rows that the collection had before the pending ones, if that is known."""
        return self._record.before

    def next(self) -> list[Row]:
        """Return the next rows, none at the end of the file."""
        if self._batches is None:
            self._batches = read_rows(self._kind, self.path, self._schema, self._record.rows)
        return next(self._batches, [])

    def begin(self, rows: int, before: int | None) -> None:
        """Note that rows are about to be inserted."""
        self._record.pending, self._record.before = rows, before
        record.save(self._note, self._record)

    def done(self, rows: int) -> None:
        """Note that rows are in the collection."""
        self._record.rows += rows
        self.begin(0, None)

    def refused(self) -> None:
        """Take back that rows are about to be inserted: certainly none of them was."""
        if self._record.rows:
            self.begin(0, None)
        else:
            self.finish()

    def finish(self) -> None:
        """Forget how far it was: all is there, or nothing."""
        self._note.unlink(missing_ok=True)

    def doubtful(self, now: int | None) -> ImportFailedError:
        """Return the error of rows of which nobody knows whether they are in the collection."""
        first, last = self.rows, self.rows + self.pending - 1
        return ImportFailedError(
            message=f"the import of {self.path.name} was interrupted while rows {first} to {last} "
            f"were inserted under generated keys, and the collection had {self.before} rows "
            f"before and has {now} now, so that nobody can tell whether they are there: look, "
            f"and remove {self._note} to import the whole file again"
        )
