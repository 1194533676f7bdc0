"""Metrics are written as Prometheus' own library writes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Enum,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    Summary,
    generate_latest,
)
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from aiomilvus.server import exposition
from aiomilvus.server.exposition import Exposition

if TYPE_CHECKING:
    from prometheus_client.core import Metric


class Still(Collector):
    """Tells what was collected before."""

    def __init__(self, families: list[Metric]) -> None:
        self.families = families

    def collect(self) -> list[Metric]:
        return self.families


@pytest.fixture
def registry() -> CollectorRegistry:
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    Counter("calls", "How many\ncalls \\ so far.", ("method",), registry=made).labels("a").inc(3)
    Histogram("seconds", "How long.", ("method",), registry=made).labels('q"uo\\te\n').observe(0.2)
    Summary("sizes", "How large.", registry=made).observe(7)
    Info("who", "Who.", registry=made).info({"version": "1.0", "name": "ä"})
    Enum("state", "Which.", states=["up", "down"], registry=made).state("down")
    gauge = Gauge("level", "How high.", ("of",), registry=made)
    for number, value in enumerate((0, -1.5, 1e9, 123456789.25, math.inf, -math.inf)):
        gauge.labels(str(number)).set(value)
    return made


def test_what_is_written_is_read_as_what_the_library_writes(registry: CollectorRegistry) -> None:
    ours = Exposition()
    for _ in range(2):  # the second time from what is kept
        families = list(registry.collect())

        text = ours.text(families).decode()
        still = CollectorRegistry()
        still.register(Still(families))
        wanted = generate_latest(still).decode()
        assert list(text_string_to_metric_families(text)) == list(
            text_string_to_metric_families(wanted)
        )
        heads = [line for line in text.splitlines() if line.startswith("#")]
        assert heads == [line for line in wanted.splitlines() if line.startswith("#")]


def test_a_number_that_is_none_is_written(registry: CollectorRegistry) -> None:
    Gauge("nothing", "Unknown.", registry=registry).set(math.nan)
    assert b"\nnothing NaN\n" in Exposition().text(registry.collect())


def test_what_is_kept_is_bounded(
    registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposition, "_MOST_KEPT", 5)
    ours = Exposition()
    first, second = ours.text(registry.collect()), ours.text(registry.collect())
    assert len(ours._begun) <= 5
    assert first.count(b"\n") == second.count(b"\n")


def test_a_gauge_with_many_lines_is_written_as_the_library_writes_it() -> None:
    ours = Exposition()
    labels = ("database", "of")
    for keys in ([("a", "x"), ("a", 'q"uo\\te\n')], [("a", "x")], [("b", "x"), ("a", "x")], []):
        registry = CollectorRegistry()
        gauge = Gauge("rows", "How\nmany.", labels, registry=registry)
        for number, key in enumerate(keys):
            gauge.labels(*key).set(number)
        text = ours.gauge("rows", "How\nmany.", labels, keys, range(len(keys)))
        wanted = generate_latest(registry).decode()
        assert list(text_string_to_metric_families(text.decode())) == list(
            text_string_to_metric_families(wanted)
        )
