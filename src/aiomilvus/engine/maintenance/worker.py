"""Maintenance: which work there is beside reads and writes, and in which lane it runs."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from functools import partial
from math import inf
from typing import TYPE_CHECKING

import msgspec

from aiomilvus.engine.index.contract import BuildBudget
from aiomilvus.engine.maintenance.compact import candidates, compact
from aiomilvus.engine.maintenance.growing_graphs import behind, extend
from aiomilvus.engine.maintenance.index_builds import build, missing
from aiomilvus.engine.maintenance.job_queue import Lane
from aiomilvus.engine.maintenance.seal import rotate, seal
from aiomilvus.engine.properties import AUTO_COMPACTION
from aiomilvus.errors import DeadlineExceededError, MilvusException
from aiomilvus.model.results import CompactionInfo
from aiomilvus.model.truths import is_true
from aiomilvus.model.types import CompactionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiomilvus.engine.catalog.records import RefreshRecord
    from aiomilvus.engine.collection import Collection
    from aiomilvus.engine.settings import Settings
    from aiomilvus.model.operations.cluster import RefreshJob
    from aiomilvus.model.status import LaneStatus

_LOGGER = logging.getLogger(__name__)
SEAL_ROWS = 100_000
KEPT_JOBS = 200
PATIENCE = 1.0
"""Seconds for which closing waits, so that the work on an index is not lost."""


class Maintenance:
    """Seals, builds and compacts the collections of one database.

    Three lanes: putting rows into files; graphs over what grows; indexes and merging. Only the
    last may use more than one thread.

    Args:
        settings: Threads that an index build may use, and limits of memory.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._changed = threading.Condition()
        self._files = Lane("aiomilvus-seal", self._changed, yields=False)
        self._graphs = Lane("aiomilvus-grow", self._changed, yields=True)
        self._indexes = Lane("aiomilvus-index", self._changed, yields=True)
        self._budget = BuildBudget(settings.threads, self._is_worth)
        self._lanes = (self._files, self._graphs, self._indexes)
        self._one_seal = threading.Lock()
        self._compactions: OrderedDict[int, CompactionInfo] = OrderedDict()
        self.sources: dict[int, int] = {}
        """Compaction job id to collection id."""
        self._refreshes: dict[int, RefreshRecord] = {}
        """Refreshes that run or wait, by their jobs' numbers."""
        self._awaited: dict[int, frozenset[int]] = {}
        """Segments that a compaction which was asked for, but is not begun, will replace."""

    def _is_worth(self, seconds: float) -> bool:
        """Return whether to go on with work that will take so long, though closing may wait.

        Where nobody knows how long, and it is infinite, closing waits a while all the same.
        """
        if seconds == inf:
            return self._indexes.goes_on_for(PATIENCE)
        return seconds <= PATIENCE or self._indexes.goes_on()

    def _ask(self, name: str, collection: Collection, job: Callable[[], None]) -> None:
        self._indexes.ask((name, collection.record.id), job)

    def after_write(self, collection: Collection) -> None:
        """Seal in the background when enough has grown; wait while far too much has."""
        rows = nbytes = 0
        for segment in list(collection.growing.values()):
            rows += segment.num_rows
            nbytes += segment.nbytes
        much = self._settings.seal_bytes
        if nbytes >= much or collection.log.size >= much or rows >= SEAL_ROWS:
            key = ("seal", collection.record.id)
            self._files.ask(key, lambda: self.seal(collection))
            self._hold_back(collection, key)
        elif collection.specs and collection.sealed and missing(collection):
            self.schedule_upkeep(collection)
        self.grow(collection)

    def grow(self, collection: Collection) -> None:
        """Bring graphs of what grows up to date in the background, where they lack many rows."""
        if behind(collection):
            self._graphs.ask(("grow", collection.record.id), lambda: self._extend(collection))

    def _extend(self, collection: Collection) -> None:
        if extend(collection, self._graphs.goes_on) and not collection.dropped:
            self.grow(collection)  # what is left comes after the other collections that wait

    def _hold_back(self, collection: Collection, sealing: tuple[str, int]) -> None:
        """Return when the rows that are not in files are few enough, or can't become fewer."""

        def is_fine() -> bool:
            return collection.unsealed <= self._settings.most_unsealed or not self._files.has(
                sealing
            )

        if not is_fine():
            with self._changed:
                self._changed.wait_for(is_fine)

    def seal(self, collection: Collection) -> None:
        """Seal what is growing now; returns when that is done."""
        with self._one_seal:
            rotate(collection)
            seal(collection)
        self.schedule_upkeep(collection)

    def build(self, collection: Collection) -> None:
        """Build missing indexes in the background."""
        self._ask("build", collection, lambda: self._build(collection))

    def _build(self, collection: Collection) -> None:
        build(collection, self._budget, self._is_needless)

    def _is_needless(self, segment: int) -> bool:
        """Return whether a segment is about to be merged, with an index of the whole then."""
        awaited = [*self._awaited.values()]
        return any(segment in segments for segments in awaited)

    def _run_upkeep(self, collection: Collection) -> None:
        try:
            if self._merge(collection):
                self.schedule_upkeep(collection)
        finally:
            # For which there may be room on the disk where merging has none.
            self._build(collection)
        for segment in list(collection.sealed.values()):
            segment.verify(self._indexes.goes_on)

    def _merge(self, collection: Collection) -> bool:
        """Merge what pays; return whether it may pay to merge what came of it."""
        if not is_true(collection.record.properties.get(AUTO_COMPACTION, "true")):
            return False
        groups = candidates(collection, self._settings.target_bytes, everything=False)
        for group in groups:
            needless = partial(self._are_needless, [segment.id for segment in group])
            if self._indexes.goes_on() and not needless():
                compact(collection, group, self._budget.unless(needless))
        return bool(groups)

    def _are_needless(self, segments: list[int]) -> bool:
        return all(self._is_needless(segment) for segment in segments)

    def schedule_upkeep(self, collection: Collection) -> None:
        """Merge segments, build missing indexes, check files: in the background, where it pays."""
        self._ask("upkeep", collection, lambda: self._run_upkeep(collection))

    def verify(self, collection: Collection) -> None:
        """Check large files that were opened unchecked, in the background."""

        def check() -> None:
            for segment in list(collection.sealed.values()):
                segment.verify(self._indexes.goes_on)

        self._ask("verify", collection, check)

    def compact(self, collection: Collection) -> int:
        """Merge all that may be merged, in the background, and return the job's id.

        Indexes of what it is going to merge, that are being built or wait to be, are given up: it
        builds one of the whole.
        """
        groups = candidates(collection, self._settings.target_bytes, everything=True)
        with self._changed:
            job = time.time_ns()
            self._awaited[job] = frozenset(s.id for group in groups for s in group)
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
        self._awaited.pop(job, None)
        try:
            groups = candidates(collection, self._settings.target_bytes, everything=True)
            plans.extend(compact(collection, group, self._budget) for group in groups)
            failed = 0
        except (MilvusException, OSError):
            # The caller learns it from the job's state, and may ask for another one.
            _LOGGER.exception("compaction %d failed", job)
            self.build(collection)
        finally:
            self._finished(job, failed, plans)
        if missing(collection):  # of what is too large to be merged, and was given up for it
            self.build(collection)

    def _finished(self, job: int, failed: int, plans: list[tuple[tuple[int, ...], int]]) -> None:
        with self._changed:
            if job not in self._compactions:
                return  # so many came after it that it was forgotten
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
        with self._changed:
            return self._compactions.get(job, unknown)

    def compactions(self, collection_id: int) -> list[CompactionInfo]:
        """Return the recent compaction jobs of a collection, oldest first."""
        with self._changed:
            known = self._compactions.items()
            return [info for job, info in known if self.sources[job] == collection_id]

    def lanes(self) -> tuple[LaneStatus, ...]:
        """Tell what runs and what waits, without waiting for either."""
        return tuple(lane.status() for lane in self._lanes)

    def wait_idle(self, timeout: float | None = None) -> None:
        """Return when nothing is under way and nothing waits.

        Raises:
            DeadlineExceededError: `timeout` seconds were not enough.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: all(x.is_idle for x in self._lanes), timeout):
                raise DeadlineExceededError(message="maintenance is still under way")

    def refresh(self, record: RefreshRecord, work: Callable[[Callable[[], bool]], None]) -> None:
        """Look at the files of an external collection in the background.

        Args:
            record: What is told of the job until `work` tells more.
            work: Does all of it, and stores what became of it; asks now and then, by what it is
                given, whether to go on.
        """
        number = record.job.job_id

        def run() -> None:
            try:
                work(self._files.goes_on)
            finally:
                self._refreshes.pop(number, None)

        self._refreshes[number] = record
        self._files.ask(("refresh", number), run)

    def tell_refresh(self, job: RefreshJob) -> None:
        """Note how far a refresh is that runs."""
        record = self._refreshes[job.job_id]
        self._refreshes[job.job_id] = msgspec.structs.replace(record, job=job)

    def refreshes(self) -> list[RefreshRecord]:
        """Return the refreshes that run or wait, as they are now."""
        return list(self._refreshes.values())

    def close(self) -> None:
        """Drop what waits, finish what is under way, and end the threads.

        Indexes that take much longer are given up; they are built when it is opened again.
        """
        for lane in self._lanes:
            lane.close()
