"""Processes that read and write at random see what one process alone would have seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.consistency import run
from tests.support.history import NEVER, Event, violations

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(120)
def test_reads_of_all_processes_are_linearizable(tmp_path: Path) -> None:
    outcome = run(tmp_path / "run", processes=3, reads=600)
    assert outcome.reads >= 600
    assert outcome.writes
    assert not outcome.stale
    assert not outcome.lost
    assert not outcome.twice


@pytest.mark.timeout(120)
def test_writes_are_made_once_whoever_is_killed(tmp_path: Path) -> None:
    outcome = run(tmp_path / "run", processes=3, reads=200, successions=2)
    assert len(outcome.takeovers) + len(outcome.restarts) == 2
    assert outcome.takeovers  # the first time all had the directory open
    assert not outcome.stale
    assert not outcome.lost
    assert not outcome.twice


@pytest.mark.timeout(120)
def test_a_leader_that_nobody_followed_is_no_succession(tmp_path: Path) -> None:
    outcome = run(tmp_path / "run", processes=1, reads=50, successions=2)
    assert not outcome.takeovers
    assert len(outcome.restarts) == 2
    assert not outcome.lost


def read(value: int, begin: int, end: int) -> Event:
    return Event("read", 0, value, begin, end)


def write(value: int, begin: int, end: int) -> Event:
    return Event("write", 0, value, begin, end)


@pytest.mark.parametrize(
    ("events", "is_possible"),
    [
        ([write(1, 0, 10), read(1, 11, 12)], True),
        ([write(1, 0, 10), read(0, 11, 12)], False),
        ([write(1, 0, 10), read(0, 1, 12)], True),
        ([write(1, 0, 10), read(1, 1, 2), read(0, 3, 4)], False),
        ([write(1, 0, NEVER), read(0, 20, 21)], True),
        ([write(1, 0, NEVER), read(1, 20, 21), read(0, 30, 31)], False),
        ([write(1, 0, 10), write(2, 0, 10), read(1, 11, 12), read(2, 13, 14)], False),
        ([write(1, 0, 10), write(2, 0, 10), read(2, 11, 12), read(2, 13, 14)], True),
        ([read(3, 0, 1)], False),
        ([read(1, 0, 1), write(1, 2, 3)], False),
    ],
)
def test_a_stale_read_is_found_in_a_history(events: list[Event], is_possible: bool) -> None:
    assert (violations(events) == []) is is_possible
