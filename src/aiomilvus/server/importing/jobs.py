"""Import jobs: begun by an RPC, carried out beside, asked for by number.

A job's rows are inserted in one atomic step, so a job that fails leaves nothing behind. Jobs are
remembered until the server stops, the newest thousand of them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiomilvus.errors import ImportFailedError, MilvusException, NotSupportedError, ParamError
from aiomilvus.model.columns import FixedColumn
from aiomilvus.model.operations.collections import DescribeCollection
from aiomilvus.model.operations.data import Insert
from aiomilvus.model.operations.traits import EVERYONE
from aiomilvus.model.rows.batch import batch_of
from aiomilvus.server.importing.files import read, resolve, tasks_of
from aiomilvus.server.rpc_handler import RpcHandler
from aiomilvus.wire.codec.pairs import read_pairs, write_pairs
from aiomilvus.wire.proto import messages as pb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiomilvus.client.backends.backend import AsyncBackend
    from aiomilvus.model.schema import Schema

_log = logging.getLogger(__name__)

REMEMBERED = 1000
OPTIONS = frozenset({"sep", "nullkey", "timeout"})


@dataclass
class Job:
    """Files on their way to be rows. `created` and `ended` are in seconds since 1970."""

    number: int
    db: str
    collection: str
    collection_id: int
    partition: str
    paths: list[Path]
    options: dict[str, str]
    created: int
    state: int = pb.ImportState.ImportPending
    ended: int = 0
    rows: int = 0
    keys: list[int] = field(default_factory=list)
    reason: str = ""


class Imports:
    """The import jobs of one server.

    Args:
        backend: The embedded database's.
        folder: Where the files must stand; "" allows no import.
    """

    def __init__(self, backend: AsyncBackend, folder: str) -> None:
        self._backend = backend
        self._folder = folder
        self._jobs: dict[int, Job] = {}
        self._together: dict[int, tuple[int, ...]] = {}
        self._numbers = count(time.time_ns() // 1000)
        self._running: set[asyncio.Task[None]] = set()

    def handlers(self) -> dict[str, RpcHandler]:
        """Return the handlers by RPC, as `server.status_rpcs` has them."""
        return {
            "Import": RpcHandler(self._import, "Import"),
            "GetImportState": RpcHandler(self._state, EVERYONE),
            "ListImportTasks": RpcHandler(self._list, EVERYONE),
        }

    async def _import(self, m: pb.ImportRequest, execute: Any) -> Any:
        """Begin a job for each file, or for all ``.npy`` files; answer their numbers."""
        if not self._folder:
            raise NotSupportedError(
                message="this server imports no files: start it with --import-dir"
            )
        options = read_pairs(m.options)
        if not options.keys() <= OPTIONS:
            unknown = ", ".join(sorted(options.keys() - OPTIONS))
            known = ", ".join(sorted(OPTIONS))
            raise ParamError(message=f"import options not supported: {unknown}; known: {known}")
        if not m.files:
            raise ImportFailedError(message="no file to import")
        asked = DescribeCollection(db=m.db_name, collection=m.collection_name)
        found = await execute(asked)
        paths = await asyncio.to_thread(resolve, Path(self._folder), m.files)
        reply = pb.ImportResponse(status=pb.Status())
        for group in tasks_of(paths):
            job = Job(
                number=next(self._numbers),
                db=m.db_name,
                collection=m.collection_name,
                collection_id=found.id,
                partition=m.partition_name,
                paths=group,
                options=options,
                created=int(time.time()),
            )
            self._begin(job)
            reply.tasks.append(job.number)
        return reply

    def bind(self, numbers: Sequence[int]) -> int:
        """Return the number by which jobs that were begun together are asked for as one."""
        self._together[numbers[0]] = tuple(numbers)
        while len(self._together) > REMEMBERED:
            del self._together[next(iter(self._together))]
        return numbers[0]

    def bound(self, number: int) -> list[Job]:
        """Return the jobs that `bind` put under a number, those that are still remembered.

        Raises:
            ImportFailedError: There are none.
        """
        jobs = [self._jobs[n] for n in self._together.get(number, ()) if n in self._jobs]
        if not jobs:
            raise ImportFailedError(message=f"import job does not exist, jobID={number}")
        return jobs

    def all_bound(self) -> list[int]:
        """Return the numbers that `bind` gave, newest first."""
        return [
            number
            for number, parts in reversed(self._together.items())
            if any(part in self._jobs for part in parts)
        ]

    def _begin(self, job: Job) -> None:
        self._jobs[job.number] = job
        while len(self._jobs) > REMEMBERED:
            del self._jobs[next(iter(self._jobs))]
        task = asyncio.ensure_future(self._carry_out(job))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _carry_out(self, job: Job) -> None:
        job.state = pb.ImportState.ImportStarted
        try:
            done = await self._backend.write(
                Insert, job.db, job.collection, partial(_insert, job), 1 << 20, None
            )
        except Exception as error:  # noqa: BLE001 - whoever asks for the state must learn of it
            reason = str(error)
            if isinstance(error, MilvusException):
                reason = error.message
            else:
                _log.exception("import %d failed", job.number)
            job.state, job.reason = pb.ImportState.ImportFailed, reason
            job.ended = int(time.time())
            return
        job.rows = done.insert_count
        job.keys = _range_of(done.ids)
        job.ended = int(time.time())
        job.state = pb.ImportState.ImportCompleted

    async def _state(self, m: pb.GetImportStateRequest, _execute: Any) -> Any:
        job = self._jobs.get(m.task)
        if job is None:
            raise ImportFailedError(message=f"no import job {m.task}")
        return _shown(job)

    async def _list(self, m: pb.ListImportTasksRequest, execute: Any) -> Any:
        if m.collection_name:
            await execute(DescribeCollection(db=m.db_name, collection=m.collection_name))
        jobs = [
            job
            for job in reversed(self._jobs.values())
            if m.collection_name in ("", job.collection) and (m.db_name or "") == job.db
        ]
        shown = jobs[: m.limit] if m.limit > 0 else jobs
        return pb.ListImportTasksResponse(status=pb.Status(), tasks=[_shown(job) for job in shown])

    async def close(self) -> None:
        """Let the jobs under way come to their end."""
        await asyncio.gather(*self._running)


def _insert(job: Job, schema: Schema) -> Insert:
    batch = batch_of(read(job.paths, schema, job.options), schema)
    return Insert(db=job.db, collection=job.collection, partition=job.partition, batch=batch)


def _range_of(ids: Any) -> list[int]:
    """Return [first, last + 1] of generated keys when they are consecutive numbers."""
    if not isinstance(ids, FixedColumn) or not len(ids):
        return []
    first, last = int(ids.values[0]), int(ids.values[-1])
    return [first, last + 1] if last - first == len(ids) - 1 else []


def _shown(job: Job) -> Any:
    done = job.state == pb.ImportState.ImportCompleted
    message = pb.GetImportStateResponse(
        status=pb.Status(),
        state=pb.ImportState(job.state),
        row_count=job.rows,
        id_list=job.keys,
        id=job.number,
        collection_id=job.collection_id,
        create_ts=job.created,
    )
    infos = {
        "files": ",".join(path.name for path in job.paths),
        "collection": job.collection,
        "partition": job.partition,
        "progress_percent": "100" if done else "0",
        "failed_reason": job.reason,
    }
    write_pairs(message.infos, infos)
    return message
