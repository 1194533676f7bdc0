"""The maintenance thread: one job at a time, in the order asked for, each at most once in line."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from aiomilvus.engine.ddl.properties import AUTO_COMPACTION, is_true
from aiomilvus.engine.maintenance.build import build, missing
from aiomilvus.engine.maintenance.compact import candidates, compact
from aiomilvus.engine.maintenance.seal import rotate, seal
from aiomilvus.errors import DeadlineExceededError, MilvusException
from aiomilvus.model.results import CompactionInfo
from aiomilvus.model.types import CompactionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.settings import Settings

_LOGGER = logging.getLogger(__name__)
SEAL_ROWS = 100_000
KEPT_JOBS = 200


class Maintenance:
    """Seals, builds and compacts the collections of one database.

    Args:
        settings: Threads that an index build may use, and limits of memory.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = settings.threads
        self._jobs: OrderedDict[tuple[str, int], Callable[[], None]] = OrderedDict()
        self._changed = threading.Condition()
        self._busy = False
        self._closed = False
        self._thread: threading.Thread | None = None
        self._one_seal = threading.Lock()
        self._compactions: OrderedDict[int, CompactionInfo] = OrderedDict()
        self.sources: dict[int, int] = {}
        """Compaction job id to collection id."""

    def _ask(self, name: str, collection: Collection, job: Callable[[], None]) -> None:
        with self._changed:
            if self._closed:
                return
            self._jobs.setdefault((name, collection.record.id), job)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="aiomilvus-maintenance", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._closed:
                    self._busy = False
                    self._changed.notify_all()
                    self._changed.wait()
                if self._closed:
                    self._busy = False
                    self._changed.notify_all()
                    return
                _, job = self._jobs.popitem(last=False)
                self._busy = True
            try:
                job()
            except (MilvusException, OSError):
                # The state in memory and on disk is as before; the next request tries again.
                _LOGGER.exception("maintenance failed")

    def after_write(self, collection: Collection) -> None:
        """Seal in the background when enough has grown."""
        growing = list(collection.growing.values())
        nbytes = sum(segment.nbytes for segment in growing)
        if (
            nbytes >= self._settings.seal_bytes
            or sum(segment.num_rows for segment in growing) >= SEAL_ROWS
        ):
            self._ask("seal", collection, lambda: self.seal(collection))
        elif collection.specs and missing(collection):
            self.build(collection)

    def seal(self, collection: Collection) -> None:
        """Seal what is growing now; returns when that is done."""
        with self._one_seal:
            rotate(collection)
            seal(collection)
        self.tidy(collection)

    def build(self, collection: Collection) -> None:
        """Build missing indexes in the background."""
        self._ask("build", collection, lambda: build(collection, self._threads))

    def _tidy(self, collection: Collection) -> None:
        if is_true(collection.record.properties.get(AUTO_COMPACTION, "true")):
            for group in candidates(collection, self._settings.target_bytes, everything=False):
                compact(collection, group, self._threads)
        build(collection, self._threads)
        for segment in list(collection.sealed.values()):
            segment.verify()

    def tidy(self, collection: Collection) -> None:
        """Merge what pays to be merged, in the background."""
        self._ask("tidy", collection, lambda: self._tidy(collection))

    def verify(self, collection: Collection) -> None:
        """Check large files that were opened unchecked, in the background."""

        def check() -> None:
            for segment in list(collection.sealed.values()):
                segment.verify()

        self._ask("verify", collection, check)

    def compact(self, collection: Collection) -> int:
        """Merge all that may be merged, in the background, and return the job's id."""
        with self._changed:
            job = time.time_ns()
            executing = CompactionInfo(id=job, state=CompactionState.Executing, executing=1)
            self._compactions[job] = executing
            self.sources[job] = collection.record.id
            while len(self._compactions) > KEPT_JOBS:
                self.sources.pop(self._compactions.popitem(last=False)[0], None)
        self._ask(f"compact {job}", collection, lambda: self._compact(collection, job))
        return job

    def _compact(self, collection: Collection, job: int) -> None:
        plans: list[tuple[tuple[int, ...], int]] = []
        failed = 1
        try:
            groups = candidates(collection, self._settings.target_bytes, everything=True)
            plans = [compact(collection, group, self._threads) for group in groups]
            failed = 0
        finally:
            self._compactions[job] = CompactionInfo(
                id=job,
                state=CompactionState.Completed,
                completed=1 - failed,
                failed=failed,
                plans=tuple(plans),
            )

    def compaction(self, job: int) -> CompactionInfo:
        """Return a job's state; an unknown job counts as completed, as in Milvus."""
        unknown = CompactionInfo(id=job, state=CompactionState.Completed)
        return self._compactions.get(job, unknown)

    def compactions(self, collection_id: int) -> list[CompactionInfo]:
        """Return the recent compaction jobs of a collection, oldest first."""
        return [
            info for job, info in self._compactions.items() if self.sources[job] == collection_id
        ]

    def wait_idle(self, timeout: float | None = None) -> None:
        """Return when nothing is under way and nothing waits.

        Raises:
            DeadlineExceededError: `timeout` seconds were not enough.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: not (self._jobs or self._busy), timeout):
                raise DeadlineExceededError(message="maintenance is still under way")

    def close(self) -> None:
        """Drop what waits, finish what is under way, and end the thread."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
