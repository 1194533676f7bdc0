"""Metrics as Prometheus reads them: its text format, version 0.0.4.

Prometheus' library writes the same, but checks and quotes each line's labels each time, which
takes most of a scrape. What a line begins with never changes, so here it is kept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prometheus_client.core import Metric
    from prometheus_client.samples import Sample

_MOST_KEPT = 20_000
"""Beginnings of lines; collections come and go."""
_ENDINGS = {"counter": "_total", "info": "_info"}
_KINDS = {"info": "gauge", "stateset": "gauge", "unknown": "untyped"}
_APART = "_created"
"""Samples that this format has as metrics of their own."""


class Exposition:
    """Writes metrics; used by one thread at a time."""

    def __init__(self) -> None:
        self._begun: dict[tuple[str, ...], str] = {}
        self._lines: dict[str, tuple[Sequence[tuple[str, ...]], Sequence[str]]] = {}

    def text(self, families: Iterable[Metric]) -> bytes:
        """Return metrics in the text format."""
        lines: list[str] = []
        for family in families:
            name = family.name + _ENDINGS.get(family.type, "")
            lines.append(_head(name, family.documentation, _KINDS.get(family.type, family.type)))
            apart = family.name + _APART
            created: list[str] = []
            for sample in family.samples:
                line = f"{self._begin(sample)} {_number(sample.value)}\n"
                (created if sample.name == apart else lines).append(line)
            if created:
                lines += [_head(apart, family.documentation, "gauge"), *created]
        return "".join(lines).encode()

    def gauge(
        self,
        name: str,
        text: str,
        labels: tuple[str, ...],
        keys: Sequence[tuple[str, ...]],
        values: Iterable[int],
    ) -> bytes:
        """Return one gauge with many lines, which as the library's objects would take far longer.

        Args:
            name: Of the gauge.
            text: What it is.
            labels: Their names.
            keys: Each line's values of the labels.
            values: Each line's value.
        """
        known, begun = self._lines.get(name, ((), ()))
        if known != keys:
            begun = [_beginning(name, zip(labels, key, strict=True)) for key in keys]
            self._lines[name] = (keys, begun)
        lines = [f"{begin} {value}\n" for begin, value in zip(begun, values, strict=True)]
        return "".join((_head(name, text, "gauge"), *lines)).encode()

    def _begin(self, sample: Sample) -> str:
        key = (sample.name, *sample.labels.values())
        begun = self._begun.get(key)
        if begun is None:
            if len(self._begun) >= _MOST_KEPT:
                self._begun.clear()
            begun = self._begun[key] = _beginning(sample.name, sample.labels.items())
        return begun


def _beginning(name: str, labels: Iterable[tuple[str, str]]) -> str:
    """Return what a line begins with."""
    written = [f'{label}="{_quoted(value)}"' for label, value in labels]
    return f"{name}{{{','.join(written)}}}" if written else name


def _head(name: str, text: str, kind: str) -> str:
    escaped = text.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {name} {escaped}\n# TYPE {name} {kind}\n"


def _quoted(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    if math.isfinite(value):
        return str(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
