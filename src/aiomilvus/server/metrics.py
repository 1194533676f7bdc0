"""`/metrics`: what Prometheus is told, gathered when it asks.

The engine is asked once per scrape, in a thread; nothing that a read or a write waits for is
locked meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

from aiomilvus.model.operations.status import GetStatus
from aiomilvus.server.calls import SHARED
from aiomilvus.server.exposition import Exposition
from aiomilvus.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from prometheus_client.core import Metric

    from aiomilvus.client.backends.embedded.asynchronous import AsyncEmbedded
    from aiomilvus.model.status import CollectionStatus, EngineStatus
    from aiomilvus.server.service import Service

MOST_COLLECTIONS = 1000
"""With more collections than this, each database has one line in place of one per collection."""
_LABELS = ("database", "collection")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PER_COLLECTION: tuple[tuple[str, str, Callable[[CollectionStatus], int]], ...] = (
    ("aiomilvus_rows", "Rows that are not deleted.", lambda one: one.rows),
    ("aiomilvus_growing_rows", "Rows in growing segments.", lambda one: one.growing_rows),
    (
        "aiomilvus_deleted_rows",
        "Deleted rows that still take room.",
        lambda one: one.deleted_rows,
    ),
    ("aiomilvus_sealed_bytes", "Bytes of sealed segments' files.", lambda one: one.sealed_bytes),
    (
        "aiomilvus_indexed_rows",
        "Rows that indexes together are built over.",
        lambda one: one.indexed_rows,
    ),
    (
        "aiomilvus_pending_rows",
        "Rows that indexes are still to be built over.",
        lambda one: one.pending_rows,
    ),
)


class Metrics:
    """Gathers what a scrape tells.

    Args:
        service: Counts the calls.
        backend: The embedded database's.
    """

    def __init__(self, service: Service, backend: AsyncEmbedded) -> None:
        self._registry = CollectorRegistry()
        self._service = service
        self._backend = backend
        self._status: EngineStatus | None = None
        self._exposition = Exposition()
        self._writing = threading.Lock()
        # Of several workers whichever is asked answers: what is its own has its process as a label.
        self._process = (str(os.getpid()),) if SHARED in os.environ else ()
        if not self._process:
            ProcessCollector(registry=self._registry)
        self._registry.register(self)

    async def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        self._status = await self._backend.execute(GetStatus(), None)
        return await asyncio.to_thread(self._told)

    def _told(self) -> bytes:
        with self._writing, self._service.calls.summed_up() as counted:  # scrapes may meet
            told = [self._exposition.text(chain(counted.collect(), self._registry.collect()))]
            if self._status is not None:
                told += self._of_collections(self._status.collections)
            return b"".join(told)

    def _of_collections(self, collections: Sequence[CollectionStatus]) -> Iterator[bytes]:
        if len(collections) <= MOST_COLLECTIONS:
            keys = [(each.db, each.name) for each in collections]
            for name, text, value_of in _PER_COLLECTION:
                values = map(value_of, collections)
                yield self._exposition.gauge(name, text, _LABELS, keys, values)
            return
        for name, text, value_of in _PER_COLLECTION:
            sums = Counter[str]()
            for each in collections:
                sums[each.db] += value_of(each)
            keys = [(db, "") for db in sums]
            yield self._exposition.gauge(name, text, _LABELS, keys, sums.values())

    def collect(self) -> Iterator[Metric]:
        """Yield what is measured only when it is asked for; Prometheus' library calls this."""
        yield InfoMetricFamily("aiomilvus", "Who answers.", {"version": __version__})
        searches, writes = self._backend.queued()
        yield self._one("calls_under_way", "Calls being carried out.", self._service.under_way)
        yield self._one("searches_waiting", "Searches that wait for a thread.", searches)
        yield self._one("writes_under_way", "Writes that run or wait.", writes)
        if self._status is not None:
            yield from _of_engine(self._status)

    def _one(self, name: str, text: str, value: float) -> Metric:
        labels = ("process",) if self._process else ()
        family = GaugeMetricFamily(f"aiomilvus_{name}", text, labels=labels)
        family.add_metric(self._process, value)
        return family


def _of_engine(status: EngineStatus) -> Iterator[Metric]:
    counts = GaugeMetricFamily("aiomilvus_collections", "Collections.", labels=("database",))
    held = Counter(each.db for each in status.collections)
    for db in status.databases:
        counts.add_metric((db,), held[db])
    yield counts
    segments = GaugeMetricFamily("aiomilvus_segments", "Segments.", labels=("state",))
    segments.add_metric(("growing",), sum(each.growing for each in status.collections))
    segments.add_metric(("sealed",), sum(each.sealed for each in status.collections))
    yield segments
    jobs = GaugeMetricFamily(
        "aiomilvus_maintenance_jobs", "Work beside reads and writes.", labels=("lane", "state")
    )
    for lane in status.lanes:
        jobs.add_metric((lane.name, "waiting"), lane.waiting)
        jobs.add_metric((lane.name, "running"), lane.running)
        jobs.add_metric((lane.name, "refused"), lane.refused)
    yield jobs
