# Generated from src/aiomilvus/client/aio/transfers.py by tools/make_sync.py; edit that file.
"""Collections into files and out of them: streaming, and going on after an interruption."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aiomilvus.client.arguments import check_name, check_text, names
from aiomilvus.client.keywords import check_options
from aiomilvus.client.options import CallOptions
from aiomilvus.client.progress import Progress, ignore
from aiomilvus.client.sync.entities import Entities
from aiomilvus.client.sync.waiting import in_thread
from aiomilvus.errors import (
    DataNotMatchException,
    MilvusException,
    ParamError,
    PrimaryKeyException,
)

if TYPE_CHECKING:
    import os

    from typing_extensions import Unpack

    from aiomilvus.client.files.exports import Export
    from aiomilvus.client.files.imports import Import
    from aiomilvus.client.progress import OnProgress
    from aiomilvus.model.results import QueryResult
    from aiomilvus.model.schema import Schema

_STRONG = 0
# Rows refused with one of these don't fit the collection, whichever attempt it was.
_REFUSALS = (DataNotMatchException, ParamError, PrimaryKeyException)


def _exporting() -> type[Export]:
    from aiomilvus.client.files.exports import Export  # noqa: PLC0415 - needs numpy

    return Export


def _importing() -> type[Import]:
    from aiomilvus.client.files.imports import Import  # noqa: PLC0415 - needs numpy

    return Import


class Transfers(Entities):
    """Moving rows between collections and files."""

    def export_collection(
        self,
        collection_name: str,
        path: str | os.PathLike[str],
        filter: str = "",
        output_fields: list[str] | None = None,
        partition_names: list[str] | None = None,
        timeout: float | None = None,
        *,
        overwrite: bool = False,
        progress: OnProgress | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> int:
        """Write the rows of a collection to a file, in the order of their keys.

        Rows are read and written in batches, so that memory stays small. The file appears when
        all is in it; what is written before stands beside it, with a note of how far it is, and
        the same call after an interruption goes on from there. Rows that are inserted meanwhile
        may be missing.

        Args:
            collection_name: The collection, or an alias of it; it must be loaded.
            path: The file to make; its name ends in ``.parquet``, ``.jsonl`` or ``.csv``.
            filter: Only rows that pass this filter expression.
            output_fields: Fields to write beside the primary key; by default all that can be
                inserted again, the dynamic field among them.
            partition_names: Only from these partitions.
            timeout: Seconds per batch, None for the client's default.
            overwrite: Whether a file of that name is replaced.
            progress: Told how far it is, after each batch.
            **kwargs: See `CallOptions`.

        Returns:
            The number of rows in the file.

        Raises:
            ParamError: The file exists, its folder does not, its name ends otherwise, or another
                export that was interrupted is beside it.
            NotSupportedError: The collection has arrays of structs.
            ImportError: pyarrow, which Parquet needs, is not installed.

        Example:
            >>> client.export_collection("books", "books.jsonl")
            3
        """
        check_options("export_collection", kwargs, CallOptions)
        check_name(collection_name)
        limited, tell = self._limited(timeout), ignore if progress is None else progress
        schema = self._backend.schema(self._db, collection_name, limited)
        partitions = names(partition_names, "partition_names")
        task = {
            "from": f"{self._where} {self._db or 'default'} {collection_name}",
            "filter": filter,
            "partitions": ",".join(partitions),
        }
        export = in_thread(
            partial(
                _exporting(),
                path,
                schema,
                names(output_fields, "output_fields"),
                task,
                overwrite=overwrite,
            )
        )
        total = self._count(collection_name, filter, partitions, limited)
        tell(Progress("exporting", export.rows, max(total, export.rows)))
        read = partial(self._page, schema, collection_name, filter, partitions, limited)
        snapshot = 0
        while True:
            found = read(export, snapshot)
            snapshot = found.snapshot
            if not len(found.batch):
                break
            in_thread(partial(export.write, found.batch))
            tell(Progress("exporting", export.rows, max(total, export.rows)))
        in_thread(export.finish)
        return export.rows

    def _page(
        self,
        schema: Schema,
        collection: str,
        filter: str,
        partitions: tuple[str, ...],
        limited: float | None,
        export: Export,
        snapshot: int,
    ) -> QueryResult:
        operation = self._conversions.query(
            schema,
            self._db,
            collection,
            filter=filter,
            ids=None,
            output_fields=list(export.names),
            partition_names=list(partitions),
            options={"limit": export.page},
            cursor=export.cursor,
            snapshot=snapshot,
            iterator=True,
        )
        return self._backend.execute(operation, limited)

    def _count(
        self, collection: str, filter: str, partitions: tuple[str, ...], limited: float | None
    ) -> int:
        rows = self.query(
            collection,
            filter,
            output_fields=["count(*)"],
            partition_names=list(partitions) or None,
            timeout=limited,
            consistency_level=_STRONG,
        )
        return int(rows[0]["count(*)"])

    def import_collection(
        self,
        collection_name: str,
        path: str | os.PathLike[str],
        partition_name: str = "",
        timeout: float | None = None,
        *,
        record: str | os.PathLike[str] | None = None,
        progress: OnProgress | None = None,
        **kwargs: Unpack[CallOptions],
    ) -> int:
        """Insert the rows of a file into a collection that exists.

        Rows are read and inserted in batches. A note of how far it is goes to a file, and the
        same call after an interruption goes on from there: rows with keys of their own are then
        neither missing nor doubled. Where keys are generated, the collection's number of rows
        tells whether the batch under way got there; if others wrote meanwhile, that is refused.

        Args:
            collection_name: The collection, or an alias of it.
            path: A file whose name ends in ``.parquet``, ``.jsonl`` (an object a line) or
                ``.csv``, with a column, or key, for each field. Others go to the dynamic field.
                In CSV, vectors, arrays and JSON are JSON text.
            partition_name: Where to put the rows; "" for the default partition.
            timeout: Seconds per batch, None for the client's default.
            record: The file for the note, by default one below ``~/.local/state/aiomilvus``.
            progress: Told how far it is, after each batch.
            **kwargs: See `CallOptions`.

        Returns:
            The number of rows of the file that are in the collection.

        Raises:
            ImportFailedError: The file is missing or malformed, or an interrupted batch is in
                doubt. What was inserted before stays.
            DataNotMatchException, ParamError: A row does not fit the collection.
            ImportError: pyarrow, which Parquet and CSV need, is not installed.

        Example:
            >>> client.export_collection("books", "books.jsonl")
            3
            >>> client.import_collection("books", "books.jsonl")
            3
        """
        check_options("import_collection", kwargs, CallOptions)
        check_name(collection_name)
        check_text(partition_name, "partition_name")
        limited, tell = self._limited(timeout), ignore if progress is None else progress
        schema = self._backend.schema(self._db, collection_name, limited)
        target = f"{self._where} {self._db or 'default'} {collection_name} {partition_name}"
        job = in_thread(partial(_importing(), path, schema, {"to": target}, record))
        tell(Progress("importing", job.rows, job.total))
        generated = schema.primary.auto_id
        if job.pending:
            self._settle(job, collection_name, partition_name, limited, generated=generated)
        while rows := in_thread(job.next):
            before = self._rows_now(collection_name, limited) if generated else None
            in_thread(partial(job.begin, len(rows), before))
            try:
                self.insert(collection_name, rows, limited, partition_name)
            except _REFUSALS as error:
                if not error.rows_written:
                    in_thread(job.refused)
                raise
            in_thread(partial(job.done, len(rows)))
            tell(Progress("importing", job.rows, job.total))
        in_thread(job.finish)
        return job.rows

    def _settle(
        self,
        job: Import,
        collection: str,
        partition: str,
        limited: float | None,
        *,
        generated: bool,
    ) -> None:
        """Let the rows that an interrupted run was inserting be in the collection once."""
        count = job.pending
        if generated:
            now = self._rows_now(collection, limited)
            if now is None or job.before is None or now not in (job.before, job.before + count):
                raise job.doubtful(now)
            if now == job.before + count:
                in_thread(partial(job.done, count))
            return
        while count > 0 and (rows := in_thread(job.next)):
            self.upsert(collection, rows, limited, partition)
            in_thread(partial(job.done, len(rows)))
            count -= len(rows)

    def _rows_now(self, collection: str, limited: float | None) -> int | None:
        """Return the number of rows, None of a collection that is not loaded."""
        try:
            return self._count(collection, "", (), limited)
        except MilvusException:
            return None
