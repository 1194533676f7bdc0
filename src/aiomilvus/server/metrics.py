"""`/metrics`: what Prometheus is told, gathered when it asks.

The engine is asked once per scrape, in a thread; nothing that a read or a write waits for is
locked meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import threading
from itertools import chain
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

from aiomilvus.model.operations.status import GetStatus
from aiomilvus.server.calls import SHARED
from aiomilvus.server.exposition import Exposition
from aiomilvus.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.core import Metric

    from aiomilvus.client.backends.embedded.asynchronous import AsyncEmbedded
    from aiomilvus.model.status import CollectionStatus, EngineStatus
    from aiomilvus.server.service import Service

MOST_COLLECTIONS = 1000
"""With more collections than this, each database has one line in place of one per collection."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PER_COLLECTION: tuple[tuple[str, str, Callable[[CollectionStatus], int]], ...] = (
    ("rows", "Rows that are not deleted.", lambda one: one.rows),
    ("growing_rows", "Rows in growing segments.", lambda one: one.growing_rows),
    ("deleted_rows", "Deleted rows that still take room.", lambda one: one.deleted_rows),
    ("sealed_bytes", "Bytes of sealed segments' files.", lambda one: one.sealed_bytes),
    (
        "indexed_rows",
        "Rows that indexes together are built over.",
        lambda one: one.indexed_rows,
    ),
    ("pending_rows", "Rows that indexes are still to be built over.", lambda one: one.pending_rows),
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
            return self._exposition.text(chain(counted.collect(), self._registry.collect()))

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
    for db in status.databases:
        counts.add_metric((db,), sum(each.db == db for each in status.collections))
    yield counts
    segments = GaugeMetricFamily("aiomilvus_segments", "Segments.", labels=("state",))
    segments.add_metric(("growing",), sum(each.growing for each in status.collections))
    segments.add_metric(("sealed",), sum(each.sealed for each in status.collections))
    yield segments
    yield from _of_collections(status.collections)
    jobs = GaugeMetricFamily(
        "aiomilvus_maintenance_jobs", "Work beside reads and writes.", labels=("lane", "state")
    )
    for lane in status.lanes:
        jobs.add_metric((lane.name, "waiting"), lane.waiting)
        jobs.add_metric((lane.name, "running"), lane.running)
        jobs.add_metric((lane.name, "refused"), lane.refused)
    yield jobs


def _of_collections(collections: tuple[CollectionStatus, ...]) -> Iterator[Metric]:
    few = len(collections) <= MOST_COLLECTIONS
    for name, text, value_of in _PER_COLLECTION:
        values: dict[tuple[str, str], int] = {}
        for each in collections:
            key = (each.db, each.name if few else "")
            values[key] = values.get(key, 0) + value_of(each)
        family = GaugeMetricFamily(f"aiomilvus_{name}", text, labels=("database", "collection"))
        for labels, value in values.items():
            family.add_metric(labels, value)
        yield family
