"""Histories of reads and writes of several processes, and whether one order explains them.

Each key is a register: a write puts a value that no other write has, a read returns one. For
such registers linearizability is decided in a sorted pass (Gibbons and Korach, "Testing shared
memories", 1997). All that was done with a value has to be placed between two moments: the
earliest end and the latest begin of its operations. If the end comes first, the register has to
have the value in between ("forward"); two such stretches may not overlap, and nothing else may
have to be placed within one.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

NEVER = 1 << 62
"""When a write ended whose process was killed before it was told."""


class Event(NamedTuple):
    """A read or a write.

    Attributes:
        kind: Which.
        key: The register.
        value: What was read or written; 0 is what a register has at first.
        begin: When it was asked for, in nanoseconds of the machine's clock.
        end: When it was answered.
    """

    kind: Literal["read", "write"]
    key: int
    value: int
    begin: int
    end: int


class _Stretch(NamedTuple):
    value: int
    first_end: int
    last_begin: int

    @property
    def is_forward(self) -> bool:
        return self.first_end < self.last_begin


def violations(events: Iterable[Event]) -> list[str]:
    """Return what no order of the operations explains, one line for each; [] if one does."""
    by_key: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        by_key[event.key].append(event)
    return [text for key, found in by_key.items() for text in _of_register(key, found)]


def _of_register(key: int, events: list[Event]) -> list[str]:
    written = {event.value: event for event in events if event.kind == "write"}
    written[0] = Event("write", key, 0, -1, -1)
    found: list[str] = []
    clusters: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind == "read":
            if event.value not in written:
                found.append(f"register {key}: {event.value} was read, but never written")
                continue
            if event.end < written[event.value].begin:
                found.append(f"register {key}: {event.value} was read before it was written")
            clusters[event.value].append(event)
    for value, write in written.items():
        if write.end != NEVER or value in clusters:
            clusters[value].append(write)
    stretches = [
        _Stretch(value, min(e.end for e in each), max(e.begin for e in each))
        for value, each in clusters.items()
    ]
    return found + _conflicts(key, stretches)


def _conflicts(key: int, stretches: list[_Stretch]) -> list[str]:
    forward = sorted((s for s in stretches if s.is_forward), key=lambda s: s.first_end)
    found = [
        f"register {key}: {a.value} and {b.value} were current at once"
        for a, b in pairwise(forward)
        if b.first_end < a.last_begin
    ]
    for point in (s for s in stretches if not s.is_forward):
        found += [
            f"register {key}: {point.value} was there only while {s.value} was current"
            for s in forward
            if s.first_end < point.last_begin and point.first_end < s.last_begin
        ]
    return found
